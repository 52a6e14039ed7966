import type { Value } from '../../../ir/index.ts';
import type { Translate } from './simdForms.ts';
import { clip, fromI64, shuffleElements, splatValue, unzip, type V, withElement } from './simdLanes.ts';
import type { A64Translator } from './translator.ts';

/**
 * LD1 to LD4 and ST1 to ST4. Structures of 2 to 4 elements lie in memory one after the other; each register gets one
 * element of each structure. Memory is accessed in as few loads and stores as there are, and all loads come before any
 * register is set, so that a fault leaves the registers as they were.
 */
interface Addressing {
  /** 1: the base register is written back. */
  readonly post: number;
  /** The register to add with `post`, or 31 for the number of bytes accessed. */
  readonly rm: number;
  readonly rn: number;
  readonly rt: number;
}
interface Multiple extends Addressing {
  readonly q: number;
  readonly size: number;
}

function writeBack(t: A64Translator, { post, rm, rn }: Addressing, base: Value<'i64'>, bytes: number): void {
  if (post) t.setXOrSp(rn, t.ir.i64_add(base, rm === 31 ? t.ir.i64_const(bytes) : t.x(rm)));
}

const at = (t: A64Translator, base: Value<'i64'>, offset: number): Value<'i64'> => (offset === 0 ? base : t.ir.i64_add(base, t.ir.i64_const(offset)));

/** Where a byte comes from: the number of a vector, and the byte's number in it. */
type ByteSource = readonly [vector: number, byte: number];

/** Collects a vector from several ones: each shuffle brings in the bytes of one more of them. */
function gather(t: A64Translator, sources: readonly V[], source: (byte: number) => ByteSource): V {
  let result = sources[0] as V;
  for (let k = 1; k < sources.length; k++) {
    const lane = (i: number): number => {
      const [vector, byte] = source(i);
      return vector === k ? 16 + byte : vector === 0 && k === 1 ? byte : i;
    };
    result = shuffleElements(t.ir, 0, result, sources[k] as V, lane);
  }
  return result;
}

/** Splits structures of three elements. */
function takeThird(t: A64Translator, size: number, memory: readonly V[], register: number): V {
  return gather(t, memory, (i) => {
    const byte = ((3 * (i >> size) + register) << size) | (i & ((1 << size) - 1));
    // bytes past the last source are those of a 64-bit vector's upper half
    return byte < 16 * memory.length ? [byte >> 4, byte & 15] : [0, 0];
  });
}

function deinterleave(t: A64Translator, size: number, elements: number, memory: readonly V[]): V[] {
  const [first, second = first] = memory as [V, V?];
  switch (elements) {
    case 1:
      return [...memory];
    case 2:
      return [unzip(t.ir, size, 0, first, second), unzip(t.ir, size, 1, first, second)];
    case 3:
      return [0, 1, 2].map((register) => takeThird(t, size, memory, register));
    default: {
      const [even, odd] = deinterleave(t, size, 2, memory.slice(0, 2)) as [V, V];
      const [nextEven, nextOdd] = memory.length === 4 ? (deinterleave(t, size, 2, memory.slice(2)) as [V, V]) : [even, odd];
      const [a, c] = deinterleave(t, size, 2, [even, nextEven]) as [V, V];
      const [b, d] = deinterleave(t, size, 2, [odd, nextOdd]) as [V, V];
      return [a, b, c, d];
    }
  }
}

/** The elements of the low, then of the high halves of a and b in turn. */
function zipAll(t: A64Translator, size: number, a: V, b: V): [V, V] {
  const count = 16 >> size;
  const zip = (part: number): V => shuffleElements(t.ir, size, a, b, (i) => ((i + part * count) >> 1) + (i & 1) * count);
  return [zip(0), zip(1)];
}

/** Vectors as they lie in memory; of 64-bit registers (Q = 0), those beyond the structures' bytes hold nothing of use. */
function interleave(t: A64Translator, size: number, q: number, registers: readonly V[]): V[] {
  const [a, b, c, d] = registers as [V, V, V, V];
  switch (registers.length) {
    case 1:
      return [a];
    case 2:
      return zipAll(t, size, a, b);
    case 3:
      return [0, 1, 2].slice(0, q ? 3 : 2).map((k) =>
        gather(t, registers, (i) => {
          const element = (16 * k + i) >> size;
          return [element % 3, ((Math.floor(element / 3) << size) | (i & ((1 << size) - 1))) & 15];
        }),
      );
    default: {
      const [low, high] = zipAll(t, size, a, c);
      const [nextLow, nextHigh] = zipAll(t, size, b, d);
      return q ? [...zipAll(t, size, low, nextLow), ...zipAll(t, size, high, nextHigh)] : zipAll(t, size, low, nextLow);
    }
  }
}

function loadBytes(t: A64Translator, base: Value<'i64'>, bytes: number): V[] {
  const memory: V[] = [];
  for (let offset = 0; offset < bytes; offset += 16) {
    const address = at(t, base, offset);
    memory.push(bytes - offset >= 16 ? t.ir.v128_load(address) : fromI64(t.ir, t.ir.i64_load(address)));
  }
  return memory;
}

function storeBytes(t: A64Translator, base: Value<'i64'>, bytes: number, memory: readonly V[]): void {
  for (let offset = 0; offset < bytes; offset += 16) {
    const address = at(t, base, offset);
    const vector = memory[offset >> 4] as V;
    if (bytes - offset >= 16) t.ir.v128_store(address, vector);
    else t.ir.i64_store(address, t.ir.i64x2_extract_lane(vector, 0));
  }
}

const registerNumber = (rt: number, index: number): number => (rt + index) & 31;

/** LD1 of 1 to 4 registers: no structures. */
export const loadRegisters =
  (count: number): Translate<Multiple> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const width = f.q ? 16 : 8;
    const values = Array.from({ length: count }, (_, i) => loadBytes(t, at(t, base, i * width), width)[0] as V);
    for (const [i, value] of values.entries()) t.setV(registerNumber(f.rt, i), value);
    writeBack(t, f, base, count * width);
  };

export const storeRegisters =
  (count: number): Translate<Multiple> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const width = f.q ? 16 : 8;
    for (let i = 0; i < count; i++) storeBytes(t, at(t, base, i * width), width, [t.v(registerNumber(f.rt, i))]);
    writeBack(t, f, base, count * width);
  };

/** LD2, LD3, LD4. */
export const loadStructures =
  (elements: number): Translate<Multiple> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const width = f.q ? 16 : 8;
    const values = deinterleave(t, f.size, elements, loadBytes(t, base, elements * width));
    for (const [i, value] of values.entries()) t.setV(registerNumber(f.rt, i), clip(t.ir, width, value));
    writeBack(t, f, base, elements * width);
  };

/** ST2, ST3, ST4. */
export const storeStructures =
  (elements: number): Translate<Multiple> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const registers = Array.from({ length: elements }, (_, i) => t.v(registerNumber(f.rt, i)));
    const bytes = elements * (f.q ? 16 : 8);
    storeBytes(t, base, bytes, interleave(t, f.size, f.q, registers));
    writeBack(t, f, base, bytes);
  };

// One structure: to or from one element of each register, or to all elements

function loadElement(t: A64Translator, size: number, address: Value<'i64'>): Value<'i64'> {
  switch (size) {
    case 0:
      return t.ir.i64_load8_u(address);
    case 1:
      return t.ir.i64_load16_u(address);
    case 2:
      return t.ir.i64_load32_u(address);
    default:
      return t.ir.i64_load(address);
  }
}

function storeElement(t: A64Translator, size: number, address: Value<'i64'>, vector: V, index: number): void {
  switch (size) {
    case 0:
      return t.ir.i32_store8(address, t.ir.i8x16_extract_lane_u(vector, index));
    case 1:
      return t.ir.i32_store16(address, t.ir.i16x8_extract_lane_u(vector, index));
    case 2:
      return t.ir.i32_store(address, t.ir.i32x4_extract_lane(vector, index));
    default:
      return t.ir.i64_store(address, t.ir.i64x2_extract_lane(vector, index));
  }
}

/** Upper bits of the opcode: the size of elements below doublewords. Their index is Q:S:size without the bits that must be 0. */
interface Single extends Addressing {
  readonly q: number;
  readonly scale: number;
  readonly s: number;
  readonly size: number;
}

function elementOf({ q, scale, s, size }: Single): { elementSize: number; index: number } {
  if (scale === 2 && size === 1) return { elementSize: 3, index: q };
  return { elementSize: scale, index: ((q << 3) | (s << 2) | size) >> scale };
}

export const loadSingle =
  (elements: number): Translate<Single> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const { elementSize, index } = elementOf(f);
    const values = Array.from({ length: elements }, (_, i) => loadElement(t, elementSize, at(t, base, i << elementSize)));
    for (const [i, value] of values.entries()) {
      const register = registerNumber(f.rt, i);
      t.setV(register, withElement(t.ir, elementSize, t.v(register), index, value));
    }
    writeBack(t, f, base, elements << elementSize);
  };

export const storeSingle =
  (elements: number): Translate<Single> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const { elementSize, index } = elementOf(f);
    for (let i = 0; i < elements; i++) storeElement(t, elementSize, at(t, base, i << elementSize), t.v(registerNumber(f.rt, i)), index);
    writeBack(t, f, base, elements << elementSize);
  };

/** LD1R to LD4R. */
export const loadReplicate =
  (elements: number): Translate<Multiple> =>
  (t, f) => {
    const base = t.xOrSp(f.rn);
    const values = Array.from({ length: elements }, (_, i) => loadElement(t, f.size, at(t, base, i << f.size)));
    for (const [i, value] of values.entries()) t.setV(registerNumber(f.rt, i), clip(t.ir, f.q ? 16 : 8, splatValue(t.ir, f.size, value)));
    writeBack(t, f, base, elements << f.size);
  };
