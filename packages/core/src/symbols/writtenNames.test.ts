import { expect, it } from 'vitest';
import { SymbolType } from '../linux/elf/index.ts';
import { writtenNames } from './writtenNames.ts';

it('finds functions by what was written', () => {
  const written: Readonly<Record<string, string>> = { _Z1fi: 'f(int)', _Z1fc: 'f(char)', _ZNKcl: 'A::operator()(int) const', _R: 'alloc::vec' };
  const symbols = Object.keys(written).map((name, address) => ({ name, address, size: 4, type: SymbolType.function }));
  const names = writtenNames([...symbols, { name: 'plain', address: 9, size: 4, type: SymbolType.function }], (name) => written[name] ?? name);
  const addressOf = (name: string): number | undefined => names.get(name)?.address;
  expect(['f(int)', 'f(char)', 'f', 'A::operator()', 'A::operator()(int) const', 'alloc::vec', 'plain'].map(addressOf)).toEqual([0, 1, 0, 2, 2, 3, undefined]);
});
