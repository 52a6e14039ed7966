import { testModes } from './modes.ts';

testModes(3, 4);
