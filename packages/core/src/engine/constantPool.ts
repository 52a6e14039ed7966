import type { VectorOptions } from '../wasm/index.ts';
import type { HostFeatures } from './hostFeatures.ts';
import { CONSTANTS, CONSTANTS_END, type LinearMemory } from './linearMemory.ts';

const PLACES = (CONSTANTS_END - CONSTANTS) / 16;

/**
 * Vector constants of generated code, in linear memory: engines make a constant in place by four instructions at each
 * use, in loops as well, where a load is one. Zero and all ones they make by one.
 */
export class ConstantPool {
  /** Keys of what is there, by place. */
  private readonly keys = new Map<number, string>();

  constructor(private readonly memory: Pick<LinearMemory, 'bytes'>) {}

  /** Linear offset of 16 bytes equal to `bytes`; undefined where there is no room or no use for them. */
  offsetOf(bytes: Uint8Array): number | undefined {
    const first = bytes[0];
    if ((first === 0 || first === 255) && bytes.every((byte) => byte === first)) return undefined;
    const key = String.fromCharCode(...bytes);
    let hash = 0;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x9e37_79b1) ^ (hash >>> 15);
    // The same place in every run, as far as there is no other, for what an earlier one has made of code.
    for (let i = 0; i < PLACES; i++) {
      const place = ((hash >>> 0) + i) % PLACES;
      const offset = CONSTANTS + 16 * place;
      const there = this.keys.get(place);
      if (there === key) return offset;
      if (there !== undefined) continue;
      this.keys.set(place, key);
      this.memory.bytes.set(bytes, offset);
      return offset;
    }
    return undefined;
  }
}

/** How vector ops are lowered on this host. @param disabled names in OPTIMISATIONS */
export function vectorOptions(memory: LinearMemory, disabled: ReadonlySet<string>, { relaxedSimd }: HostFeatures): VectorOptions {
  const pool = new ConstantPool(memory);
  return {
    relaxedSwizzle: !disabled.has('relaxed-swizzle') && relaxedSimd,
    constantOffset: disabled.has('constant-pool') ? () => undefined : (bytes) => pool.offsetOf(bytes),
  };
}
