import { assert } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import {
  type Block,
  type BlockOutcome,
  Evaluator,
  type EvaluatorMemory,
  type EvaluatorRing,
  IrBuffer,
  IrBuilder,
  type MemoryFault,
  OP,
  type Terminator,
  verifyBlock,
} from '../ir/index.ts';
import { AddressSpace } from './addressSpace.ts';
import { CpuState } from './cpuState.ts';
import { ADDRESS_LIMIT, accessEvent, misalignedEvent, trapEvent, untagged, wildPcEvent } from './faults.ts';
import { BOUNCE, Cell, createLinearMemory, type LinearMemory, STATE } from './linearMemory.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { type BlockInfo, type Instrument, type MachineHooks, PROT_READ, PROT_WRITE, type RunEvent } from './seams.ts';
import { SpaceFamily } from './spaceFamily.ts';
import { EngineStatistics } from './statistics.ts';

/** QEMU's TCG_MAX_INSNS. */
const MAX_BLOCK_INSNS = 512;

/** A block that has been translated and instrumented. */
interface Translated {
  readonly info: BlockInfo;
  readonly buffer: IrBuffer;
  readonly block: Block;
}

/**
 * A machine that evaluates blocks one by one instead of translating them to WebAssembly: slow, simple, and the judge of
 * the fast one. Every block is entered from the dispatcher. Every block is verified.
 */
export class EvaluatorMachine implements Machine {
  readonly guest: Guest;
  readonly memory: LinearMemory;
  readonly cpu: CpuState;
  private readonly hooks: MachineHooks;
  private readonly evaluator: Evaluator;
  /** Translated blocks by wish and most instructions, then by pc. */
  private readonly blocks = new WeakMap<AddressSpace, Map<string, Map<number, Translated>>>();
  private readonly family: SpaceFamily;
  private current: AddressSpace;
  private instrument: Instrument | undefined;
  private blockCount = 0;
  private stepCount = 0;
  private stopRequested = false;

  constructor(private readonly options: MachineOptions) {
    this.guest = options.guest;
    this.hooks = options.hooks ?? {};
    this.memory = createLinearMemory(options.memoryPages ?? 65536);
    this.family = new SpaceFamily(this.memory);
    this.current = this.createSpace();
    this.cpu = new CpuState(this.guest.state, this.memory);
    this.evaluator = new Evaluator({
      layout: this.guest.state,
      state: this.memory.view,
      stateOffset: STATE,
      memory: new GuestMemory(this.memory, () => this.current, this.guest.ignoredTopBits),
      input: (kind) => this.hooks.input?.(kind) ?? 0n,
      ring: new Ring(
        this.memory,
        () => this.hooks.ringFull?.(),
        () => this.steps,
      ),
    });
  }

  get space(): AddressSpace {
    return this.current;
  }

  createSpace(): AddressSpace {
    return this.adopt(new AddressSpace(this.memory, this.family));
  }

  forkSpace(): AddressSpace {
    return this.adopt(this.current.fork());
  }

  private adopt(space: AddressSpace): AddressSpace {
    const blocks = new Map<string, Map<number, Translated>>();
    this.blocks.set(space, blocks);
    space.onCodeChange = (start, end) => dropCode(blocks, start, end);
    return space;
  }

  releaseSpace(space: AddressSpace): void {
    assert(space !== this.current, 'the address space that runs cannot be released');
    space.onCodeChange = undefined;
    space.release();
  }

  enter(space: AddressSpace): void {
    this.current = space;
  }

  get pc(): number {
    return Number(this.memory.view.getBigUint64(Cell.pc, true));
  }

  set pc(pc: number) {
    this.setPc(BigInt(pc));
  }

  get steps(): number {
    return this.stepCount;
  }

  setInstrument(instrument: Instrument | undefined): void {
    this.instrument = instrument;
  }

  retranslate(): void {
    for (const space of this.family.members) this.blocks.delete(space);
  }

  /** It translates nothing. */
  readonly statistics = new EngineStatistics();

  /** It keeps none. */
  saveTranslations(): boolean {
    return false;
  }

  /** It stops behind each block. */
  longestSlice = 1;

  requestStop(): void {
    this.stopRequested = true;
  }

  run(untilStep = Number.POSITIVE_INFINITY): RunEvent {
    for (;;) {
      if (this.stopRequested) {
        this.stopRequested = false;
        return { kind: 'stop' };
      }
      if (this.stepCount >= untilStep) return { kind: 'budget' };
      const pc = this.memory.view.getBigUint64(Cell.pc, true);
      if (pc >= ADDRESS_LIMIT) return wildPcEvent(this.guest, this.space, pc);
      const translated = this.blockAt(Number(pc), untilStep - this.stepCount);
      this.hooks.entered?.(translated.info);
      if (this.stopRequested) continue;
      const outcome = this.evaluator.run(translated.buffer, translated.block);
      this.stepCount += outcome.completed;
      const event = this.after(outcome, translated);
      if (event !== undefined) return event;
    }
  }

  /** Sets the pc after a block. @returns the event that it ended with, if the run does not go on */
  private after(outcome: BlockOutcome, { block }: Translated): RunEvent | undefined {
    switch (outcome.kind) {
      case 'jump':
      case 'exit':
        this.setPc(untagged(this.guest, outcome.pc));
        return undefined;
      case 'syscall': {
        this.setPc(outcome.pc);
        const result = this.options.syscall(this);
        return typeof result === 'object' ? { kind: 'exit', status: result.exit } : undefined;
      }
      case 'trap':
        this.setPc(BigInt(outcome.pc));
        return trapEvent(this.guest, this.space, outcome, BigInt(outcome.pc));
      case 'trapInside':
      case 'fault': {
        const pc = block.pc + (block.insnOffsets?.[outcome.completed] ?? outcome.completed * 4);
        this.setPc(BigInt(pc));
        if (this.instrument !== undefined) this.hooks.blockCutShort?.(outcome.completed);
        if (outcome.kind === 'trapInside') return trapEvent(this.guest, this.space, outcome, BigInt(pc));
        return outcome.misaligned ? misalignedEvent(this.guest, outcome.address, pc) : accessEvent(this.space, outcome.address, pc);
      }
    }
  }

  private setPc(pc: bigint): void {
    this.memory.view.setBigUint64(Cell.pc, pc, true);
  }

  /** The block at `pc`, of at most `room` instructions. */
  private blockAt(pc: number, room: number): Translated {
    const most = this.options.oneInsnPerBlock === true ? 1 : MAX_BLOCK_INSNS;
    const whole = this.cached(pc, most);
    return whole.block.insns <= room ? whole : this.cached(pc, 1);
  }

  private cached(pc: number, maxInsns: number): Translated {
    const key = `${maxInsns} ${this.instrument?.wish ?? ''}`;
    const blocks = this.blocks.get(this.current) as Map<string, Map<number, Translated>>;
    let cache = blocks.get(key);
    if (cache === undefined) {
      cache = new Map();
      blocks.set(key, cache);
    }
    let translated = cache.get(pc);
    if (translated === undefined) {
      translated = this.translate(pc, maxInsns);
      cache.set(pc, translated);
    }
    return translated;
  }

  private translate(pc: number, maxInsns: number): Translated {
    const { guest, hooks, instrument } = this;
    const ir = new IrBuilder(new IrBuffer(64));
    const { insns, bytes, insnOffsets } = guest.translateBlock(ir, {
      pc,
      maxInsns,
      fetch: (at) => this.space.fetch32(at),
      branchTargets: this.space.branchTargets(pc),
    });
    const terminator: Terminator | undefined = ir.terminator;
    assert(terminator !== undefined, `the block at ${pc} does not end`);
    const block: Block = { pc, start: 0, end: ir.buffer.length, insns, bytes, terminator, ...(insnOffsets === undefined ? {} : { insnOffsets }) };
    verifyBlock(ir.buffer, block, guest.state);
    const info: BlockInfo = { id: ++this.blockCount, pc, insns, bytes, words: wordsOf(ir.buffer, block) };
    hooks.translated?.(info);
    hooks.ir?.('op', info, ir.buffer, block);
    let result: Translated = { info, buffer: ir.buffer, block };
    if (instrument !== undefined) {
      const to = new IrBuilder(new IrBuffer(64));
      result = { info, block: instrument.instrument(ir.buffer, block, info, to), buffer: to.buffer };
      verifyBlock(result.buffer, result.block, guest.state);
    }
    hooks.ir?.('op_opt', info, result.buffer, result.block);
    return result;
  }
}

function dropCode(blocks: ReadonlyMap<string, Map<number, Translated>>, start: number, end: number): void {
  for (const cache of blocks.values()) {
    // A block without bytes is a trap: its page may have got code.
    for (const { block } of cache.values()) if (block.pc < end && start < block.pc + Math.max(block.bytes, 1)) cache.delete(block.pc);
  }
}

function wordsOf(buffer: IrBuffer, block: Block): Uint32Array {
  const words = new Uint32Array(block.insns);
  for (let i = block.start; i < block.end; i++) if (buffer.op[i] === OP.insn) words[buffer.imm[i]] = buffer.imm2[i];
  return words;
}

/** Guest memory for the evaluator: every access goes to the address space. */
class GuestMemory implements EvaluatorMemory {
  constructor(
    private readonly memory: LinearMemory,
    private readonly running: () => AddressSpace,
    private readonly ignoredTopBits: number,
  ) {}

  private get space(): AddressSpace {
    return this.running();
  }

  load(address64: bigint, bytes: number): bigint | MemoryFault {
    const address = this.address(address64);
    if (address === undefined) return { faultAddress: address64 };
    let at = this.space.resolve(address, bytes, PROT_READ);
    if (at < 0) {
      const fault = this.space.loadSlow(address, bytes, BOUNCE);
      if (fault >= 0) return { faultAddress: BigInt(fault) };
      at = BOUNCE;
    }
    return this.read(at, bytes);
  }

  store(address64: bigint, bytes: number, value: bigint): MemoryFault | undefined {
    const address = this.address(address64);
    if (address === undefined) return { faultAddress: address64 };
    const at = this.space.resolve(address, bytes, PROT_WRITE);
    writeBytes(this.memory, at < 0 ? BOUNCE : at, bytes, value);
    const fault = at < 0 ? this.space.storeSlow(address, bytes, BOUNCE) : -1;
    return fault < 0 ? undefined : { faultAddress: BigInt(fault) };
  }

  /** The address without its ignored bits; undefined where nothing can be mapped. */
  private address(address: bigint): number | undefined {
    const used = BigInt.asUintN(64 - this.ignoredTopBits, address);
    return used < ADDRESS_LIMIT ? Number(used) : undefined;
  }

  private read(at: number, bytes: number): bigint {
    const { view } = this.memory;
    switch (bytes) {
      case 1:
        return BigInt(view.getUint8(at));
      case 2:
        return BigInt(view.getUint16(at, true));
      case 4:
        return BigInt(view.getUint32(at, true));
      case 8:
        return view.getBigUint64(at, true);
      default:
        return view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n);
    }
  }
}

/** Writes the low `bytes` (1, 2, 4, 8 or 16) of `value` at a linear offset. */
function writeBytes({ view }: LinearMemory, at: number, bytes: number, value: bigint): void {
  switch (bytes) {
    case 1:
      return view.setUint8(at, Number(value & 0xffn));
    case 2:
      return view.setUint16(at, Number(value & 0xffffn), true);
    case 4:
      return view.setUint32(at, Number(value & 0xffff_ffffn), true);
    case 8:
      return view.setBigUint64(at, BigInt.asUintN(64, value), true);
    default:
      view.setBigUint64(at, BigInt.asUintN(64, value), true);
      view.setBigUint64(at + 8, BigInt.asUintN(64, value >> 64n), true);
  }
}

/** The trace ring in linear memory. */
class Ring implements EvaluatorRing {
  constructor(
    private readonly memory: LinearMemory,
    private readonly full: () => void,
    /** Instructions completed before the block. */
    private readonly steps: () => number,
  ) {}

  private get pointer(): number {
    return this.memory.view.getUint32(Cell.ringPointer, true);
  }

  reserve(block: number): void {
    if (this.pointer > this.memory.view.getUint32(Cell.ringLimit, true)) this.full();
    this.memory.view.setUint32(this.pointer, block, true);
  }

  step(offset: number): void {
    this.memory.view.setUint32(this.pointer + offset, this.steps() % 0x1_0000_0000, true);
  }

  store(offset: number, bytes: number, value: bigint): void {
    writeBytes(this.memory, this.pointer + offset, bytes, value);
  }

  count(block: number, insns: number): void {
    const { view } = this.memory;
    view.setUint32(Cell.countedBlock, block, true);
    view.setBigUint64(Cell.counted, view.getBigUint64(Cell.counted, true) + BigInt(insns), true);
  }

  commit(bytes: number): void {
    this.memory.view.setUint32(Cell.ringPointer, this.pointer + bytes, true);
  }
}
