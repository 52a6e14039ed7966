import { testModes } from './modes.ts';

testModes(0, 4);
