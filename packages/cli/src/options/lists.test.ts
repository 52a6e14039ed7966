import { expect, it } from 'vitest';
import { splitList } from './lists.ts';

it('splits lists at commas, but not within names of C++', () => {
  expect(splitList('main,f(int, char),std::map<int, char>::at')).toEqual(['main', 'f(int, char)', 'std::map<int, char>::at']);
  expect(splitList('operator<,main')).toEqual(['operator<', 'main']);
  expect(splitList('a,,')).toEqual(['a', '', '']);
});
