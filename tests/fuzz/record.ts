/**
 * A test and its outcome have the same layout, a row of little-endian 64-bit words; the header for the guest's side
 * (runner.c) is generated from the same table.
 */
export const MEMORY_WINDOWS = [
  /** Across a page boundary, both pages writable. */
  { name: 'across', start: 0x5000_0fc0, bytes: 128 },
  /** Up to the end of the last mapped page. */
  { name: 'end', start: 0x5000_1f80, bytes: 128 },
  /** Read-only. */
  { name: 'readOnly', start: 0x5001_0f80, bytes: 128 },
] as const;

/** Writable pages, and one read-only page. Around them nothing is mapped. */
export const SCRATCH = { start: 0x5000_0000, bytes: 0x2000 };
export const READ_ONLY = { start: 0x5001_0000, bytes: 0x1000 };

/** Executable pages, full of BRK #0 but for the test's instructions. Farther from all else than direct branches reach. */
export const CODE = { start: 0x4000_0000, bytes: 0x1_0000 };
export const BRK = 0xd420_0000;

export const MAX_INSNS = 128;

/** PSTATE's flags, and its bits DIT and SSBS, which Cortex-A57 has not. */
export const NZCV = 0xf000_0000n;
export const DIT = 1n << 24n;
export const SSBS = 1n << 12n;
export const LATER_PSTATE = DIT | SSBS;

const memoryWords = MEMORY_WINDOWS.reduce((n, w) => n + w.bytes / 8, 0);

/** Fields in order, each `words` 64-bit words. */
export const FIELDS = [
  { name: 'pc', words: 1 },
  { name: 'sp', words: 1 },
  { name: 'pstate', words: 1 },
  { name: 'fpcr', words: 1 },
  { name: 'fpsr', words: 1 },
  { name: 'tpidr', words: 1 },
  { name: 'x', words: 31 },
  { name: 'v', words: 64 },
  { name: 'memory', words: memoryWords },
  /** Outcome only: the signal that ended the test (5 with pc at a BRK: it ran to its end), its si_code and si_addr. */
  { name: 'signal', words: 1 },
  { name: 'code', words: 1 },
  { name: 'address', words: 1 },
  /** Test only. */
  { name: 'insns', words: 1 },
  { name: 'insn', words: MAX_INSNS / 2 },
] as const;

export type FieldName = (typeof FIELDS)[number]['name'];

/** First 64-bit word of each field. */
export const AT = Object.fromEntries(FIELDS.map((field, i) => [field.name, FIELDS.slice(0, i).reduce((n, f) => n + f.words, 0)])) as Record<FieldName, number>;
export const RECORD_WORDS = FIELDS.reduce((n, f) => n + f.words, 0);
export const RECORD_BYTES = RECORD_WORDS * 8;

/** One record in a batch's bytes. */
export class TestRecord {
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  readonly bytes: Uint8Array;

  constructor(buffer: ArrayBuffer, index: number) {
    this.u32 = new Uint32Array(buffer, index * RECORD_BYTES, RECORD_WORDS * 2);
    this.u64 = new BigUint64Array(buffer, index * RECORD_BYTES, RECORD_WORDS);
    this.bytes = new Uint8Array(buffer, index * RECORD_BYTES, RECORD_BYTES);
  }

  get(field: FieldName, index = 0): bigint {
    return this.u64[AT[field] + index];
  }

  set(field: FieldName, value: bigint | number, index = 0): void {
    this.u64[AT[field] + index] = BigInt(value);
  }

  /** Instruction words of the test. */
  get words(): Uint32Array {
    return this.u32.subarray(AT.insn * 2, AT.insn * 2 + Number(this.get('insns')));
  }

  set words(words: ArrayLike<number>) {
    this.set('insns', words.length);
    this.u32.set(words, AT.insn * 2);
  }

  /** Bytes of memory window `index`. */
  window(index: number): Uint8Array {
    const before = MEMORY_WINDOWS.slice(0, index).reduce((n, w) => n + w.bytes, 0);
    return this.bytes.subarray(AT.memory * 8 + before, AT.memory * 8 + before + MEMORY_WINDOWS[index].bytes);
  }
}

/** C declarations of all this for runner.c. */
export function recordHeader(): string {
  const lines = FIELDS.map(({ name, words }) => `  uint64_t ${name}${words === 1 ? '' : `[${words}]`};`);
  const windows = MEMORY_WINDOWS.map((w) => `{0x${w.start.toString(16)}, ${w.bytes}}`).join(', ');
  const region = (name: string, { start, bytes }: { start: number; bytes: number }): string =>
    `#define ${name} 0x${start.toString(16)}UL\n#define ${name}_BYTES 0x${bytes.toString(16)}UL\n`;
  return `#include <stdint.h>\nstruct record {\n${lines.join('\n')}\n};\n#define WINDOWS {${windows}}\n#define BRK 0x${BRK.toString(16)}u\n${region('CODE', CODE)}${region('SCRATCH', SCRATCH)}${region('READ_ONLY', READ_ONLY)}`;
}
