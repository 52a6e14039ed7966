import { putPaddedLeb, SLOT_BYTES, SLOTS } from '../../base/index.ts';
import type { CalledHelper, LoweredRegion } from '../../wasm/index.ts';
import { sumOf } from './savedBlock.ts';

/**
 * A region's function, apart from the machine that it was made for. In words: a sum of those that follow; bytes of a
 * `RegionHead` as JSON, in ASCII; bytes of the function; then both, each filled up to whole words.
 */
export interface RegionHead {
  /** pcs of its entries besides its start. */
  readonly entries: readonly number[];
  /** pc, instructions and bytes of each block, one behind the other. */
  readonly blocks: readonly number[];
  /** See LoweredRegion. */
  readonly links: readonly number[];
  readonly unlikely: readonly number[];
  readonly helpers: readonly CalledHelper[];
  readonly frame: number;
  /** The three numbers of each place, one behind the other, see LoweredRegion. */
  readonly placed: readonly number[];
  /** Memory check slots that it has. */
  readonly slots: number;
  /** Vector constants that it has in the pool, 32 hexadecimal digits each. */
  readonly constants: readonly string[];
  /**
   * Pairs: a position in the function, and what linear offset is to stand there: of slot n, m bytes into it, as
   * n * SLOT_BYTES + m; of constant n, as -1 - n.
   */
  readonly shifted: readonly number[];
}

export interface SavedRegion extends RegionHead {
  readonly code: Uint8Array<ArrayBuffer>;
}

/** What is known of a region when it has been lowered. */
export interface RegionToSave {
  readonly entries: readonly number[];
  readonly blocks: readonly { readonly pc: number; readonly insns: number; readonly bytes: number }[];
  readonly lowered: LoweredRegion;
}

/** @param constantAt gives the 16 bytes at a linear offset in the constant pool */
export function packRegion({ entries, blocks, lowered }: RegionToSave, constantAt: (offset: number) => Uint8Array): Uint32Array {
  const slots = new Map<number, number>();
  const constants = new Map<number, number>();
  const shifted: number[] = [];
  for (const [at, offset] of lowered.shifted) {
    if (offset < SLOTS) shifted.push(at, -1 - numberIn(constants, offset));
    else {
      const within = (offset - SLOTS) % SLOT_BYTES;
      shifted.push(at, numberIn(slots, offset - within) * SLOT_BYTES + within);
    }
  }
  const head: RegionHead = {
    entries,
    blocks: blocks.flatMap(({ pc, insns, bytes }) => [pc, insns, bytes]),
    links: lowered.links,
    unlikely: lowered.unlikely,
    helpers: lowered.helpers.map(({ name, args, result }) => ({ name, args, result })),
    placed: lowered.placed.flat(),
    frame: lowered.frame,
    slots: slots.size,
    constants: [...constants.keys()].map((offset) => hexOf(constantAt(offset))),
    shifted,
  };
  const json = JSON.stringify(head);
  const jsonWords = (json.length + 3) >>> 2;
  const words = new Uint32Array(3 + jsonWords + ((lowered.code.length + 3) >>> 2));
  const bytes = new Uint8Array(words.buffer);
  words[1] = json.length;
  words[2] = lowered.code.length;
  for (let i = 0; i < json.length; i++) bytes[12 + i] = json.charCodeAt(i);
  bytes.set(lowered.code, 12 + 4 * jsonWords);
  words[0] = sumOf(words, 1, words.length);
  return words;
}

/** @returns undefined if it is damaged */
export function unpackRegion(words: Uint32Array): SavedRegion | undefined {
  if (words.length < 3 || words[0] !== sumOf(words, 1, words.length)) return undefined;
  const [, jsonBytes, codeBytes] = words;
  const codeAt = 12 + ((jsonBytes + 3) & ~3);
  if (codeAt + codeBytes > words.byteLength) return undefined;
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const head = JSON.parse(String.fromCharCode(...bytes.subarray(12, 12 + jsonBytes))) as RegionHead;
  return { ...head, code: bytes.slice(codeAt, codeAt + codeBytes) };
}

/** Where a machine has what a saved region shares with others. */
export interface RegionSetting {
  /** Linear offset of a fresh memory check slot. */
  allocateSlot(): number;
  /** Linear offset of a constant in the pool; undefined: there is no room. */
  constantOffset(bytes: Uint8Array): number | undefined;
}

/**
 * Puts a machine's numbers into a saved region's function.
 * @returns the linear offsets of its constants; undefined if there is no room for them
 */
export function settle({ code, slots, constants, shifted }: SavedRegion, setting: RegionSetting): readonly number[] | undefined {
  const constantOffsets = constants.map((hex) => setting.constantOffset(bytesOfHex(hex))).filter((offset) => offset !== undefined);
  if (constantOffsets.length < constants.length) return undefined;
  const slotOffsets = Array.from({ length: slots }, () => setting.allocateSlot());
  for (let i = 0; i < shifted.length; i += 2) {
    const [at, what] = [shifted[i] as number, shifted[i + 1] as number];
    if (what < 0) putPaddedLeb(code, at, constantOffsets[-1 - what] as number, CONSTANT_LEB_BYTES);
    else putPaddedLeb(code, at, (slotOffsets[Math.floor(what / SLOT_BYTES)] as number) + (what % SLOT_BYTES), SLOT_LEB_BYTES);
  }
  return constantOffsets;
}

export const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
export const bytesOfHex = (hex: string): Uint8Array => Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

/** Of every linear offset between CONSTANTS and CONSTANTS_END, unsigned. */
const CONSTANT_LEB_BYTES = 3;
/** Of every linear offset between SLOTS and SLOTS_END, unsigned or signed. */
const SLOT_LEB_BYTES = 4;

function numberIn(numbers: Map<number, number>, key: number): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
