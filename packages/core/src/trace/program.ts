import { SIZE_OF, type StateLayout } from '../ir/index.ts';
import { COMPUTE_OPS } from './computeOps.ts';
import type { BlockDefinition, SymbolSpan } from './definition.ts';
import type { BlockEnd, InsnLayout, Item } from './layout.ts';
import type { Source } from './source.ts';

/** A place of values in TraceReader.values: index of the least significant 32-bit word. */
export type At = number;
/** Where there is no such value. */
export const NOWHERE = -1;

export interface RegisterValue {
  /** Number in the state layout. */
  readonly register: number;
  readonly at: At;
}

export interface Access {
  readonly store: boolean;
  /** 1 to 16 */
  readonly bytes: number;
  /** 64 bits. */
  readonly address: At;
  /** As many words as it takes, zero above; or NOWHERE, where only addresses are in the trace. */
  readonly datum: At;
  /** 32 bits, 0 if nothing was done; or NOWHERE. */
  readonly condition: At;
}

/** An instruction as its readers see it: what is the same each time it runs, and where the values of the moment are. */
export interface InsnShape {
  /** Counts up from 0 over all instructions of a trace: an index for what a reader keeps of each. */
  readonly index: number;
  readonly pc: number;
  readonly word: number;
  readonly bytes: number;
  readonly symbol: string | undefined;
  /** Bytes from `symbol`. */
  readonly symbolOffset: number;
  /** Values before the instruction of the registers that it reads. */
  readonly inputs: readonly RegisterValue[];
  /** N Z C V before, in bits 31..28, if it reads them; or NOWHERE. */
  readonly flagsIn: At;
  /** Values after it of the registers that it writes, in order of their last write. */
  readonly outputs: readonly RegisterValue[];
  readonly flagsOut: At;
  /** In order. */
  readonly accesses: readonly Access[];
}

/** The reader's ops; operands follow in the code. `at`: word in values, `state`: word in the state, `ring`: word in the record. */
export const Do = {
  /** the instruction's values are there: show it, then its `apply` ops follow */
  show: 0,
  /** at, value */
  constant: 1,
  /** at, state */
  state1: 2,
  state2: 3,
  state4: 4,
  /** at, state, shift, mask */
  statePart: 5,
  /** at, state, low, high */
  stateAdd64: 6,
  /** at, state, low, mask */
  stateAdd32: 7,
  /** at, ring */
  ring1: 8,
  ring2: 9,
  ring4: 10,
  /** at, ring, shift, mask */
  ringPart: 11,
  /** at, shift: keeps the low 32 - shift bits and copies their sign upward */
  sign: 12,
  /** at: copies of the sign of the word before */
  signUp: 13,
  /** at, mask */
  mask: 14,
  /** at, condition */
  condition: 15,
  /** at, packed, a, b, c: flags of flags.ts to N Z C V in bits 31..28; c may be NOWHERE */
  flags: 16,
  /** state, at */
  apply1: 17,
  apply2: 18,
  apply4: 19,
  /** the instruction is not traced */
  skip: 20,
  /** op, at, a, b: 32-bit operation */
  compute32: 21,
  /** op, at, a, b: operation on 64-bit values; comparisons and eqz give one word */
  compute64: 22,
  /** at, condition, a, b, words */
  select: 23,
  /** at, from: words within the values */
  copy1: 24,
  copy2: 25,
} as const;

/** A block ready to be read. */
export interface BlockProgram {
  /** The block's number in the trace. */
  readonly id: number;
  readonly pc: number;
  readonly recordWords: number;
  readonly hasStep: boolean;
  /** Whether some of its instructions are not traced. */
  readonly isPartial: boolean;
  readonly end: BlockEnd;
  /** The instructions that complete; undefined: not traced. */
  readonly shapes: readonly (InsnShape | undefined)[];
  readonly code: Int32Array;
  /** Values that the code uses. */
  readonly valueWords: number;
  /** Whether each instruction has words of values of its own, so that all can be shown when the whole block has been gone through. */
  readonly keepsValues: boolean;
  /** How often it has been gone through, as far as that matters, and the number of its function, or -1: see ProgramFunctions. */
  runs: number;
  function: number;
  /** Of the function: it goes through the whole block at once. */
  isWhole: boolean;
}

/** Words of values with which a program keeps those of all its instructions. */
const MOST_KEPT_WORDS = 0x4000;

/** Turns a definition into a program. @param firstIndex `index` of its first instruction's shape */
export function compileBlock(definition: BlockDefinition, state: StateLayout, firstIndex: number): BlockProgram {
  const program = compile(definition, state, firstIndex, true);
  return program.valueWords <= MOST_KEPT_WORDS ? program : compile(definition, state, firstIndex, false);
}

function compile({ layout, symbols }: BlockDefinition, state: StateLayout, firstIndex: number, keepsValues: boolean): BlockProgram {
  const compiler = new Compiler(state, keepsValues);
  let pc = layout.pc;
  let span: SymbolSpan | undefined;
  let spanPc = 0;
  let nextSpan = 0;
  const shapes = layout.insns.map((insn, i) => {
    if (nextSpan < symbols.length && symbols[nextSpan].insn === i) {
      span = symbols[nextSpan++];
      spanPc = pc;
    }
    const place = { index: firstIndex + i, pc, symbol: span?.name || undefined, symbolOffset: span === undefined ? 0 : span.offset + pc - spanPc };
    pc += insn.bytes;
    return insn.wanted ? compiler.insn(insn, place) : compiler.skip();
  });
  return {
    id: layout.id,
    pc: layout.pc,
    recordWords: layout.recordBytes >> 2,
    hasStep: layout.hasStep,
    isPartial: layout.wanted < layout.insns.length,
    end: layout.end,
    shapes,
    code: Int32Array.from(compiler.code),
    valueWords: compiler.valueWords,
    keepsValues,
    runs: 0,
    function: -1,
    isWhole: false,
  };
}

class Compiler {
  readonly code: number[] = [];
  valueWords = 0;
  private next = 0;
  private readonly flagsWord: number;

  constructor(
    private readonly state: StateLayout,
    private readonly keepsValues: boolean,
  ) {
    this.flagsWord = state.flags.a.offset >> 2;
  }

  skip(): undefined {
    this.code.push(Do.skip);
  }

  insn(insn: InsnLayout, place: Pick<InsnShape, 'index' | 'pc' | 'symbol' | 'symbolOffset'>): InsnShape {
    if (!this.keepsValues) this.next = 0;
    for (const { register, source } of insn.refresh) {
      const words = register < 0 ? 1 : this.wordsOf(register);
      const at = this.evaluate(source, words);
      this.apply(register < 0 ? this.flagsWord : this.wordOf(register), at, words);
    }
    const inputs = insn.inputs.map((register) => ({ register, at: this.read(this.wordOf(register), this.wordsOf(register)) }));
    const flagsIn = insn.readsFlags ? this.read(this.flagsWord, 1) : NOWHERE;
    const outputs: RegisterValue[] = [];
    const accesses: Access[] = [];
    let flagsOut: At = NOWHERE;
    for (const item of insn.items) {
      if (item.kind === 'register') {
        const earlier = outputs.findIndex((output) => output.register === item.register);
        if (earlier >= 0) outputs.splice(earlier, 1);
        outputs.push({ register: item.register, at: this.evaluate(item.source, this.wordsOf(item.register)) });
      } else if (item.kind === 'flags') flagsOut = this.flags(item);
      else accesses.push(this.access(item));
    }
    this.code.push(Do.show);
    for (const { register, at } of outputs) this.apply(this.wordOf(register), at, this.wordsOf(register));
    if (flagsOut !== NOWHERE) this.apply(this.flagsWord, flagsOut, 1);
    this.valueWords = Math.max(this.valueWords, this.next);
    return { ...place, word: insn.word, bytes: insn.bytes, inputs, flagsIn, outputs, flagsOut, accesses };
  }

  private wordOf(register: number): number {
    return this.state.registers[register].offset >> 2;
  }

  private wordsOf(register: number): number {
    return SIZE_OF[this.state.registers[register].type] >> 2;
  }

  private take(words: number): At {
    this.next += words;
    return this.next - words;
  }

  private read(stateWord: number, words: number): At {
    const at = this.take(words);
    this.code.push(words === 1 ? Do.state1 : words === 2 ? Do.state2 : Do.state4, at, stateWord);
    return at;
  }

  private apply(stateWord: number, at: At, words: number): void {
    this.code.push(words === 1 ? Do.apply1 : words === 2 ? Do.apply2 : Do.apply4, stateWord, at);
  }

  private flags(item: Item & { kind: 'flags' }): At {
    const a = this.evaluate(item.a, 2);
    const b = this.evaluate(item.b, 2);
    const c = item.c === undefined ? NOWHERE : this.evaluate(item.c, 1);
    const at = this.take(1);
    this.code.push(Do.flags, at, item.packed, a, b, c);
    return at;
  }

  private access(item: Item & { kind: 'load' | 'store' }): Access {
    const address = this.evaluate(item.address, 2);
    const datum = item.datum === undefined ? NOWHERE : this.evaluate(item.datum, item.bytes <= 4 ? 1 : item.bytes >> 2);
    const condition = item.condition !== undefined ? this.evaluate(item.condition, 1) : NOWHERE;
    return { store: item.kind === 'store', bytes: item.bytes, address, datum, condition };
  }

  /** Emits what puts a source's value into `words` new words of values. */
  private evaluate(source: Source, words: number): At {
    const at = this.take(words);
    let done = 1;
    if (source.kind === 'constant') {
      for (let i = 0; i < words; i++) this.code.push(Do.constant, at + i, source.words[i]);
      return at;
    }
    if (source.kind === 'condition') this.code.push(Do.condition, at, source.condition);
    else {
      done = Math.min(words, Math.max(source.bytes >> 2, 1));
      if (source.kind === 'state') this.fromState(source, at, done);
      else if (source.kind === 'ring') this.fromRing(source, at, done);
      else this.compute(source, at, done);
      if (source.extend > source.bytes) {
        if (source.bytes < 4) this.code.push(Do.sign, at, 32 - source.bytes * 8);
        if (source.extend < 4) this.code.push(Do.mask, at, (1 << (source.extend * 8)) - 1);
        for (; done < words && done * 4 < source.extend; done++) this.code.push(Do.signUp, at + done);
      }
    }
    for (; done < words; done++) this.code.push(Do.constant, at + done, 0);
    return at;
  }

  private fromState({ offset, bytes, addLo, addHi }: Source & { kind: 'state' }, at: At, words: number): void {
    const word = offset >> 2;
    const mask = bytes < 4 ? (1 << (bytes * 8)) - 1 : -1;
    if ((addLo | addHi) !== 0) {
      if (words === 2) this.code.push(Do.stateAdd64, at, word, addLo, addHi);
      else this.code.push(Do.stateAdd32, at, word, addLo, mask);
    } else if (bytes < 4) this.code.push(Do.statePart, at, word, (offset & 3) * 8, mask);
    else this.code.push(words === 1 ? Do.state1 : words === 2 ? Do.state2 : Do.state4, at, word);
  }

  /** Computes into new words, and copies what is wanted of the result. */
  private compute({ op, width, args, bytes }: Source & { kind: 'computed' }, at: At, words: number): void {
    const { code } = this;
    const width32 = width >> 2;
    const [a, b, c] = args.map((arg, i) => this.evaluate(arg, op === 'select' && i === 0 ? 1 : width32));
    const result = this.take(2);
    if (op === 'select') code.push(Do.select, result, a, b, c, width32);
    else code.push(width === 4 ? Do.compute32 : Do.compute64, COMPUTE_OPS.indexOf(op), result, a, b ?? a);
    code.push(words === 1 ? Do.copy1 : Do.copy2, at, result);
    if (bytes < 4) code.push(Do.mask, at, (1 << (bytes * 8)) - 1);
  }

  private fromRing({ slot, bytes }: Source & { kind: 'ring' }, at: At, words: number): void {
    const word = slot.offset >> 2;
    if (bytes < 4) this.code.push(Do.ringPart, at, word, (slot.offset & 3) * 8, (1 << (bytes * 8)) - 1);
    else this.code.push(words === 1 ? Do.ring1 : words === 2 ? Do.ring2 : Do.ring4, at, word);
  }
}
