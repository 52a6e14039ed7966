import { FunctionBody } from './functionBody.ts';
import { ModuleBuilder } from './module.ts';
import { CODE } from './opcodes.ts';

/**
 * A module whose exports `single` and `double` give fma(x, x, -(x * x)) for x = 1 + 2^-20 (f32) and 1 + 2^-40 (f64):
 * not 0 if relaxed_madd is fused.
 */
export function probeModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(undefined, false);
  for (const [name, type, lanes, x] of [
    ['single', 'f32', 'f32x4', [0x3f80_0008]],
    ['double', 'f64', 'f64x2', [0x1000, 0x3ff0_0000]],
  ] as const) {
    const body = new FunctionBody();
    body.reset([]);
    const push = (): void => {
      body.op(CODE[`${type}.const`]);
      for (const word of x) body.code.fixed32(word);
      body.op(CODE[`${lanes}.splat`]);
    };
    push();
    push();
    push();
    push();
    body.op(CODE[`${lanes}.mul`]);
    body.op(CODE[`${lanes}.neg`]);
    body.op(CODE[`${lanes}.relaxed_madd`]);
    body.op(CODE[`${lanes}.extract_lane`]);
    body.code.byte(0);
    module.add(module.type([], [type]), body, name);
  }
  return module.finish();
}
