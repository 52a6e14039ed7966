import { assert, ByteWriter } from '../base/index.ts';
import { OP_TABLE, type Ty } from '../ir/index.ts';
import { FRAME_UNIT, GLOBAL, PLACED, PLACED_BYTES } from './constants.ts';
import { CODE, VALUE_TYPE, VOID } from './opcodes.ts';

/** Wasm opcode of each IR op that is one Wasm instruction (select included), by op number; 0 for the others. */
function buildOpcodes(): Uint32Array {
  const table = new Uint32Array(OP_TABLE.length);
  OP_TABLE.forEach((info, i) => {
    const name = info.name.endsWith('_select') ? 'select' : info.name.replace('_', '.');
    const code = CODE[name];
    assert(code !== undefined || info.kind === 'special', `no Wasm instruction for ${info.name}`);
    table[i] = code ?? 0;
  });
  return table;
}
export const WASM_OPCODE: Readonly<Uint32Array> = buildOpcodes();

const C = CODE;

/** What it is, where it stands, and its value: see PLACED. */
export type Placed = readonly [what: number, at: number, value: number];

/** Bytes of a frame besides locals: return address, saved registers, what a call between modules adds. */
const FRAME_OVERHEAD = 160;

const LOAD: Readonly<Record<Ty, number>> = { i32: C['i32.load'], i64: C['i64.load'], f32: C['f32.load'], f64: C['f64.load'], v128: C['v128.load'] };
const STORE: Readonly<Record<Ty, number>> = { i32: C['i32.store'], i64: C['i64.store'], f32: C['f32.store'], f64: C['f64.store'], v128: C['v128.store'] };

/** Writes one function's code: instructions, and locals as they are asked for. Reused from function to function. */
export class FunctionBody {
  readonly code = new ByteWriter(4096);
  /** Offsets in the code of the `if`s that are hardly ever taken. */
  readonly hints: number[] = [];
  /** Where linear offsets stand that another machine has elsewhere, see `shiftedCell`: position in the code, and offset. */
  readonly shifted: [at: number, offset: number][] = [];
  /** Where there is what the module decides in which the function is to be: what it is (PLACED), position in the code, and value. */
  readonly placed: Placed[] = [];
  private localTypes: Ty[] = [];
  private params = 0;

  /** Starts a function with these parameters (locals 0, 1, …). */
  reset(params: readonly Ty[]): void {
    this.code.reset();
    this.hints.length = 0;
    this.shifted.length = 0;
    this.placed.length = 0;
    this.localTypes = [...params];
    this.params = params.length;
  }

  /** A new local, zero at the start. */
  local(type: Ty): number {
    return this.localTypes.push(type) - 1;
  }

  op(code: number): void {
    if (code < 0x100) return this.code.byte(code);
    const prefix = code >= 0xfd00 ? 0xfd : 0xfc;
    this.code.byte(prefix);
    this.code.u32(code - prefix * 0x100);
  }

  i32(n: number): void {
    this.code.byte(C['i32.const']);
    this.code.s32(n);
  }
  i64(lo: number, hi: number): void {
    this.code.byte(C['i64.const']);
    this.code.s64(lo, hi);
  }
  get(local: number): void {
    this.code.byte(C['local.get']);
    this.code.u32(local);
  }
  set(local: number): void {
    this.code.byte(C['local.set']);
    this.code.u32(local);
  }
  tee(local: number): void {
    this.code.byte(C['local.tee']);
    this.code.u32(local);
  }
  /** A load or store by opcode; alignment hint 0, for guests may be unaligned and hints change nothing. */
  memory(code: number, offset: number): void {
    this.op(code);
    this.code.byte(0);
    this.code.u32(offset);
  }
  /**
   * Loads a word of type `type` from a constant linear offset. That is the address, not the instruction's offset: V8 takes a
   * time for each access with an offset that grows with the number of all others with the same.
   */
  loadCell(type: Ty, offset: number): void {
    this.i32(offset);
    this.memory(LOAD[type], 0);
  }
  /** Stores what `value` pushes, see `loadCell`. */
  storeCell(type: Ty, offset: number, value: () => void): void {
    this.i32(offset);
    value();
    this.store(type);
  }
  /** Stores the value on the stack at the linear offset below it. */
  store(type: Ty): void {
    this.memory(STORE[type], 0);
  }
  /** As `loadCell`, of a memory check slot or of the constant pool: if the code is kept, the offset is told with it. */
  shiftedCell(type: Ty, offset: number): void {
    this.shiftedOffset(offset);
    this.memory(LOAD[type], 0);
  }
  /** The linear offset of a memory check slot, told as by `shiftedCell`. */
  shiftedOffset(offset: number): void {
    this.code.byte(C['i32.const']);
    this.shifted.push([this.code.length, offset]);
    this.code.s32(offset);
  }
  /** Pushes the number of a slot of the table of links, see PLACED. */
  link(slot: number): void {
    this.code.byte(C['i32.const']);
    this.place(PLACED.link, slot);
  }
  /** Pushes an i64 local as two i32, its low half first. */
  halves(local: number): void {
    this.get(local);
    this.op(C['i32.wrap_i64']);
    this.get(local);
    this.i64(32, 0);
    this.op(C['i64.shr_u']);
    this.op(C['i32.wrap_i64']);
  }
  /** Pushes the i32 global with an index. */
  globalGet(index: number): void {
    this.code.byte(C['global.get']);
    this.code.u32(index);
  }
  /** Pushes what tells the region from all others, see MODULE_REGIONS. */
  self(): void {
    this.globalGet(GLOBAL.firstRegion);
    this.code.byte(C['i32.const']);
    this.place(PLACED.region, 0);
    this.code.byte(C['i32.add']);
  }
  /** Calls the function itself. */
  callSelf(): void {
    this.code.byte(C.call);
    this.place(PLACED.function, 0);
  }
  /** Calls a helper. @param helper its place in the region's `helpers` */
  callHelper(helper: number): void {
    this.code.byte(C.call);
    this.place(PLACED.helper, helper);
  }
  /** Pushes the room that a frame of the function takes. */
  frame(): void {
    this.code.byte(C['i32.const']);
    this.place(PLACED.frame, 0);
  }
  /**
   * Room that a frame takes, in FRAME_UNIT: V8's baseline code has a place for each local, 8 bytes or 16, its optimised code for what
   * it has no registers for. Half as much again is for what it makes besides.
   */
  get frameUnits(): number {
    const bytes = this.localTypes.reduce((sum, type) => sum + (type === 'v128' ? 16 : 8), 0);
    return Math.ceil((FRAME_OVERHEAD + 1.5 * bytes) / FRAME_UNIT);
  }
  private place(what: number, value: number): void {
    this.placed.push([what, this.code.length, value]);
    this.code.paddedLeb(value, PLACED_BYTES);
  }
  block(): void {
    this.code.byte(C.block);
    this.code.byte(VOID);
  }
  loop(): void {
    this.code.byte(C.loop);
    this.code.byte(VOID);
  }
  if(result?: Ty): void {
    this.code.byte(C.if);
    this.code.byte(result === undefined ? VOID : VALUE_TYPE[result]);
  }
  /** An `if` without result whose condition hardly ever holds. */
  unlikelyIf(): void {
    this.hints.push(this.code.length);
    this.if();
  }
  else(): void {
    this.code.byte(C.else);
  }
  end(): void {
    this.code.byte(C.end);
  }
  br(label: number): void {
    this.code.byte(C.br);
    this.code.u32(label);
  }
  brIf(label: number): void {
    this.code.byte(C.br_if);
    this.code.u32(label);
  }
  brTable(labels: readonly number[], otherwise: number): void {
    this.code.byte(C.br_table);
    this.code.u32(labels.length);
    for (const label of labels) this.code.u32(label);
    this.code.u32(otherwise);
  }
  call(fn: number): void {
    this.code.byte(C.call);
    this.code.u32(fn);
  }
  returnCall(fn: number): void {
    this.code.byte(C.return_call);
    this.code.u32(fn);
  }
  callIndirect(type: number, table = 0): void {
    this.code.byte(C.call_indirect);
    this.code.u32(type);
    this.code.u32(table);
  }
  returnCallIndirect(type: number, table = 0): void {
    this.code.byte(C.return_call_indirect);
    this.code.u32(type);
    this.code.u32(table);
  }
  return(): void {
    this.code.byte(C.return);
  }

  /**
   * Appends the function in the code section's form: size, locals, code, end.
   * @returns offsets in the body, locals included, of the `if`s that are hardly ever taken; where `into` has what is `shifted`, and
   * what is `placed`
   * Locals are declared in runs of one type, in the order in which they were asked for.
   */
  finish(into: ByteWriter): {
    readonly unlikely: readonly number[];
    readonly shifted: readonly (readonly [at: number, offset: number])[];
    readonly placed: readonly Placed[];
  } {
    const head = new ByteWriter(64);
    const runs: [number, Ty][] = [];
    for (let i = this.params; i < this.localTypes.length; i++) {
      const type = this.localTypes[i] as Ty;
      const last = runs.at(-1);
      if (last !== undefined && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    head.u32(runs.length);
    for (const [count, type] of runs) {
      head.u32(count);
      head.byte(VALUE_TYPE[type]);
    }
    into.u32(head.length + this.code.length + 1);
    into.append(head);
    const start = into.length;
    into.append(this.code);
    into.byte(C.end);
    return {
      unlikely: this.hints.map((offset) => offset + head.length),
      shifted: this.shifted.map(([at, offset]) => [start + at, offset]),
      placed: this.placed.map(([what, at, value]) => [what, start + at, value]),
    };
  }
}
