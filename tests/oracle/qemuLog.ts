import { AT, STATE_WORDS } from './guestState.ts';

/** A field of a record: first byte of its hexadecimal digits, their number, and the word that takes the lowest 32 bits. */
interface Field {
  readonly start: number;
  readonly digits: number;
  readonly word: number;
}

const RECORD = Buffer.from(' PC=');
const FIELD = /(?<x>X(\d\d)=)([0-9a-f]{16})|(?<special>PC|SP|PSTATE|FPCR|FPSR)=([0-9a-f]+)|Q(\d\d)=([0-9a-f]{16}):([0-9a-f]{16})/g;
const SPECIAL: Readonly<Record<string, number>> = { PC: AT.pc, SP: AT.sp, PSTATE: AT.nzcv, FPCR: AT.fpcr, FPSR: AT.fpsr };
/** PC, SP, PSTATE, FPCR, FPSR, X0..X30, and two halves of V0..V31. */
const FIELDS = 5 + 31 + 64;

/**
 * Reads the log of `qemu-aarch64 -singlestep -d nochain,cpu,fpu` as it comes: the state before each instruction. All
 * records have one form, taken from the first; one of another form is an error.
 */
export class QemuLogParser {
  private rest: Buffer = Buffer.alloc(0);
  private fields: readonly Field[] = [];
  private length = 0;
  private readonly state = new Int32Array(STATE_WORDS);

  /** @param onState gets each state, valid during the call; false ends the reading */
  constructor(private readonly onState: (state: Int32Array) => boolean) {}

  /** Takes the next bytes of the log. @returns false once `onState` wants no more */
  push(chunk: Buffer): boolean {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    if (this.length === 0) {
      const second = bytes.indexOf(RECORD, RECORD.length);
      if (second >= 0) this.learn(bytes.subarray(0, second));
    }
    if (this.length > 0) {
      for (; at + this.length <= bytes.length; at += this.length) {
        this.read(bytes, at);
        if (!this.onState(this.state)) return false;
      }
    }
    this.rest = bytes.subarray(at);
    return true;
  }

  /** The log has ended. @throws Error if it ends within a record */
  end(): void {
    if (this.length === 0 && this.rest.length > 0) {
      this.learn(this.rest);
      this.read(this.rest, 0);
      this.onState(this.state);
    } else if (this.rest.length > 0) throw new Error(`QEMU's log ends within a record: ${this.rest.toString('latin1')}`);
  }

  private learn(record: Buffer): void {
    const text = record.toString('latin1');
    const fields: Field[] = [];
    for (const match of text.matchAll(FIELD)) {
      const end = match.index + match[0].length;
      if (match[2] !== undefined) fields.push({ start: end - 16, digits: 16, word: AT.x + 2 * Number(match[2]) });
      else if (match.groups?.special !== undefined) fields.push({ start: end - match[5].length, digits: match[5].length, word: SPECIAL[match.groups.special] });
      else {
        const word = AT.v + 4 * Number(match[6]);
        fields.push({ start: end - 16, digits: 16, word }, { start: end - 33, digits: 16, word: word + 2 });
      }
    }
    if (fields.length !== FIELDS) throw new Error(`QEMU's log has ${fields.length} registers, ${FIELDS} expected:\n${text}`);
    this.fields = fields;
    this.length = record.length;
  }

  private read(bytes: Buffer, at: number): void {
    const { state } = this;
    if (bytes[at + 1] !== 0x50 || bytes[at + 2] !== 0x43) throw new Error(`not a record: ${bytes.toString('latin1', at, at + this.length)}`);
    for (const { start, digits, word } of this.fields) {
      const from = at + start;
      if (digits === 16) {
        state[word + 1] = hex8(bytes, from);
        state[word] = hex8(bytes, from + 8);
      } else state[word] = hex8(bytes, from);
    }
    // PSTATE is N Z C V in bits 31..28 and more.
    state[AT.nzcv] >>>= 28;
  }
}

/** Value of 8 hexadecimal digits. @throws Error if they are none */
function hex8(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const digit = DIGIT[bytes[i]];
    if (digit < 0) throw new Error(`not a hexadecimal number: ${bytes.toString('latin1', at, at + 8)}`);
    value = (value << 4) | digit;
  }
  return value;
}

const DIGIT = Int8Array.from({ length: 256 }, (_, c) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(c));
  return c === 0 ? -1 : digit;
});
