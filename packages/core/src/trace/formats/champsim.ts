import { high32 } from '../../base/index.ts';
import type { StateLayout } from '../../ir/index.ts';
import { type BlockProgram, type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * ChampSim's input_instr (inc/trace_instruction.h), 64 bytes an instruction, little-endian, 0 where there is nothing:
 *
 *     0  u64 pc  8 u8 is a branch  9 u8 taken  10 u8[2] registers written  12 u8[4] registers read
 *     16 u64[2] addresses written  32 u64[4] addresses read
 *
 * ChampSim tells the kind of a branch from the registers 6 (stack pointer), 25 (flags) and 26 (instruction pointer), as x86 code uses
 * them, so branches of other guests are written as if they did: a call writes and reads 26 and 6, a return reads 6 and writes both,
 * and so on. Other integer registers are 30 and their number, vector registers 64 and theirs. What does not fit is left out.
 */
export function createChampsimFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new ChampsimFormatter(reader, context, out);
}

const RECORD_BYTES = 64;
const SP = 6;
const FLAGS = 25;
const IP = 26;
const BRANCHES: ReadonlySet<string> = new Set(['jump', 'branch', 'call', 'callIndirect', 'jumpIndirect', 'return']);

class ChampsimFormatter implements TraceFormatter {
  readonly looksAtState = false;
  /** Each instruction's record without what changes. */
  private readonly records: (Uint8Array | undefined)[] = [];
  private readonly record = new Uint8Array(RECORD_BYTES);
  private readonly view = new DataView(this.record.buffer);
  /** Where the instruction in `record` goes on if it does not branch; -1: there is none. */
  private next = -1;
  private program: BlockProgram | undefined;

  constructor(
    private readonly reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {}

  block(program: BlockProgram): void {
    this.program = program;
  }

  insn(shape: InsnShape): void {
    const { values } = this.reader;
    this.finish(shape.pc);
    let known = this.records[shape.index];
    if (known === undefined) {
      known = this.recordOf(shape);
      this.records[shape.index] = known;
    }
    const { record, view } = this;
    record.set(known);
    let stores = 0;
    let loads = 0;
    for (const { store, address, condition } of shape.accesses) {
      if (condition !== NOWHERE && values[condition] === 0) continue;
      if (store ? stores === 2 : loads === 4) continue;
      const at = store ? 16 + 8 * stores++ : 32 + 8 * loads++;
      view.setInt32(at, values[address], true);
      view.setInt32(at + 4, values[address + 1], true);
    }
    this.next = shape.pc + shape.bytes;
  }

  event(): void {}

  end(): void {
    this.finish(this.next);
    this.out.flush();
  }

  /** Writes the record: the instruction behind is at `pc`. */
  private finish(pc: number): void {
    const { out, record, next } = this;
    if (next < 0) return;
    if (record[8] === 1 && pc !== next) record[9] = 1;
    out.reserve(RECORD_BYTES);
    out.buffer.set(record, out.position);
    out.position += RECORD_BYTES;
    this.next = -1;
  }

  private recordOf(shape: InsnShape): Uint8Array {
    const record = new Uint8Array(RECORD_BYTES);
    const view = new DataView(record.buffer);
    view.setInt32(0, shape.pc | 0, true);
    view.setInt32(4, high32(shape.pc), true);
    const { state } = this.context;
    const isLast = this.program?.shapes.at(-1) === shape;
    const end = this.program?.end;
    // A block may also end where it has as many instructions as a block can have.
    const isBranch = isLast && end !== undefined && BRANCHES.has(end.kind) && !(end.kind === 'jump' && end.target === shape.pc + shape.bytes);
    let written = shape.outputs.map(({ register }) => registerNumber(state, register));
    let read = shape.inputs.map(({ register }) => registerNumber(state, register));
    if (shape.flagsOut !== NOWHERE) written.push(FLAGS);
    if (shape.flagsIn !== NOWHERE) read.push(FLAGS);
    if (isBranch) {
      record[8] = 1;
      const others = read.filter((number) => number !== SP && number !== FLAGS);
      [written, read] = branchRegisters(end.kind, others);
    }
    record.set([...new Set(written)].filter((number) => number > 0).slice(0, 2), 10);
    record.set([...new Set(read)].filter((number) => number > 0).slice(0, 4), 12);
    return record;
  }
}

/** Registers that a branch writes and reads, so that ChampSim sees its kind. @param others what it reads besides */
function branchRegisters(kind: string, others: number[]): [written: number[], read: number[]] {
  switch (kind) {
    case 'branch':
      return [[IP], [IP, FLAGS]];
    case 'call':
      return [
        [IP, SP],
        [IP, SP],
      ];
    case 'callIndirect':
      return [
        [IP, SP],
        [IP, SP, ...others],
      ];
    case 'return':
      return [[IP, SP], [SP]];
    case 'jumpIndirect':
      return [[IP], others];
    default:
      return [[IP], []];
  }
}

/** ChampSim's number of a register; 0: none. */
function registerNumber(state: StateLayout, register: number): number {
  const { name } = state.registers[register];
  if (name === 'sp') return SP;
  const [, letter, number] = /^([xv])(\d+)$/.exec(name) ?? [];
  if (number === undefined) return 0;
  return (letter === 'x' ? 30 : 64) + Number(number);
}
