import { CODE, FunctionBody, ModuleBuilder, NZCV_PARAMS, nzcvFunction } from '../wasm/index.ts';
import { COMPUTE_OPS } from './computeOps.ts';
import { holds } from './nzcv.ts';
import { type BlockProgram, Do, NOWHERE } from './program.ts';

const C = CODE;

/**
 * The reader's memory:
 *
 *     0x0_0000  CPU state
 *     0x1_0000  values
 *     0x5_0000  the records that are read
 */
export const VALUES_AT = 0x1_0000;
export const VALUES_WORDS = 0x1_0000;
export const RECORDS_AT = 0x5_0000;
export const RECORDS_BYTES = 0x80_0000;
export const READER_PAGES = (RECORDS_AT + RECORDS_BYTES) / 0x1_0000;

/** Parameters of a program's function: which part to run, and the linear offset of the record. */
const PART = 0;
const RECORD = 1;
const PARAMS = ['i32', 'i32'] as const;
const UNARY: ReadonlySet<string> = new Set(['eqz', 'clz']);
const COMPARES = /^(eq|ne|[lg][te]_[su]|eqz)$/;

/**
 * The module that calls programs: it imports the table `programs`, and exports `run(program, part, record)`. Calls from
 * JavaScript are quick where they are always to the same function.
 */
export function programCaller(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(READER_PAGES, false);
  module.importTable('programs');
  const f = new FunctionBody();
  f.reset(['i32', ...PARAMS]);
  f.get(1);
  f.get(2);
  f.get(0);
  f.callIndirect(module.type(PARAMS, []));
  module.add(module.type(['i32', ...PARAMS], []), f, 'run');
  return module.finish('programs');
}

/**
 * A program as a module, whose export `program` is one function.
 * @param isWhole false: it is in parts: part n has what comes after the n-th instruction is shown, up to where the next one is
 */
export function programModule({ code }: BlockProgram, flagsWord: number, isWhole: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(READER_PAGES, false);
  const nzcv = module.add(module.type(NZCV_PARAMS, ['i32']), nzcvFunction());
  const f = new FunctionBody();
  f.reset(PARAMS);
  let parts = 1;
  forEachOp(code, (p) => {
    if (code[p] === Do.show && !isWhole) parts++;
  });
  if (!isWhole) {
    for (let i = 0; i < parts; i++) f.block();
    f.get(PART);
    f.brTable(
      Array.from({ length: parts - 1 }, (_, i) => i),
      parts - 1,
    );
    f.end();
  }
  const writer = new ProgramWriter(f, nzcv, flagsWord);
  forEachOp(code, (p) => {
    if (code[p] !== Do.show) return writer.op(code, p);
    if (isWhole) return;
    f.return();
    f.end();
  });
  module.add(module.type(PARAMS, []), f, 'program');
  return module.finish();
}

/** Words of each op. */
const LENGTHS: Readonly<Record<number, number>> = {
  [Do.show]: 1,
  [Do.skip]: 1,
  [Do.signUp]: 2,
  [Do.statePart]: 5,
  [Do.stateAdd64]: 5,
  [Do.stateAdd32]: 5,
  [Do.ringPart]: 5,
  [Do.compute32]: 5,
  [Do.compute64]: 5,
  [Do.flags]: 6,
  [Do.select]: 6,
};
const USUAL_LENGTH = 3;

function forEachOp(code: Int32Array, visit: (p: number) => void): void {
  for (let p = 0; p < code.length; p += LENGTHS[code[p]] ?? USUAL_LENGTH) visit(p);
}

class ProgramWriter {
  constructor(
    private readonly f: FunctionBody,
    private readonly nzcv: number,
    private readonly flagsWord: number,
  ) {}

  op(code: Int32Array, p: number): void {
    const { f } = this;
    const a = code[p + 1];
    const b = code[p + 2];
    switch (code[p]) {
      case Do.constant:
        return this.setValue(a, 1, () => f.i32(b));
      case Do.state1:
      case Do.state2:
      case Do.state4:
        return this.setValue(a, 1 << (code[p] - Do.state1), () => this.state(b, 1 << (code[p] - Do.state1)));
      case Do.statePart:
        return this.setValue(a, 1, () => this.part(() => this.state(b, 1), code[p + 3], code[p + 4]));
      case Do.stateAdd64:
        return this.setValue(a, 2, () => {
          this.state(b, 2);
          f.i64(code[p + 3], code[p + 4]);
          f.op(C['i64.add']);
        });
      case Do.stateAdd32:
        return this.setValue(a, 1, () => {
          this.state(b, 1);
          this.with('i32.add', code[p + 3]);
          this.with('i32.and', code[p + 4]);
        });
      case Do.ring1:
      case Do.ring2:
      case Do.ring4:
        return this.setValue(a, 1 << (code[p] - Do.ring1), () => this.ring(b, 1 << (code[p] - Do.ring1)));
      case Do.ringPart:
        return this.setValue(a, 1, () => this.part(() => this.ring(b, 1), code[p + 3], code[p + 4]));
      case Do.sign:
        return this.setValue(a, 1, () => {
          this.value(a, 1);
          this.with('i32.shl', b);
          this.with('i32.shr_s', b);
        });
      case Do.signUp:
        return this.setValue(a, 1, () => {
          this.value(a - 1, 1);
          this.with('i32.shr_s', 31);
        });
      case Do.mask:
        return this.setValue(a, 1, () => {
          this.value(a, 1);
          this.with('i32.and', b);
        });
      case Do.condition:
        return this.condition(a, b);
      case Do.flags:
        return this.flags(a, b, code[p + 3], code[p + 4], code[p + 5]);
      case Do.apply1:
      case Do.apply2:
      case Do.apply4: {
        const words = 1 << (code[p] - Do.apply1);
        return this.store(4 * a, words, () => this.value(b, words));
      }
      case Do.compute32:
        return this.compute(COMPUTE_OPS[a] as string, 'i32', b, code[p + 3], code[p + 4]);
      case Do.compute64:
        return this.compute(COMPUTE_OPS[a] as string, 'i64', b, code[p + 3], code[p + 4]);
      case Do.select: {
        const words = code[p + 5];
        return this.setValue(a, words, () => {
          this.value(code[p + 3], words);
          this.value(code[p + 4], words);
          this.value(b, 1);
          f.op(C.select);
        });
      }
      case Do.copy1:
      case Do.copy2: {
        const words = 1 << (code[p] - Do.copy1);
        return this.setValue(a, words, () => this.value(b, words));
      }
      default:
        throw new Error(`the reader's op ${code[p]} has no code`);
    }
  }

  private store(offset: number, words: number, push: () => void): void {
    this.f.i32(0);
    push();
    this.f.memory(words === 1 ? C['i32.store'] : words === 2 ? C['i64.store'] : C['v128.store'], offset);
  }

  private load(offset: number, words: number): void {
    this.f.memory(words === 1 ? C['i32.load'] : words === 2 ? C['i64.load'] : C['v128.load'], offset);
  }

  private setValue(at: number, words: number, push: () => void): void {
    this.store(VALUES_AT + 4 * at, words, push);
  }

  private value(at: number, words: number): void {
    this.f.i32(0);
    this.load(VALUES_AT + 4 * at, words);
  }

  private state(word: number, words: number): void {
    this.f.i32(0);
    this.load(4 * word, words);
  }

  private ring(word: number, words: number): void {
    this.f.get(RECORD);
    this.load(4 * word, words);
  }

  private with(op: 'i32.add' | 'i32.and' | 'i32.shl' | 'i32.shr_s' | 'i32.shr_u', constant: number): void {
    this.f.i32(constant);
    this.f.op(C[op]);
  }

  private part(push: () => void, shift: number, mask: number): void {
    push();
    this.with('i32.shr_u', shift);
    this.with('i32.and', mask);
  }

  private condition(at: number, condition: number): void {
    const { f } = this;
    let mask = 0;
    for (let nzcv = 0; nzcv < 16; nzcv++) if (holds(condition, nzcv)) mask |= 1 << nzcv;
    this.setValue(at, 1, () => {
      f.i32(mask);
      this.state(this.flagsWord, 1);
      this.with('i32.shr_u', 28);
      f.op(C['i32.shr_u']);
      this.with('i32.and', 1);
    });
  }

  private flags(at: number, packed: number, a: number, b: number, c: number): void {
    const { f } = this;
    this.setValue(at, 1, () => {
      f.i32(packed);
      this.value(a, 2);
      this.value(b, 2);
      if (c === NOWHERE) f.i32(0);
      else this.value(c, 1);
      f.call(this.nzcv);
      this.with('i32.shl', 28);
    });
  }

  private compute(name: string, type: 'i32' | 'i64', at: number, a: number, b: number): void {
    const words = type === 'i32' ? 1 : 2;
    this.setValue(at, COMPARES.test(name) ? 1 : words, () => {
      this.value(a, words);
      if (!UNARY.has(name)) this.value(b, words);
      this.f.op(C[`${type}.${name}` as 'i32.add']);
    });
  }
}
