import { expect, it } from 'vitest';
import { demangle } from './demangle.ts';

it.each([
  ['main', 'main'],
  ['_ZN6shapes3BoxIlE5twiceERKl', 'shapes::Box<long>::twice(long const&)'],
  ['_ZN4core3fmt9Formatter3pad17h0123456789abcdefE', 'core::fmt::Formatter::pad'],
  ['_RNvCs1234_7mycrate3foo', 'mycrate::foo'],
  ['_Znonsense', '_Znonsense'],
  ['_start', '_start'],
])('demangles %s', (name, expected) => {
  expect(demangle(name)).toBe(expected);
});
