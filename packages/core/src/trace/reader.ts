import { AssertionError, assert } from '../base/index.ts';
import type { StateLayout } from '../ir/index.ts';
import { compute32, compute64 } from './compute.ts';
import { DEFINITION_HEADER, readDefinition } from './definition.ts';
import { EVENT_HEADER, readEvent, type TraceEvent } from './events.ts';
import { holds, nzcvOfWords } from './nzcv.ts';
import { type BlockProgram, compileBlock, Do, type InsnShape, NOWHERE } from './program.ts';
import { ProgramFunctions, placeOf } from './programFunctions.ts';
import { stepNear } from './walker.ts';

/** How often a program is gone through before it becomes a function: about what making one costs. */
const RUNS_UNTIL_HOT = 60;

/** What follows a trace. Called in the order of execution. */
export interface TraceVisitor {
  /**
   * False: `insn` does not look at the reader's state, which may then be any within the block; it is faster so. Asked for behind
   * each call of `block`.
   */
  readonly looksAtState?: boolean;
  /** An instruction has completed. Its values are in the reader's `values`; the reader's `state` is still the one before it. */
  insn(shape: InsnShape): void;
  /** Not called for `cut`, `part` and `step`. The state is the one after the event. */
  event(event: TraceEvent): void;
  /** A block's record begins, of which `completed` instructions ran. */
  block?(program: BlockProgram, completed: number): void;
  /** So many instructions are left out here. */
  skip?(insns: number): void;
}

/**
 * Reads trace records and follows the guest's registers: what is not in a record follows from the registers before it.
 * Give it the definitions of blocks before records that use them, and all records of a trace in order.
 */
export class TraceReader {
  /** Instructions completed before the one that is being shown. */
  step = 0;
  /** Values of the instruction that is being shown, at the places that its shape names. Replaced when it has to grow. */
  values: Int32Array = new Int32Array(64);
  /**
   * CPU state as 32-bit words, laid out as in the guest's state layout; the flags are N Z C V in bits 31..28 of flagA's low word.
   * Replaced when the first blocks have run often.
   */
  state: Int32Array;
  private readonly flagsWord: number;
  private readonly definitions = new Map<number, Uint8Array>();
  private readonly programs: (BlockProgram | undefined)[] = [];
  private shapeCount = 0;
  /** Instructions that complete of the next block; -1: all. */
  private cut = -1;
  /** Instructions of the next block that are in the trace, see the event `part`; undefined: all that are wanted. */
  private part: readonly number[] | undefined;
  private functions: ProgramFunctions | undefined;
  /** Programs that have run often, and are to become functions. */
  private readonly hot: BlockProgram[] = [];
  /** Whether the functions have the records that are read. */
  private isPlaced = false;

  constructor(readonly layout: StateLayout) {
    this.flagsWord = layout.flags.a.offset >> 2;
    this.state = new Int32Array(((layout.size + 15) & -16) >> 2);
  }

  /** Takes block definitions, one after the other. The bytes are kept, not copied. */
  define(definitions: Uint8Array): void {
    const view = new DataView(definitions.buffer, definitions.byteOffset, definitions.length);
    for (let at = 0; at < definitions.length; ) {
      const bytes = view.getUint32(at, true);
      assert(bytes >= DEFINITION_HEADER && bytes <= definitions.length - at, 'damaged block definition');
      const id = view.getUint32(at + 4, true);
      this.definitions.set(id, definitions.subarray(at, at + bytes));
      this.programs[id] = undefined;
      at += bytes;
    }
  }

  /** Reads whole records. @param records aligned to 4 bytes @throws AssertionError if they are damaged */
  read(records: Uint8Array, visitor: TraceVisitor): void {
    assert(records.length % 4 === 0, 'trace records are not a whole number of words');
    const aligned = records.byteOffset % 4 === 0 ? records : records.slice();
    const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
    if (this.hot.length > 0) this.compileHot();
    this.isPlaced = this.functions?.place(aligned) === true;
    for (let at = 0; at < words.length; ) {
      const id = words[at];
      // Events' numbers are the last that there are.
      if (id < 0) {
        const bytes = words[at + 1] >>> 0;
        assert(at + 1 < words.length && bytes <= (words.length - at - 2) * 4, 'damaged trace event');
        this.event(readEvent(id >>> 0, aligned.subarray(at * 4 + EVENT_HEADER, at * 4 + EVENT_HEADER + bytes)), visitor);
        at += (EVENT_HEADER + bytes) >> 2;
      } else {
        const program = this.programs[id] ?? this.compile(id);
        if (at + program.recordWords > words.length) throw new AssertionError(`the record of block ${id} is cut short`);
        this.run(program, words, at, visitor);
        at += program.recordWords;
      }
    }
  }

  /** Goes on from a state given instead of the records before. @param state bytes as in the state layout; undefined: records stand on their own */
  resume(step: number, state: Uint8Array | undefined): void {
    this.step = step;
    this.cut = -1;
    this.part = undefined;
    if (state !== undefined) this.takeState(state);
  }

  private compile(id: number): BlockProgram {
    const definition = this.definitions.get(id);
    assert(definition !== undefined, `the trace has a record of block ${id} but no definition`);
    const program = compileBlock(readDefinition(definition), this.layout, this.shapeCount);
    this.shapeCount += program.shapes.length;
    if (program.valueWords > this.values.length) {
      this.values = new Int32Array(program.valueWords * 2);
      // Theirs are no longer the reader's.
      this.functions?.stop();
      this.isPlaced = false;
    }
    this.definitions.delete(id);
    this.programs[id] = program;
    return program;
  }

  private event(event: TraceEvent, visitor: TraceVisitor): void {
    switch (event.kind) {
      case 'cut':
        this.cut = event.completed;
        return;
      case 'part':
        this.part = event.mask;
        return;
      case 'step':
        this.goTo(event.step, visitor);
        return;
      case 'snapshot':
        this.step = event.step;
        this.takeState(event.state);
        break;
      case 'syscallResult':
        for (const { register, words } of event.changes) this.state.set(words, this.layout.registers[register].offset >> 2);
        if (event.changes.some(({ register }) => register < 4)) this.foldFlags();
        break;
      default:
        break;
    }
    visitor.event(event);
  }

  /** Instructions that are not in the trace have gone by. */
  private goTo(step: number, visitor: TraceVisitor): void {
    if (step > this.step) visitor.skip?.(step - this.step);
    this.step = step;
  }

  private takeState(bytes: Uint8Array): void {
    new Uint8Array(this.state.buffer, 0, this.state.byteLength).set(bytes.subarray(0, this.state.byteLength));
    this.foldFlags();
  }

  /** Brings lazily held flags to the reader's form. */
  private foldFlags(): void {
    const { a, b, c, kind } = this.layout.flags;
    const word = (offset: number): number => this.state[offset >> 2];
    const nzcv = nzcvOfWords(word(kind.offset), word(a.offset), word(a.offset + 4), word(b.offset), word(b.offset + 4), word(c.offset));
    this.state[kind.offset >> 2] = 0;
    this.state[this.flagsWord] = nzcv << 28;
  }

  private run(program: BlockProgram, ring: Int32Array, record: number, visitor: TraceVisitor): void {
    const { code, shapes } = program;
    const { values, state } = this;
    const count = this.cut < 0 ? shapes.length : Math.min(this.cut, shapes.length);
    const { part } = this;
    this.cut = -1;
    this.part = undefined;
    if (program.hasStep) this.goTo(stepNear(this.step, ring[record + 1]), visitor);
    visitor.block?.(program, count);
    if (count === 0) return;
    const looksAtState = visitor.looksAtState !== false;
    if (program.runs < RUNS_UNTIL_HOT && ++program.runs === RUNS_UNTIL_HOT) this.compileNext(program, looksAtState);
    if (program.function >= 0 && this.isPlaced && count === shapes.length && !(program.isWhole && looksAtState))
      return this.runFunction(program, record, visitor);
    let insn = 0;
    for (let p = 0; p < code.length; ) {
      switch (code[p]) {
        case Do.show:
          // The previous instruction's apply ops have run, this one's follow.
          if (part === undefined || ((part[insn >> 5] ?? 0) & (1 << (insn & 31))) !== 0) visitor.insn(shapes[insn] as InsnShape);
          insn++;
          this.step++;
          p += 1;
          if (insn === count) {
            this.applyRest(code, p);
            return;
          }
          break;
        case Do.skip:
          insn++;
          this.step++;
          p += 1;
          if (insn === count) return;
          break;
        case Do.constant:
          values[code[p + 1]] = code[p + 2];
          p += 3;
          break;
        case Do.state1:
          values[code[p + 1]] = state[code[p + 2]];
          p += 3;
          break;
        case Do.state2: {
          const at = code[p + 1];
          const from = code[p + 2];
          values[at] = state[from];
          values[at + 1] = state[from + 1];
          p += 3;
          break;
        }
        case Do.state4: {
          const at = code[p + 1];
          const from = code[p + 2];
          for (let i = 0; i < 4; i++) values[at + i] = state[from + i];
          p += 3;
          break;
        }
        case Do.statePart:
          values[code[p + 1]] = (state[code[p + 2]] >>> code[p + 3]) & code[p + 4];
          p += 5;
          break;
        case Do.stateAdd64: {
          const at = code[p + 1];
          const from = code[p + 2];
          const low = state[from];
          const result = (low + code[p + 3]) | 0;
          values[at] = result;
          values[at + 1] = state[from + 1] + code[p + 4] + (result >>> 0 < low >>> 0 ? 1 : 0);
          p += 5;
          break;
        }
        case Do.stateAdd32:
          values[code[p + 1]] = (state[code[p + 2]] + code[p + 3]) & code[p + 4];
          p += 5;
          break;
        case Do.ring1:
          values[code[p + 1]] = ring[record + code[p + 2]];
          p += 3;
          break;
        case Do.ring2: {
          const at = code[p + 1];
          const from = record + code[p + 2];
          values[at] = ring[from];
          values[at + 1] = ring[from + 1];
          p += 3;
          break;
        }
        case Do.ring4: {
          const at = code[p + 1];
          const from = record + code[p + 2];
          for (let i = 0; i < 4; i++) values[at + i] = ring[from + i];
          p += 3;
          break;
        }
        case Do.ringPart:
          values[code[p + 1]] = (ring[record + code[p + 2]] >>> code[p + 3]) & code[p + 4];
          p += 5;
          break;
        case Do.sign:
          values[code[p + 1]] = (values[code[p + 1]] << code[p + 2]) >> code[p + 2];
          p += 3;
          break;
        case Do.signUp:
          values[code[p + 1]] = values[code[p + 1] - 1] >> 31;
          p += 2;
          break;
        case Do.mask:
          values[code[p + 1]] &= code[p + 2];
          p += 3;
          break;
        case Do.condition:
          values[code[p + 1]] = Number(holds(code[p + 2], state[this.flagsWord] >>> 28));
          p += 3;
          break;
        case Do.flags: {
          const a = code[p + 3];
          const b = code[p + 4];
          const c = code[p + 5];
          values[code[p + 1]] = nzcvOfWords(code[p + 2], values[a], values[a + 1], values[b], values[b + 1], c === NOWHERE ? 0 : values[c]) << 28;
          p += 6;
          break;
        }
        case Do.apply1:
          state[code[p + 1]] = values[code[p + 2]];
          p += 3;
          break;
        case Do.apply2: {
          const to = code[p + 1];
          const at = code[p + 2];
          state[to] = values[at];
          state[to + 1] = values[at + 1];
          p += 3;
          break;
        }
        case Do.apply4: {
          const to = code[p + 1];
          const at = code[p + 2];
          for (let i = 0; i < 4; i++) state[to + i] = values[at + i];
          p += 3;
          break;
        }
        case Do.compute32:
          values[code[p + 2]] = compute32(code[p + 1], values[code[p + 3]], values[code[p + 4]]);
          p += 5;
          break;
        case Do.compute64:
          compute64(code[p + 1], values, code[p + 2], code[p + 3], code[p + 4]);
          p += 5;
          break;
        case Do.select: {
          const at = code[p + 1];
          const from = values[code[p + 2]] !== 0 ? code[p + 3] : code[p + 4];
          values[at] = values[from];
          if (code[p + 5] === 2) values[at + 1] = values[from + 1];
          p += 6;
          break;
        }
        case Do.copy1:
          values[code[p + 1]] = values[code[p + 2]];
          p += 3;
          break;
        case Do.copy2: {
          const at = code[p + 1];
          const from = code[p + 2];
          values[at] = values[from];
          values[at + 1] = values[from + 1];
          p += 3;
          break;
        }
        default:
          assert(false, `unknown reader op ${code[p]}`);
      }
    }
  }

  /** Goes through a program that is a function. */
  private runFunction({ function: number, shapes, isWhole }: BlockProgram, record: number, visitor: TraceVisitor): void {
    const { run } = this.functions as ProgramFunctions;
    const at = placeOf(record);
    if (isWhole) {
      run(number, 0, at);
      let { step } = this;
      for (let i = 0; i < shapes.length; i++) {
        visitor.insn(shapes[i] as InsnShape);
        this.step = ++step;
      }
      return;
    }
    for (let part = 0; part < shapes.length; part++) {
      run(number, part, at);
      visitor.insn(shapes[part] as InsnShape);
      this.step++;
    }
    run(number, shapes.length, at);
  }

  /** Makes functions of programs. With the first, state and values move to where functions find them. */
  private compileHot(): void {
    if (this.functions === undefined) {
      const functions = new ProgramFunctions(this.flagsWord);
      if (this.values.length > functions.values.length) functions.stop();
      else {
        functions.values.set(this.values);
        this.values = functions.values;
      }
      functions.state.set(this.state);
      this.state = functions.state.subarray(0, this.state.length);
      this.functions = functions;
    }
    for (const program of this.hot) this.functions.compile(program, program.isWhole);
    this.hot.length = 0;
  }

  private compileNext(program: BlockProgram, looksAtState: boolean): void {
    program.isWhole = program.keepsValues && !looksAtState;
    this.hot.push(program);
  }

  /** Runs the apply ops at `p`: those of the last instruction shown. */
  private applyRest(code: Int32Array, p: number): void {
    for (; p < code.length && (code[p] === Do.apply1 || code[p] === Do.apply2 || code[p] === Do.apply4); p += 3) {
      const words = code[p] === Do.apply1 ? 1 : code[p] === Do.apply2 ? 2 : 4;
      for (let i = 0; i < words; i++) this.state[code[p + 1] + i] = this.values[code[p + 2] + i];
    }
  }
}
