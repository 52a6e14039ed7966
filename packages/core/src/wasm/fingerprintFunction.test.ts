import { expect, it } from 'vitest';
import { BOUNCE, fingerprint, fingerprintText } from '../base/index.ts';
import { FINGERPRINT_PARAMS, fingerprintFunction } from './fingerprintFunction.ts';
import { ModuleBuilder } from './module.ts';

it('sums as fingerprint does', () => {
  const pages = (BOUNCE >>> 16) + 1;
  const module = new ModuleBuilder(pages, false);
  module.add(module.type(FINGERPRINT_PARAMS, []), fingerprintFunction(), 'fingerprint');
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), { env: { memory } });
  const words = new Uint32Array(memory.buffer, 0, 1024).map((_, i) => Math.imul(i, 0x9e37_79b1) ^ (i << 20));
  new Uint32Array(memory.buffer, 0, 1024).set(words);
  (exports.fingerprint as (at: number, end: number) => void)(0, 4096);
  expect(fingerprintText([...new Int32Array(memory.buffer, BOUNCE, 4)])).toBe(fingerprint(words));
});
