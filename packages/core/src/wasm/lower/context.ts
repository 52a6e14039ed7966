import { Cell, STATE } from '../../base/layout.ts';
import { type Block, type Helper, type IrBuffer, insnPc, OP, type Register, type StateLayout, type Ty } from '../../ir/index.ts';
import { EVENT_CAREFUL } from '../constants.ts';
import { FunctionBody } from '../functionBody.ts';
import type { ModuleBuilder } from '../module.ts';
import { CODE } from '../opcodes.ts';
import { Accesses, type AccessGroup } from './accessGroups.ts';
import type { Liveness } from './liveness.ts';
import type { MarkLocals } from './mark.ts';
import { Placement } from './placement.ts';
import type { StackFrame } from './stackFrame.ts';

/** Parameters of a region's function: the slot it was called through, and the room for frames nested in it, in FRAME_UNIT. */
export const PARAM_SLOT = 0;
export const PARAM_DEPTH = 1;

/** How vector ops are lowered, in regions and in helpers. */
export interface VectorOptions {
  /** Whether the host has relaxed SIMD's swizzle. */
  readonly relaxedSwizzle: boolean;
  /** Whether helpers may use `fusedMadd`; left out: no. */
  readonly fusesMadd?: boolean;
  /** Linear offset of a constant's 16 bytes; undefined for constants that are to be made in code. */
  readonly constantOffset: (bytes: Uint8Array) => number | undefined;
}

/** What the engine asks of the lowering. */
export interface LoweringOptions extends VectorOptions {
  /** Direct branches, calls and returns between regions use links and Wasm calls; else every exit returns to the dispatcher. */
  readonly chain: boolean;
  /** The blocks hold ring ops. */
  readonly ring: boolean;
  /** Registers that usually hold stack addresses: accesses through them share one memory check slot, kept in locals. */
  readonly stackPointer: Register;
  /** Names of optimisations to leave out. */
  readonly disabled: ReadonlySet<string>;
  /** Linear offset of a fresh memory check slot, see memoryAccess.ts. */
  readonly allocateSlot: () => number;
  /** Linear offset of the slot that all stack accesses share. */
  readonly stackSlot: number;
  /** True for a loop that is an entry of its function's region: links lead to regions' starts only. */
  readonly isLoopEntry: (pc: number) => boolean;
  /** True where a region may be entered with flags of an expected kind only; if they are of another, EVENT_FLAG_KIND says so. */
  readonly mayGuardFlags: (pc: number) => boolean;
  /** Whether the import `learn` wants to hear of the targets of the indirect jump at this pc. */
  readonly learns: (jumpPc: number) => boolean;
  /** Whether indirect calls remember where they went, see CALL_SITE. */
  readonly hasCallSites: boolean;
}

/** Working memory of the lowering, kept from region to region. */
export class Scratch {
  readonly placement = new Placement();
  readonly accesses = new Accesses();
  readonly body = new FunctionBody();
  valueLocal = new Int32Array(4096);
}

/** A memory check slot, and the locals that hold what it remembers. */
export interface LoopSlot {
  readonly slot: number;
  readonly lo: number;
  readonly limit: number;
  readonly delta: number;
}

/** State of the lowering of one region: which Wasm local holds what, what is dirty at this point, and the output. */
export class Context {
  readonly placement: Placement;
  readonly accesses: Accesses;
  /** Wasm local of each guest register, by register index; -1: none yet. */
  readonly registerLocal: Int32Array;
  /** Registers whose local differs, or may differ, from the CPU state; one bit each. */
  readonly dirty: Uint32Array;
  /** Registers whose local holds their value; one bit each. Kept where blocks begin and end, not op by op. */
  readonly available: Uint32Array;
  /** By register: the last op of the block that sets it, or -1. */
  private readonly lastSet: Int32Array;
  /** Wasm local of each materialised value of the current block. */
  readonly valueLocal: Int32Array;
  /** Whether accesses store dirty registers only where they fault, see writeThrough.ts. */
  isDeferring = false;
  /** packFlagKind's result where it is known at this point, else -1. */
  flagKind = -1;
  block!: Block;
  left = 0;
  ringPointer = 0;
  /** Once there is a mark. */
  markLocals: MarkLocals | undefined;
  /** The ring has room for all records up to where the budget is checked next: their blocks need not look. */
  ringIsChecked = false;
  /** Whether the block has a trace record. */
  hasRecord = false;
  address = 0;
  index = 0;
  /** The region's stack frame, if its accesses are checked together; the stack pointer's offset in it at this block's start. */
  frame: StackFrame | undefined;
  frameOffset: number | undefined;
  /** Whether the frame has been checked at this point. */
  frameChecked = false;
  /** Memory check slots that stand in locals while a loop runs, by the op whose check uses them. */
  readonly loopSlots = new Map<number, LoopSlot>();
  /** Memory accesses of the current block that share a check, and the local that holds each group's linear index. */
  readonly groupIndex = new Map<AccessGroup, number>();
  /** As `groupIndex`, of groups that reach beyond their block. */
  readonly keptIndex = new Map<AccessGroup, number>();
  nextPc = 0;
  stackLo = -1;
  stackLimit = -1;
  stackDelta = -1;
  /** Those that the region calls. */
  readonly helpers: Helper[] = [];
  private readonly freeTemps: Record<Ty, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  private readonly usedTemps: { type: Ty; local: number }[] = [];

  constructor(
    readonly buffer: IrBuffer,
    readonly layout: StateLayout,
    /** Where helpers that are called are imported, in the module of a helper; a region's is made later. */
    readonly module: ModuleBuilder | undefined,
    readonly body: FunctionBody,
    scratch: Scratch,
    readonly options: LoweringOptions,
    readonly liveness: Liveness,
  ) {
    this.registerLocal = new Int32Array(layout.registers.length).fill(-1);
    this.dirty = new Uint32Array(liveness.words);
    this.available = new Uint32Array(liveness.words);
    this.lastSet = new Int32Array(layout.registers.length);
    this.placement = scratch.placement;
    this.accesses = scratch.accesses;
    if (scratch.valueLocal.length < buffer.length) scratch.valueLocal = new Int32Array(buffer.length * 2);
    this.valueLocal = scratch.valueLocal;
  }

  /** The place of a helper in `helpers`. */
  helperNumber(helper: Helper): number {
    const at = this.helpers.indexOf(helper);
    return at < 0 ? this.helpers.push(helper) - 1 : at;
  }

  /** The Wasm local that holds a guest register. */
  local(register: number): number {
    let local = this.registerLocal[register];
    if (local < 0) {
      local = this.body.local((this.layout.registers[register] as Register).type);
      this.registerLocal[register] = local;
    }
    return local;
  }

  /** A local for a value of the current block. */
  temp(type: Ty): number {
    const local = this.freeTemps[type].pop() ?? this.body.local(type);
    this.usedTemps.push({ type, local });
    return local;
  }

  startBlock(block: Block): void {
    for (const { type, local } of this.usedTemps) this.freeTemps[type].push(local);
    this.usedTemps.length = 0;
    this.block = block;
    this.hasRecord = false;
    this.placement.analyse(this.buffer, block);
    this.groupIndex.clear();
    const { op, imm } = this.buffer;
    this.lastSet.fill(-1);
    for (let i = block.start; i < block.end; i++) {
      if (op[i] === OP.setReg) this.lastSet[imm[i]] = i;
      else if (op[i] === OP.setFlags) this.lastSet[this.layout.flags.a.index] = i;
    }
  }

  markDirty(register: number): void {
    this.dirty[register >>> 5] |= 1 << (register & 31);
  }

  /** Stores every register that may differ from the CPU state. Changes nothing in `dirty`. */
  storeDirty(): void {
    this.forEach(this.dirty, (register) => this.storeRegister(register));
  }

  /** Stores those registers of a set that may differ from the CPU state, which they no longer do. */
  storeDirtyOf(set: Uint32Array): void {
    const { dirty } = this;
    for (let w = 0; w < dirty.length; w++) {
      const stored = dirty[w] & set[w];
      dirty[w] &= ~stored;
      for (let bits = stored; bits !== 0; bits &= bits - 1) this.storeRegister(w * 32 + 31 - Math.clz32(bits & -bits));
    }
  }

  /**
   * Before the access of op `i`, which may fault, outside of loops that defer it: stores what is dirty, so that leaving
   * there does not. What the block sets once more is left to that.
   */
  writeThrough(i: number): void {
    if (this.isDeferring) return;
    this.forEach(this.dirty, (register) => {
      if ((this.lastSet[register] as number) > i) return;
      this.storeRegister(register);
      this.dirty[register >>> 5] &= ~(1 << (register & 31));
    });
  }

  /** Loads those registers of a set into their locals that are not there. */
  loadRegisters(set: Uint32Array): void {
    const { available } = this;
    const { flags, registers } = this.layout;
    for (let w = 0; w < set.length; w++) {
      const missing = set[w] & ~available[w];
      available[w] |= missing;
      for (let bits = missing; bits !== 0; bits &= bits - 1) {
        const register = w * 32 + 31 - Math.clz32(bits & -bits);
        if (register !== flags.a.index) this.loadRegister(registers[register] as Register);
        else for (const part of [flags.a, flags.b, flags.c, flags.kind]) this.loadRegister(part);
      }
    }
  }

  private loadRegister(register: Register): void {
    if (register === this.layout.flags.kind && !this.liveness.needsKindLocal) return;
    this.body.loadCell(register.type, STATE + register.offset);
    this.body.set(this.local(register.index));
  }

  private storeRegister(index: number): void {
    const { flags, registers } = this.layout;
    if (index !== flags.a.index) return this.storeLocal(registers[index] as Register);
    this.storeLocal(flags.a);
    this.storeLocal(flags.b);
    const conditional = this.flagKind < 0 || (this.flagKind & 0x100) !== 0;
    if (conditional) this.storeLocal(flags.c);
    if (this.flagKind < 0) return this.storeLocal(flags.kind);
    this.storeCell(STATE + flags.kind.offset, this.flagKind);
  }

  private storeLocal(register: Register): void {
    this.body.i32(STATE + register.offset);
    this.body.get(this.local(register.index));
    this.body.store(register.type);
  }

  /** Stores a constant into an engine cell. */
  storeCell(cell: number, value: number): void {
    this.body.i32(cell);
    this.body.i32(value);
    this.body.store('i32');
  }

  storeLocalToCell(cell: number, local: number, adjust = 0): void {
    const { body } = this;
    body.i32(cell);
    body.get(local);
    if (adjust !== 0) {
      body.i32(adjust);
      body.op(CODE['i32.add']);
    }
    body.store('i32');
  }

  /** Saves what a region keeps in locals besides guest registers: the instruction budget and the ring pointer. */
  storeCounters(): void {
    this.storeLocalToCell(Cell.left, this.left);
    if (this.options.ring) this.storeLocalToCell(Cell.ringPointer, this.ringPointer);
  }

  loadCounters(): void {
    this.body.loadCell('i32', Cell.left);
    this.body.set(this.left);
    if (!this.options.ring) return;
    this.body.loadCell('i32', Cell.ringPointer);
    this.body.set(this.ringPointer);
  }

  storePc(pc: number): void {
    this.body.i32(Cell.pc);
    this.pcConst(pc);
    this.body.store('i64');
  }

  pcConst(pc: number): void {
    this.body.i64(pc | 0, Math.floor(pc / 0x1_0000_0000));
  }

  returnEvent(): void {
    this.body.i64(-1, -1);
    this.body.return();
  }

  /** Leaves the region because instruction `insn` of the block cannot complete: registers, counts and pc exact. */
  faultExit(insn: number): void {
    const { block } = this;
    this.storeDirty();
    this.storeLocalToCell(Cell.left, this.left, block.insns - insn);
    // The block's record is not committed: blockCutShort keeps what there is of it.
    if (this.options.ring) this.storeLocalToCell(Cell.ringPointer, this.ringPointer);
    this.storeCell(Cell.faultInsns, this.hasRecord ? insn : -1);
    this.storePc(insnPc(block, insn));
    this.returnEvent();
  }

  /**
   * Leaves the region before instruction `insn`: it and the rest of the block run one instruction a block, for their
   * accesses cannot be checked together.
   */
  carefulExit(insn: number): void {
    this.storeCell(Cell.event, EVENT_CAREFUL);
    this.storeCell(Cell.trapArgument, this.block.insns - insn);
    this.faultExit(insn);
  }

  /** Visits the set as it is at the start. */
  private forEach(set: Uint32Array, visit: (register: number) => void): void {
    for (let w = 0; w < set.length; w++) {
      for (let bits = set[w]; bits !== 0; bits &= bits - 1) visit(w * 32 + 31 - Math.clz32(bits & -bits));
    }
  }
}
