import { createRequire } from 'node:module';
import type MCapstone from '@alexaltea/capstone-js';
import { asQemuWords, wordBytes } from './qemuWording.ts';

/** An instruction as text. */
export interface Disassembly {
  readonly mnemonic: string;
  /** Empty where there are none. */
  readonly operands: string;
}

/**
 * @param pc address of the instruction, below 2^53: branch targets are printed absolute
 * @param word its 32 bits
 */
export type Disassemble = (pc: number, word: number) => Disassembly;

/**
 * Loads Capstone, which takes about 50 ms; so only commands that print instructions do. The function that it gives
 * remembers what it was asked. Instructions are worded as QEMU 7.2 words them; what is no instruction is `.byte`.
 */
export async function loadDisassembler(): Promise<Disassemble> {
  const require = createRequire(import.meta.url);
  const capstone = await (require('@alexaltea/capstone-js') as typeof MCapstone)();
  const decoder = new capstone.Capstone(capstone.ARCH_ARM64, capstone.MODE_LITTLE_ENDIAN);
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);

  function decode(pc: number, word: number): Disassembly {
    view.setUint32(0, word, true);
    try {
      const [instruction] = decoder.disasm(bytes, pc);
      return { mnemonic: instruction.mnemonic, operands: instruction.op_str };
    } catch {
      // Capstone's way to say that it knows no such instruction.
      return { mnemonic: '.byte', operands: wordBytes(word) };
    }
  }

  const anywhere = new Map<number, Disassembly>();
  const here = new Map<number, { word: number; text: Disassembly }>();
  return (pc, signedWord) => {
    const word = signedWord >>> 0;
    if (dependsOnPc(word)) {
      const known = here.get(pc);
      if (known?.word === word) return known.text;
      const text = asQemuWords(word, (w) => decode(pc, w));
      here.set(pc, { word, text });
      return text;
    }
    let text = anywhere.get(word);
    if (text === undefined) {
      text = asQemuWords(word, (w) => decode(pc, w));
      anywhere.set(word, text);
    }
    return text;
  };
}

/** PC-relative encodings: ADR and ADRP; B and BL; B.cond, CBZ, CBNZ, TBZ and TBNZ; loads of literals. (Arm ARM C4.1) */
function dependsOnPc(word: number): boolean {
  return (
    (word & 0x1f000000) === 0x10000000 ||
    (word & 0x7c000000) === 0x14000000 ||
    (word & 0x74000000) === 0x34000000 ||
    (word & 0xfe000000) === 0x54000000 ||
    (word & 0x3b000000) === 0x18000000
  );
}
