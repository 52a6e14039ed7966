import { BOUNCE, FINGERPRINT_FACTORS, FINGERPRINT_SHIFT } from '../base/index.ts';
import type { FunctionBody } from './functionBody.ts';
import { FunctionWriter } from './functionWriter.ts';

export const FINGERPRINT_PARAMS = ['i32', 'i32'] as const;

/**
 * The Wasm function (at: i32, end: i32), which leaves the four sums of `fingerprint` (base/fingerprint.ts), of the words from
 * linear offset `at` to `end`, at BOUNCE. A program's code is summed before it first runs, when V8 has not optimised JavaScript.
 */
export function fingerprintFunction(): FunctionBody {
  const f = new FunctionWriter(FINGERPRINT_PARAMS);
  const [at, end] = [0, 1];
  const sums = FINGERPRINT_FACTORS.map((factor, n) => ({ local: f.body.local('i32'), factor, n }));
  for (const { local, n } of sums) f.set(local, f.i32(n + 1));
  f.while(f.op('i32.lt_u', f.get(at), f.get(end)), () => {
    for (const { local, factor, n } of sums) {
      const sum = f.get(local);
      f.set(local, f.op('i32.mul', f.op('i32.xor', sum, f.load(f.get(at), 4 * n)), f.i32(factor | 0)));
      f.set(local, f.op('i32.xor', sum, f.op('i32.shr_u', sum, f.i32(FINGERPRINT_SHIFT))));
    }
    f.add(at, f.i32(16));
  });
  for (const { local, n } of sums) f.store(f.i32(BOUNCE), f.get(local), 4 * n);
  return f.body;
}
