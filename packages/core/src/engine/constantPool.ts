import type { VectorOptions } from '../wasm/index.ts';
import type { HostFeatures } from './hostFeatures.ts';
import { CONSTANTS, CONSTANTS_END, type LinearMemory } from './linearMemory.ts';

/**
 * Vector constants of generated code, in linear memory: engines make a constant in place by four instructions at each
 * use, in loops as well, where a load is one. Zero and all ones they make by one.
 */
export class ConstantPool {
  private readonly offsets = new Map<string, number>();
  private end = CONSTANTS;

  constructor(private readonly memory: LinearMemory) {}

  /** Linear offset of 16 bytes equal to `bytes`; undefined where there is no room or no use for them. */
  offsetOf(bytes: Uint8Array): number | undefined {
    const first = bytes[0];
    if ((first === 0 || first === 255) && bytes.every((byte) => byte === first)) return undefined;
    const key = String.fromCharCode(...bytes);
    const known = this.offsets.get(key);
    if (known !== undefined) return known;
    if (this.end === CONSTANTS_END) return undefined;
    const offset = this.end;
    this.end += 16;
    this.memory.bytes.set(bytes, offset);
    this.offsets.set(key, offset);
    return offset;
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
