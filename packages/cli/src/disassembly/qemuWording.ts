import type { Disassembly } from './disassembler.ts';

/**
 * QEMU 7.2 has Capstone 4 write its logs, everystep has Capstone 5. They know the same instructions of Armv8.0, but
 * word some of them differently; tools and eyes compare logs line by line, so everystep uses QEMU's words. One row
 * for each difference, found by running both over all of glibc and over random words.
 * Instructions that only Capstone 5 knows (LSE atomics, SVE, MTE) keep its words; QEMU's log has `.byte` there.
 */
interface Wording {
  readonly mask: number;
  readonly value: number;
  /** @param text Capstone 5's; `word` is unsigned */
  reword(word: number, text: Disassembly, decode: Decode): Disassembly;
}

/** The operands of `.byte`. */
export const wordBytes = (word: number): string => [0, 8, 16, 24].map((at) => `0x${((word >>> at) & 0xff).toString(16).padStart(2, '0')}`).join(', ');

type Decode = (word: number) => Disassembly;

const field = (word: number, hi: number, lo: number): number => (word >>> lo) & (2 ** (hi - lo + 1) - 1);
const hex = (n: number | bigint): string => `#0x${n.toString(16)}`;
/** Capstone 4 prints numbers up to 9 in decimal. */
const short = (n: number | bigint): string => (n > 9 ? hex(n) : `#${n}`);
const firstOperand = (text: Disassembly): string => text.operands.split(', ', 1)[0];
const zeroRegister = (word: number): string => (word >>> 31 === 1 ? 'xzr' : 'wzr');

/** The immediate of AND, ORR, EOR and ANDS: a rotated run of ones, repeated. (Arm ARM, DecodeBitMasks) */
function logicalImmediate(word: number): bigint {
  const length = 31 - Math.clz32((field(word, 22, 22) << 6) | (~field(word, 15, 10) & 0x3f));
  const size = 1 << length;
  const ones = (field(word, 15, 10) & (size - 1)) + 1;
  const rotation = BigInt(field(word, 21, 16) & (size - 1));
  const run = (1n << BigInt(ones)) - 1n;
  const element = BigInt.asUintN(size, (run >> rotation) | (run << (BigInt(size) - rotation)));
  let value = 0n;
  for (let at = 0; at < 64; at += size) value |= element << BigInt(at);
  return BigInt.asUintN(word >>> 31 === 1 ? 64 : 32, value);
}

const wideMove =
  (mnemonic: string) =>
  (word: number, text: Disassembly): Disassembly => {
    const immediate = field(word, 20, 5);
    const shift = field(word, 22, 21) * 16;
    const number = immediate === 0 && mnemonic !== 'movk' ? '#0' : hex(immediate);
    return { mnemonic, operands: `${firstOperand(text)}, ${number}${shift === 0 ? '' : `, lsl #${shift}`}` };
  };

const logical = (word: number, text: Disassembly): Disassembly => {
  const parts = text.operands.split(', ');
  parts[parts.length - 1] = short(logicalImmediate(word));
  if (text.mnemonic === 'mov') return { mnemonic: 'orr', operands: [parts[0], zeroRegister(word), parts[1]].join(', ') };
  return { mnemonic: text.mnemonic, operands: parts.join(', ') };
};

/** Loads and stores whose should-be-one fields are not one: Capstone 4 does not mind. */
const shouldBeOne =
  (ones: number) =>
  (word: number, text: Disassembly, decode: Decode): Disassembly =>
    text.mnemonic === '.byte' ? decode((word | ones) >>> 0) : text;

const prefetch = (word: number, text: Disassembly): Disassembly => {
  return text.operands.startsWith(',') ? { mnemonic: text.mnemonic, operands: short(field(word, 4, 0)) + text.operands } : text;
};

const hint = (word: number, text: Disassembly): Disassembly => {
  const number = field(word, 11, 5);
  return number < 6 ? text : { mnemonic: 'hint', operands: hex(number) };
};

/** UDF has a name since 2018; before, it was one of the unallocated encodings. */
const unallocated = (word: number): Disassembly => ({ mnemonic: '.byte', operands: wordBytes(word) });

const bitFieldClear = (word: number, text: Disassembly): Disassembly => {
  if (text.mnemonic !== 'bfc') return text;
  const [register, lowest, width] = text.operands.split(', ');
  return { mnemonic: lowest === '#0' ? 'bfxil' : 'bfi', operands: [register, zeroRegister(word), lowest, width].join(', ') };
};

const WORDINGS: readonly Wording[] = [
  { mask: 0xffff0000, value: 0x00000000, reword: unallocated },
  { mask: 0x7f800000, value: 0x52800000, reword: wideMove('movz') },
  { mask: 0x7f800000, value: 0x12800000, reword: wideMove('movn') },
  { mask: 0x7f800000, value: 0x72800000, reword: wideMove('movk') },
  // AND, ORR, EOR, ANDS (immediate)
  { mask: 0x1f800000, value: 0x12000000, reword: (word, text) => (text.mnemonic === '.byte' ? text : logical(word, text)) },
  // BFM of the zero register, an alias (BFC) since Armv8.2
  { mask: 0x7f8003e0, value: 0x330003e0, reword: bitFieldClear },
  // INS (general) and INS (element)
  { mask: 0xffe0fc00, value: 0x4e001c00, reword: (_, text) => (text.mnemonic === 'mov' ? { ...text, mnemonic: 'ins' } : text) },
  { mask: 0xffe08400, value: 0x6e000400, reword: (_, text) => (text.mnemonic === 'mov' ? { ...text, mnemonic: 'ins' } : text) },
  // MOVI, MVNI, ORR, BIC (vector, immediate)
  {
    mask: 0x9ff80c00,
    value: 0x0f000400,
    reword: (_, text) => ({ ...text, operands: text.operands.replace(/, #(\d)(?=,|$)/, (whole, digit) => (digit === '0' ? whole : `, #0x${digit}`)) }),
  },
  // Load and store vectors, post-indexed by their size
  {
    mask: 0xbe9f0000,
    value: 0x0c9f0000,
    reword: (_, text) => ({ ...text, operands: text.operands.replace(/#(\d\d)$/, (_whole, n) => hex(Number(n))) }),
  },
  // LDXR, LDAXR and narrower; STLR, LDAR and narrower
  { mask: 0x3fe00000, value: 0x08400000, reword: shouldBeOne(0x1f7c00) },
  { mask: 0x3fa00000, value: 0x08800000, reword: shouldBeOne(0x1f7c00) },
  // PRFM, PRFUM
  { mask: 0xff000000, value: 0xf9000000, reword: prefetch },
  { mask: 0xff000000, value: 0xf8000000, reword: prefetch },
  { mask: 0xff000000, value: 0xd8000000, reword: prefetch },
  { mask: 0xfffff01f, value: 0xd503201f, reword: hint },
];

/** The text of `word` in QEMU's words. `decode` gives Capstone 5's. */
export function asQemuWords(word: number, decode: Decode): Disassembly {
  const text = decode(word);
  for (const { mask, value, reword } of WORDINGS) {
    if (((word ^ value) & mask) === 0) return reword(word, text, decode);
  }
  return text;
}
