import { testPrograms } from './everyProgram.ts';

testPrograms(0, 2);
