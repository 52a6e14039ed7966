import { type Block, type IrBuffer, NONE, OP, OP_TABLE, type Terminator } from '../../ir/index.ts';

/** How an op's value is made in Wasm. */
export const Place = {
  /** Not at all: pure, and nobody uses it. */
  dead: 0,
  /** Where it is used (once, or a constant, or a register that does not change until then). */
  inline: 1,
  /** At its own position, into a local. */
  local: 2,
  /** At its own position, for its effect; its value, if any, is dropped. */
  effect: 3,
  /** A cold helper: into a local by the code of another one, in whose cold path it is called. */
  nested: 4,
} as const;

const KIND_LOAD = new Uint8Array(OP_TABLE.length);
const KIND_STORE = new Uint8Array(OP_TABLE.length);
OP_TABLE.forEach((info, i) => {
  if (info.kind === 'load') KIND_LOAD[i] = 1;
  if (info.kind === 'store') KIND_STORE[i] = 1;
});

const isConst = (op: number): boolean => op === OP.i32_const || op === OP.i64_const || op === OP.f32_const || op === OP.f64_const || op === OP.arg;

/** Whether cold helper `i` has `value` as an operand. */
function usesValue({ a, b, imm, imm2, helpers, callArgs }: IrBuffer, i: number, value: number): boolean {
  const end = imm2[i] + (helpers[imm[i]]?.args.length ?? 0);
  return a[i] === value || b[i] === value || callArgs.slice(imm2[i], end).includes(value);
}

/** The values a terminator uses. */
export function terminatorValues(t: Terminator): readonly number[] {
  switch (t.kind) {
    case 'branch':
      return [t.condition];
    case 'callIndirect':
    case 'jumpIndirect':
    case 'return':
      return [t.target];
    default:
      return [];
  }
}

/**
 * Decides for each op of a block where its value is made, so that single-use values stay on Wasm's operand stack.
 *
 * `pos` is the position at which an op's code runs: its own, or its user's if it is inline. An inline register read
 * must run before the register is set; an inline load must run before the next op with an effect.
 */
export class Placement {
  place!: Uint8Array;
  /** Index in the block of the guest instruction that each op belongs to. */
  insn!: Int32Array;
  private uses!: Int32Array;
  /** Made inside a coldHelper's cold path if inline: a load must not be, for its fault. */
  private cold!: Uint8Array;
  private pos!: Int32Array;
  private nextSet = new Int32Array(256);
  /** The cold helper in whose cold path each one is called, and the other way round; NONE for most. */
  private outer!: Int32Array;
  inner!: Int32Array;

  constructor() {
    // As in ColdPlan: not where they are declared.
    this.makeRoom(4096);
  }

  /** Fills `place` and `insn` for the ops of `block`. */
  analyse(buffer: IrBuffer, block: Block): void {
    if (this.place.length < buffer.length) this.makeRoom(2 * buffer.length);
    const { start, end } = block;
    const { op, a, b, c, imm, imm2 } = buffer;
    const { place, uses, pos, insn, nextSet, cold, outer, inner } = this;
    uses.fill(0, start, end);
    cold.fill(0, start, end);
    pos.fill(-1, start, end);
    outer.fill(NONE, start, end);
    inner.fill(NONE, start, end);
    const values = terminatorValues(block.terminator);
    // Forward: instruction numbers. Backward: users are placed before what they use.
    let current = 0;
    for (let i = start; i < end; i++) {
      if (op[i] === OP.insn) current = imm[i];
      insn[i] = current;
    }
    nextSet.fill(end + 1);
    let nextSetFlags = end + 1;
    let nextEffect = end;
    for (const v of values) this.use(v, end);
    for (let i = end - 1; i >= start; i--) {
      const o = op[i];
      let at = i;
      if (KIND_LOAD[o] === 1) {
        // Runs for its fault even where nobody uses the value.
        if (uses[i] === 1 && pos[i] <= nextEffect && cold[i] === 0) {
          place[i] = Place.inline;
          at = pos[i];
        } else place[i] = uses[i] === 0 ? Place.effect : Place.local;
        nextEffect = i;
      } else if (o === OP.insn) {
        place[i] = Place.effect;
        continue;
      } else if (
        KIND_STORE[o] === 1 ||
        o === OP.setReg ||
        o === OP.setFlags ||
        o === OP.checkAligned ||
        o === OP.trapIf ||
        o === OP.input ||
        o === OP.ringReserve ||
        o === OP.ringStep ||
        o === OP.ringStore ||
        o === OP.ringCommit ||
        o === OP.count ||
        o === OP.counterGet ||
        o === OP.counterSet ||
        o === OP.mark ||
        o === OP.callback ||
        (o === OP.helper && !buffer.helpers[imm[i]]?.pure)
      ) {
        place[i] = buffer.type[i] !== 0 && uses[i] > 0 ? Place.local : Place.effect;
        if (o !== OP.ringStore && o !== OP.counterGet && o !== OP.counterSet && o !== OP.mark) nextEffect = i;
      } else if (uses[i] === 0) {
        place[i] = Place.dead;
        continue;
      } else if (isConst(o)) {
        place[i] = Place.inline;
        continue;
      } else if (outer[i] !== NONE) {
        place[i] = Place.nested;
        at = pos[outer[i]];
        inner[outer[i]] = i;
        cold[a[i]] |= 1;
      } else {
        const limit = o === OP.getReg ? nextSet[imm[i]] : o === OP.flagTest || o === OP.getNzcv ? nextSetFlags : end + 1;
        const repeatable = o === OP.getReg;
        if (pos[i] <= limit && (uses[i] === 1 || repeatable)) {
          place[i] = Place.inline;
          at = pos[i];
        } else place[i] = Place.local;
      }
      if (o === OP.setReg) nextSet[imm[i]] = i;
      if (o === OP.setFlags) nextSetFlags = i;
      if (o === OP.helper || o === OP.coldHelper) {
        if (o === OP.coldHelper) {
          this.use(a[i], at);
          this.use(b[i], at);
          this.nest(buffer, start, i, at);
        }
        const count = (buffer.helpers[imm[i]] as { args: readonly unknown[] }).args.length;
        const isCold = cold[i] | (o === OP.coldHelper ? 1 : 0);
        for (let k = 0; k < count; k++) {
          const argument = buffer.callArgs[imm2[i] + k] as number;
          this.use(argument, at);
          cold[argument] |= isCold;
        }
      } else {
        const isCold = place[i] === Place.inline ? cold[i] : 0;
        this.operand(a[i], at, isCold);
        this.operand(b[i], at, isCold);
        this.operand(c[i], at, isCold);
      }
    }
  }

  /**
   * Looks for the cold helper right before number `i`, made at position `at`, whose condition implies this one's. Where it
   * is made then, nothing may have changed, and nobody may have used it.
   */
  private nest(buffer: IrBuffer, start: number, i: number, at: number): void {
    if (at > i + 1 || this.outer[i] !== NONE) return;
    const { op, a, c } = buffer;
    let k = i - 1;
    while (k >= start && (op[k] === OP.getReg || isConst(op[k]))) k--;
    if (k < start || op[k] !== OP.coldHelper || c[k] !== a[i] || this.uses[k] === 0 || usesValue(buffer, i, k)) return;
    this.outer[k] = i;
    this.pos[i] = at;
  }

  /** `value` is used at position `at`. */
  private use(value: number, at: number): void {
    this.uses[value]++;
    if (at > this.pos[value]) this.pos[value] = at;
  }

  private operand(value: number, at: number, isCold: number): void {
    if (value === NONE) return;
    this.use(value, at);
    this.cold[value] |= isCold;
  }

  private makeRoom(length: number): void {
    this.place = new Uint8Array(length);
    this.insn = new Int32Array(length);
    this.uses = new Int32Array(length);
    this.cold = new Uint8Array(length);
    this.outer = new Int32Array(length);
    this.inner = new Int32Array(length);
    this.pos = new Int32Array(length);
  }
}
