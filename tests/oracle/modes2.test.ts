import { testModes } from './modes.ts';

testModes(1, 4);
