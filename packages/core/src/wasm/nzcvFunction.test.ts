import { expect, it } from 'vitest';
import { flagCases } from '../ir/testing/flagCases.ts';
import { ModuleBuilder } from './module.ts';
import { NZCV_PARAMS, nzcvFunction } from './nzcvFunction.ts';

it('agrees with nzcvOf for every kind at the edges', () => {
  const module = new ModuleBuilder(1, false);
  module.add(module.type(NZCV_PARAMS, ['i32']), nzcvFunction(), 'nzcvOf');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory } });
  const computed = exports.nzcvOf as (kind: number, a: bigint, b: bigint, c: number) => number;
  for (const { packed, a, b, c, nzcv } of flagCases()) expect(computed(packed, a, b, c), `kind ${packed} of ${a}, ${b}, ${c}`).toBe(nzcv);
});
