import { assert, groupBy } from '../base/index.ts';
import type { BranchTargets, FetchCode, Guest } from '../guest/index.ts';
import { accessBytes, type Block, type Helper, IrBuffer, IrBuilder, insnPc, MARK_SILENT } from '../ir/index.ts';
import { coldHelperModule, coldModule, FIXED_FUNCTIONS, Step } from '../wasm/index.ts';
import { blockInfo } from './blockInfo.ts';
import { ColdBlockList, type ListedBlock } from './coldBlockList.ts';
import { ColdWriter } from './coldBlocks.ts';
import type { ColdBlock, ColdCode } from './coldCode.ts';
import { PAGE } from './guestStorage.ts';
import { Cell, type LinearMemory } from './linearMemory.ts';
import type { SavedCode } from './saved/savedCode.ts';
import { type Instrument, type MachineHooks, makeEngineModule } from './seams.ts';
import type { EngineStatistics } from './statistics.ts';

/** How often a block runs before it becomes a region: about what making one costs. */
export const RUNS_UNTIL_HOT = 8000;
/** Most blocks that wait for others, to become regions of one module. */
const MOST_WAITING = 64;

/** What the cold tier needs of the machine. */
export interface ColdUser {
  readonly guest: Guest;
  readonly memory: LinearMemory;
  readonly memoryPages: number;
  readonly fusesMadd: boolean;
  /** How often a block runs before it becomes a region. */
  readonly runsUntilHot: number;
  /** Memory check slot of all cold accesses. */
  readonly slot: number;
  /** Where it is in the global table. */
  readonly tableIndex: number;
  /** dispatch, readMiss, writeMiss, nzcvOf, storeSlow, syscall, input, ringFull. */
  readonly imports: Readonly<Record<string, unknown>>;
  readonly fetch: FetchCode;
  /** Linear offset of a page of code; -1 where it is not executable. */
  codePage(at: number): number;
  branchTargets(pc: number): BranchTargets;
  /** What blocks are to be instrumented with. */
  instrument(): Instrument | undefined;
  nextBlockId(): number;
  /** A helper's function. */
  provide(helper: Helper): unknown;
  /** The budget does not cover a block. @returns 1 if it must leave */
  tick(need: number): number;
  /** An instrument's callback has been reached; count and pc are exact. */
  callback(number: number): void;
  /** See MachineHooks.watched. */
  watched(address: number, bytes: number): void;
  /**
   * Blocks at pcs in `code` have run often: makes regions of them, or some of them, in one module.
   * @returns the pcs that are not the start of a region now, and are to stay cold
   */
  makeRegions(code: ColdCode, pcs: readonly number[]): ReadonlySet<number>;
  /** A block at `pc` is none any more: the jump cache must not lead to it. */
  retired(pc: number): void;
  /** A direct call has been seen. */
  calls(target: number): void;
  /** Blocks are about to be forgotten. */
  resets(): void;
  readonly statistics: EngineStatistics;
  readonly hooks: MachineHooks;
}

/** Of an address, all but the tag that it may have. */
const UNTAGGED = 0x00ff_ffff_ffff_ffffn;

/** A block that has been translated in this run. */
export interface TranslatedColdBlock {
  readonly block: ColdBlock;
  readonly code: ColdCode;
  /** How often it has run, as far as that is counted. */
  readonly runs: number;
}

interface Interpreter {
  readonly cold: unknown;
  readonly lazy: unknown;
  readonly table: WebAssembly.Table;
}

/** Runs blocks that are not worth a Wasm module: their IR becomes records that one Wasm function goes through. */
export class ColdTier {
  private readonly writer: ColdWriter;
  private readonly interpreter: Interpreter;
  private readonly translatedIr: IrBuilder;
  private readonly instrumentedIr: IrBuilder;
  /** Those that are blocks no longer, too, as they may be running. */
  private readonly list = new ColdBlockList();

  /** Entries of blocks that are to become regions. */
  private readonly waiting = new Set<number>();
  /** End of the code that is being translated. */
  private fetchEnd = 0;
  /** The page that was fetched from last, and where it is in linear memory or -1, while one block is translated. */
  private fetchPage = -1;
  private fetchAt = 0;
  private readonly fetch: FetchCode = (at) => {
    if (at >= this.fetchEnd) return undefined;
    const inPage = at & (PAGE - 1);
    if (at - inPage !== this.fetchPage) {
      this.fetchPage = at - inPage;
      this.fetchAt = this.user.codePage(at - inPage);
    }
    return this.fetchAt < 0 || (inPage & 3) !== 0 ? this.user.fetch(at) : this.user.memory.u32[(this.fetchAt + inPage) >>> 2];
  };

  constructor(private readonly user: ColdUser) {
    const { guest, memory, memoryPages, fusesMadd, slot, tableIndex, imports } = user;
    this.translatedIr = new IrBuilder(new IrBuffer(1024), fusesMadd);
    this.instrumentedIr = new IrBuilder(new IrBuffer(1024), fusesMadd);
    this.writer = new ColdWriter(memory, guest.state, this.translatedIr.buffer, user.runsUntilHot);
    const env = {
      ...imports,
      storeSlow: imports.coldStoreSlow,
      memory: memory.memory,
      coldTick: (need: number): number => user.tick(need),
      coldHot: (at: number): void => this.promote(at),
      coldStop: (at: number, insn: number): void => this.stop(at, insn),
      coldCallback: (at: number, insn: number, number: number): void => this.callback(at, insn, number),
      coldWatched: (at: number, insn: number, mark: number): void => this.watched(at, insn, mark),
      coldHelper: (at: number): void => this.provide(at),
    };
    const { engineModule = makeEngineModule } = user.hooks;
    const name = `cold-${[guest.name, memoryPages, slot, tableIndex, fusesMadd].join('-')}`;
    const wasm = engineModule(name, () => coldModule(memoryPages, true, guest.state, slot, tableIndex, fusesMadd));
    const compile = (): WebAssembly.Module => new WebAssembly.Module(wasm);
    const module = user.hooks.compileCold?.(compile) ?? compile();
    this.interpreter = new WebAssembly.Instance(module, { env }).exports as unknown as Interpreter;
  }

  /** The function for the global table; its parameter `slot` is a block's entry. */
  get run(): unknown {
    return this.interpreter.cold;
  }

  /**
   * The entry of the block at `pc`, of at most `maxInsns` instructions, which is made if there is none.
   * @returns undefined if there is none: it is to be instrumented in a way that cold code cannot be, and in `code.wanted` from now
   * on; or there is no more room, and `reset` is due, once no cold code is running
   */
  enter(code: ColdCode, pc: number, maxInsns: number, isHotter: boolean): number | undefined {
    if (code.generation !== this.writer.generation) {
      code.clear();
      code.generation = this.writer.generation;
    }
    const entry = code.entryAt(pc);
    return entry > 0 ? entry : this.make(code, pc, maxInsns, isHotter);
  }

  /** Takes the block at `pc` that an earlier run made. @returns its entry */
  private takeSaved(code: ColdCode, saved: SavedCode, pc: number, isHotter: boolean): number | undefined {
    const { writer, user } = this;
    const number = saved.blockAt(pc - code.start);
    const words = number < 0 ? undefined : saved.block(number);
    if (words === undefined) return undefined;
    const block = writer.writeSaved(words, saved.head.helpers, pc, code, this.list.length, isHotter);
    if (block === undefined) return undefined;
    user.statistics.coldBlocksRestored++;
    code.add(block, user.memory.u32);
    this.list.add(block, code, true, false);
    return block.at;
  }

  private make(code: ColdCode, pc: number, maxInsns: number, isHotter: boolean): number | undefined {
    const known = code.saved && this.takeSaved(code, code.saved, pc, isHotter);
    return known ?? this.translate(code, pc, maxInsns, isHotter);
  }

  private translate(code: ColdCode, pc: number, maxInsns: number, isHotter: boolean): number | undefined {
    const { writer, user, translatedIr: ir } = this;
    let { buffer } = ir;
    buffer.reset();
    ir.terminator = undefined;
    this.fetchEnd = code.end;
    this.fetchPage = -1;
    const { insns, bytes, insnOffsets } = user.guest.translateBlock(ir, { pc, maxInsns, fetch: this.fetch, branchTargets: user.branchTargets(pc) });
    const terminator = ir.terminator as Block['terminator'] | undefined;
    assert(terminator !== undefined, 'a translated block has no terminator');
    let made: Block = { pc, start: 0, end: buffer.length, insns, bytes, terminator, insnOffsets };
    const instrument = user.instrument();
    const isRecorded = instrument !== undefined && instrument.wants?.(buffer, made) !== false;
    if (isRecorded) {
      if (instrument.mayBeCold?.(buffer, made) !== true) {
        code.wanted.add(pc);
        return undefined;
      }
      this.instrumentedIr.buffer.reset();
      made = instrument.instrument(buffer, made, blockInfo(user.nextBlockId(), buffer, made, !isHotter), this.instrumentedIr);
      ({ buffer } = this.instrumentedIr);
    }
    // A long block of vector instructions that become many ops each: it is cut in two.
    if (insns > 1 && !writer.hasValues(buffer.length)) return this.translate(code, pc, insns >>> 1, isHotter);
    if (!writer.fits(buffer.length)) return undefined;
    user.statistics.coldBlocks++;
    user.statistics.coldInsns += insns;
    const known = writer.helpers.length;
    const block = writer.write(buffer, made, code, this.list.length, isHotter);
    const { table, lazy } = this.interpreter;
    for (let i = known; i < writer.helpers.length; i++) {
      const at = FIXED_FUNCTIONS + i;
      if (at === table.length) table.grow(Math.max(16, table.length >> 2));
      table.set(at, lazy);
    }
    code.add(block, user.memory.u32);
    this.list.add(block, code, false, isRecorded);
    if (code.pages !== undefined) this.keepPages(code.pages, pc, bytes);
    if (terminator.kind === 'call') user.calls(terminator.target);
    return block.at;
  }

  private keepPages(pages: Map<number, Uint32Array>, pc: number, bytes: number): void {
    for (let page = Math.floor(pc / PAGE); page * PAGE < pc + bytes; page++) {
      if (pages.has(page)) continue;
      const at = this.user.codePage(page * PAGE);
      if (at >= 0) pages.set(page, this.user.memory.u32.slice(at >>> 2, (at + PAGE) >>> 2));
    }
  }

  /** The blocks that have been translated here since the last reset, and how often each has run, as far as that is counted. */
  get translated(): readonly TranslatedColdBlock[] {
    return this.list.all.filter(({ isSaved }) => !isSaved).map((block) => ({ block, code: block.code, runs: this.writer.runsCounted(block.at) }));
  }

  /** See Machine.setRunsUntilHot. */
  setRunsUntilHot(runs: number): void {
    this.writer.setRuns(runs, this.list.allEntries);
  }

  /** The name of the helper that has a function of the interpreter's table. */
  helperName(fn: number): string {
    return (this.writer.helpers[fn - FIXED_FUNCTIONS] as Helper).name;
  }

  /** Forgets all blocks: their memory is to be used anew. No cold code may be running. */
  reset(): void {
    this.user.resets();
    this.user.statistics.coldResets++;
    for (const { pc } of this.list.all) this.user.retired(pc);
    this.list.clear();
    this.waiting.clear();
    this.writer.reset();
  }

  /** Code in start..end has changed. @returns whether there were blocks made from it */
  drop(code: ColdCode, start: number, end: number): boolean {
    if (code.generation !== this.writer.generation) return false;
    // A block without bytes is a trap: its page may have got code.
    const isOverlapping = ({ pc, bytes }: ColdBlock): boolean => pc < end && start < pc + Math.max(bytes, 1);
    const blocks = code
      .entriesNear(start, end)
      .map((entry) => this.blockOf(entry))
      .filter(isOverlapping);
    for (const block of blocks) this.retire(block);
    return blocks.length > 0;
  }

  /** Whoever goes to the block gives its pc to the dispatcher instead. */
  private retire({ at, pc, code }: ListedBlock): void {
    this.user.memory.u32[at >>> 2] = Step.retired;
    code.remove(pc);
    this.user.retired(pc);
  }

  /**
   * A block has run often. It waits until it has done so again, or enough others wait, for a module of many regions is better than
   * many of one: V8 puts the code of each module on pages of its own, far from all others.
   */
  private promote(at: number): void {
    const { waiting } = this;
    const hasWaited = waiting.has(at);
    waiting.add(at);
    if (hasWaited || waiting.size >= MOST_WAITING) this.promoteWaiting();
    else this.writer.runAgain(at);
  }

  private promoteWaiting(): void {
    const present = Array.from(this.waiting, (at) => this.blockOf(at)).filter(({ code, pc, at }) => code.entryAt(pc) === at);
    this.waiting.clear();
    for (const [code, blocks] of groupBy(present, (block) => block.code)) {
      const cold = this.user.makeRegions(
        code,
        blocks.map(({ pc }) => pc),
      );
      for (const block of blocks) {
        if (cold.has(block.pc)) {
          this.writer.runAgain(block.at);
          continue;
        }
        code.promoted.add(block.pc);
        this.retire(block);
      }
    }
  }

  private blockOf(at: number): ListedBlock {
    const found = this.list.get(this.writer.numberAt(at));
    assert(found?.at === at, 'no cold block begins there');
    return found;
  }

  /** Instruction `insn` of a block does not complete: the count and the pc become exact. */
  private stop(at: number, insn: number): void {
    const { view, i32 } = this.user.memory;
    const block = this.blockOf(at);
    i32[Cell.left >>> 2] += block.insns - insn;
    i32[Cell.faultInsns >>> 2] = block.isRecorded ? insn : -1;
    view.setBigUint64(Cell.pc, BigInt(insnPc(block, insn)), true);
  }

  /** Calls MachineHooks.callback with count and pc as they are before instruction `insn` of a block. */
  private callback(at: number, insn: number, number: number): void {
    this.exactly(at, insn, () => this.user.callback(number));
  }

  private exactly(at: number, insn: number, call: () => void): void {
    const { view, i32 } = this.user.memory;
    const block = this.blockOf(at);
    const left = i32[Cell.left >>> 2];
    i32[Cell.left >>> 2] = left + block.insns - insn;
    view.setBigUint64(Cell.pc, BigInt(insnPc(block, insn)), true);
    call();
    i32[Cell.left >>> 2] = left;
  }

  /** A mark is watched. @param mark its record, see Step.mark */
  private watched(at: number, insn: number, mark: number): void {
    const { view, u32 } = this.user.memory;
    const operand = u32[(mark >>> 2) + 1];
    const imm2 = u32[(mark >>> 2) + 3];
    const block = this.blockOf(at);
    if ((imm2 & MARK_SILENT) !== 0) return;
    const bytes = operand === 0 ? block.bytes : accessBytes(imm2);
    const address = operand === 0 ? block.pc : Number(view.getBigUint64(operand, true) & UNTAGGED);
    this.exactly(at, insn, () => this.user.watched(address, bytes));
  }

  /** Puts a helper's function into the interpreter's table, when it is first called. */
  private provide(at: number): void {
    const { user, writer, interpreter } = this;
    const number = user.memory.u32[(at >>> 2) + 3];
    const helper = writer.helpers[number - FIXED_FUNCTIONS];
    assert(helper !== undefined, 'a record calls no helper');
    const wasm = coldHelperModule(user.memoryPages, true, helper);
    const env = { memory: user.memory.memory, [`helper:${helper.name}`]: user.provide(helper) };
    interpreter.table.set(number, new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports.call);
  }
}
