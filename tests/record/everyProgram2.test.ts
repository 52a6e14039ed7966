import { testPrograms } from './everyProgram.ts';

testPrograms(1, 2);
