import { expect, it } from 'vitest';
import { FlagKind, nzcvOf, packFlagKind } from '../ir/index.ts';
import { ModuleBuilder } from './module.ts';
import { NZCV_PARAMS, nzcvFunction } from './nzcvFunction.ts';

it('agrees with nzcvOf for every kind at the edges', () => {
  const module = new ModuleBuilder(1, false);
  module.add(module.type(NZCV_PARAMS, ['i32']), nzcvFunction(), 'nzcvOf');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory } });
  const computed = exports.nzcvOf as (kind: number, a: bigint, b: bigint, c: number) => number;
  const edges = [
    0n,
    1n,
    0x7fff_ffffn,
    0x8000_0000n,
    0xffff_ffffn,
    0x1_0000_0000n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    0x3ff0n << 48n,
    0x7ff8n << 48n,
    0x7fc0_0000n,
  ];
  for (const kind of Object.values(FlagKind)) {
    for (const a of edges) {
      for (const b of edges) {
        for (const [conditional, c] of [
          [false, 0],
          [true, 0],
          [true, 1],
        ] as const) {
          const packed = packFlagKind(kind, conditional, 9);
          expect(computed(packed, a, b, c), `kind ${kind} of ${a}, ${b}`).toBe(nzcvOf(packed, a, b, c));
        }
      }
    }
  }
});
