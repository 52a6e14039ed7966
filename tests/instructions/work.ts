import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Trap } from '../../packages/core/src/guest/aarch64/traps.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { IrBuilder, OP, OP_TABLE, type OpName } from '../../packages/core/src/ir/index.ts';
import { randomWord } from '../fuzz/generate.ts';
import { Random } from '../fuzz/random.ts';

export type A64Row = (typeof rows)[number];

/** native: an op or two; short: a sequence of them; helper: a call of a helper, always. */
export type State = 'native' | 'short' | 'helper';

/** What a row becomes, over samples of its words. */
export interface RowWork {
  readonly state: State;
  /** Rare operands make a cold call of a helper. */
  readonly cold: boolean;
}

const SAMPLES = 200;
const NATIVE_OPS = 2;

/** Ops that bring values to where they are used: registers, constants, lane 0, the width of W registers. */
const MOVES: ReadonlySet<OpName> = new Set<OpName>([
  'insn',
  'getReg',
  'setReg',
  'i32_const',
  'i64_const',
  'f32_const',
  'f64_const',
  'v128_const',
  'i32_wrap_i64',
  'i64_extend_i32_u',
  'i32x4_extract_lane',
  'i64x2_extract_lane',
  'f32x4_extract_lane',
  'f64x2_extract_lane',
  'i32x4_replace_lane',
  'i64x2_replace_lane',
  'f32x4_replace_lane',
  'f64x2_replace_lane',
  'i32_reinterpret_f32',
  'i64_reinterpret_f64',
  'f32_reinterpret_i32',
  'f64_reinterpret_i64',
]);

interface WordWork {
  readonly ops: number;
  readonly helper: boolean;
  readonly cold: boolean;
}

/** Translates words of rows and looks at the IR. */
export class WorkMeter {
  private readonly guest = createAArch64('max');
  private readonly decoder = Decoder.of(rows);
  private readonly ir = new IrBuilder();

  /** @returns undefined if the word is an undefined instruction */
  ofWord(word: number): WordWork | undefined {
    const { ir } = this;
    ir.buffer.reset();
    this.guest.translateBlock(ir, { pc: 0x10000, maxInsns: 1, fetch: () => word });
    if (ir.terminator?.kind === 'trap' && ir.terminator.code === Trap.undefined) return undefined;
    const names = Array.from(ir.buffer.op.subarray(0, ir.buffer.length), (op) => OP_TABLE[op]?.name as OpName);
    return {
      ops: names.filter((name) => !MOVES.has(name)).length,
      helper: ir.buffer.op.subarray(0, ir.buffer.length).includes(OP.helper),
      cold: names.includes('coldHelper'),
    };
  }

  /** The same samples at every call. */
  ofRow(row: A64Row): RowWork {
    const random = new Random(row.value);
    const works: WordWork[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const word = randomWord(random, this.decoder, row);
      const work = word === undefined ? undefined : this.ofWord(word);
      if (work !== undefined) works.push(work);
    }
    const most = Math.max(0, ...works.map(({ ops }) => ops));
    const state = works.some(({ helper }) => helper) ? 'helper' : most <= NATIVE_OPS ? 'native' : 'short';
    return { state, cold: works.some(({ cold }) => cold) };
  }
}
