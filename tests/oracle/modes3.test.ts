import { testModes } from './modes.ts';

testModes(2, 4);
