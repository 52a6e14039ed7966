import { fromHalves, type GuestAddress, guestAddress } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import type { Block } from '../ir/index.ts';
import {
  EVENT_CAREFUL,
  EVENT_FAULT,
  EVENT_FLAG_KIND,
  EVENT_LEAVE,
  EVENT_MISALIGNED,
  EVENT_NONE,
  EVENT_TRAP,
  EVENT_TRAP_INSIDE,
  EVENT_WILD,
  loopHeaderAround,
  lowerRegion,
  Scratch,
  type VectorOptions,
} from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import { AddressSpaces } from './addressSpaces.ts';
import { Arenas } from './arenas.ts';
import type { TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import type { ColdCode } from './coldBlocks.ts';
import { ColdTier, RUNS_UNTIL_HOT } from './coldTier.ts';
import { ConstantPool } from './constantPool.ts';
import { CpuState } from './cpuState.ts';
import { createDispatcher, type Dispatcher, regionImports } from './dispatcher.ts';
import { accessEvent, misalignedEvent, trapEvent, wildPcEvent } from './faults.ts';
import { PAGE } from './guestStorage.ts';
import { HelperFunctions } from './helperFunctions.ts';
import { hasFusedMadd, hasRelaxedSimd } from './hostFeatures.ts';
import { JumpCache } from './jumpCache.ts';
import { Cell, createLinearMemory, type LinearMemory } from './linearMemory.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { COLD_LIMITS, EXACT_DISABLED, HOT_LIMITS, MAX_DEPTH, MAX_UNEXPECTED, type Mode, SINGLE_BLOCK, usualMode } from './modes.ts';
import { RegionBuilder, type RegionRequest } from './regionBuilder.ts';
import { type Instrument, type MachineHooks, PROT_EXEC, type RunEvent } from './seams.ts';
import { StepBudget } from './stepBudget.ts';

/** Makes a machine whose guest code runs as WebAssembly. */
export function createMachine(options: MachineOptions): WasmMachine {
  return new WasmMachine(options);
}

class WasmMachine implements Machine {
  readonly guest: Guest;
  readonly memory: LinearMemory;
  readonly cpu: CpuState;
  private readonly hooks: MachineHooks;
  private readonly disabled: ReadonlySet<string>;
  private readonly chain: boolean;
  private readonly memoryPages: number;
  private readonly arenas: Arenas;
  private readonly jumps: JumpCache;
  private readonly builder = new RegionBuilder();
  private readonly scratch = new Scratch();
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private tableEnd = 0;
  /** Of regions that have been forgotten. */
  private readonly freeIndices: number[] = [];
  private readonly dispatcher: Dispatcher;
  /** Made when it is first needed; undefined where no code may be cold. */
  private coldTier: ColdTier | undefined;
  private coldIndex = -1;
  private coldFull = false;
  private readonly mayBeCold: boolean;
  private readonly imports: Record<string, unknown>;
  private readonly helpers: HelperFunctions;
  private readonly spaces: AddressSpaces;
  /** All instructions one a block: the mode of exact stops. */
  private readonly exactMode: Mode = { name: 'exact', limits: SINGLE_BLOCK, maxInsns: 1 };
  private readonly fullMode: Mode;
  private mode: Mode;
  /** Of translations in the present mode with the present wish. */
  private cacheKey: string;
  private instrument: Instrument | undefined;
  private readonly fusesMadd: boolean;
  private readonly vectors: VectorOptions;
  private blockCount = 0;
  private readonly budget: StepBudget;
  private stopRequested = false;
  private codeChanged = false;
  private exactStop = false;
  /** Up to this step, one instruction a block. */
  private carefulUntil = 0;
  private exitStatus: number | undefined;

  constructor(private readonly options: MachineOptions) {
    const { guest } = options;
    this.guest = guest;
    this.hooks = options.hooks ?? {};
    this.disabled = options.disabled ?? new Set();
    this.chain = options.noChain !== true;
    this.memoryPages = options.memoryPages ?? 65536;
    this.fusesMadd = !this.disabled.has('fused-madd') && hasFusedMadd();
    this.memory = createLinearMemory(this.memoryPages);
    this.budget = new StepBudget(this.memory, options.firstSlice);
    this.jumps = new JumpCache(this.memory);
    this.arenas = new Arenas(this.memory, () => this.space, guest.ignoredTopBits);
    const { entered, translated, ir, compiled } = this.hooks;
    // Logs tell of code as it is translated in each address space.
    const isLogged = [entered, translated, ir, compiled].some((hook) => hook !== undefined);
    this.spaces = new AddressSpaces(
      this.memory,
      {
        arenasChanged: () => this.arenas.reset(),
        codeReplaced: () => this.jumps.flush(),
        dropped: (region, cache) => this.forget(region, cache),
        dropCold: (view, start, end) => [...view.allCold].filter((code) => this.coldTier?.drop(code, start, end)).length > 0,
        codeChanged: () => {
          this.codeChanged = true;
        },
      },
      !isLogged && !this.disabled.has('shared-code'),
    );
    const pool = new ConstantPool(this.memory);
    this.vectors = {
      relaxedSwizzle: !this.disabled.has('relaxed-swizzle') && hasRelaxedSimd(),
      constantOffset: this.disabled.has('constant-pool') ? () => undefined : (bytes) => pool.offsetOf(bytes),
    };
    this.helpers = new HelperFunctions(this.memory, this.memoryPages, this.vectors);
    this.cpu = new CpuState(guest.state, this.memory);
    this.fullMode = usualMode(options.oneInsnPerBlock === true, this.chain, this.disabled);
    this.mayBeCold = this.fullMode.limits !== SINGLE_BLOCK && !this.disabled.has('cold-code') && !isLogged;
    this.mode = this.fullMode;
    this.cacheKey = this.keyOf(this.mode);
    this.dispatcher = createDispatcher({
      memory: this.memory,
      memoryPages: this.memoryPages,
      arenas: this.arenas,
      regions: this.table,
      useJumpCache: entered === undefined && !this.disabled.has('jump-cache'),
      ignoredTopBits: guest.ignoredTopBits,
      lookup: (lo, hi) => this.lookup(lo, hi),
    });
    this.imports = regionImports(this.memory, this.dispatcher, this.hooks, {
      syscall: () => this.syscall(),
      storeMoves: (address, bytes) => this.mode !== this.exactMode && this.arenas.storeMoves(address, bytes),
      store: (address, bytes) => this.arenas.storeSlow(address, bytes),
      codeChanged: () => this.codeChanged,
    });
    this.jumps.flush();
  }

  get space(): AddressSpace {
    return this.spaces.current;
  }

  createSpace(): AddressSpace {
    return this.spaces.create();
  }

  forkSpace(): AddressSpace {
    return this.spaces.fork();
  }

  releaseSpace(space: AddressSpace): void {
    this.spaces.release(space);
  }

  enter(space: AddressSpace): void {
    this.spaces.enter(space);
  }

  private codeAt(pc: number): CodeView {
    return this.spaces.codeAt(pc);
  }

  /** The region that has been translated at `pc` in the present mode. */
  private cached(pc: number): TranslatedRegion | undefined {
    return this.codeAt(pc).cache(this.cacheKey).get(pc);
  }

  get pc(): number {
    return fromHalves(this.memory.view.getInt32(Cell.pc, true), this.memory.view.getInt32(Cell.pc + 4, true));
  }

  set pc(pc: number) {
    this.memory.view.setBigUint64(Cell.pc, BigInt(pc), true);
  }

  get steps(): number {
    return this.budget.steps;
  }

  setInstrument(instrument: Instrument | undefined): void {
    this.instrument = instrument;
    this.enterMode(this.mode);
  }

  requestStop(): void {
    this.stopRequested = true;
  }

  run(untilStep = Number.POSITIVE_INFINITY): RunEvent {
    const { view } = this.memory;
    // It was about another end.
    this.exactStop = false;
    for (;;) {
      if (this.stopRequested) {
        this.stopRequested = false;
        return { kind: 'stop' };
      }
      if (this.steps >= untilStep) return { kind: 'budget' };
      if (this.coldFull) this.coldTier?.reset();
      this.coldFull = false;
      const careful = this.steps < this.carefulUntil;
      this.budget.until = careful ? Math.min(this.carefulUntil, untilStep) : untilStep;
      this.enterMode(careful || this.exactStop ? this.exactMode : this.fullMode);
      this.exactStop = false;
      this.codeChanged = false;
      view.setInt32(Cell.event, EVENT_NONE, true);
      this.budget.grant(1);
      this.dispatcher.run(view.getBigUint64(Cell.pc, true), MAX_DEPTH);
      const event = this.takeEvent();
      if (event !== undefined) return event;
    }
  }

  /** What made every frame return; undefined if the run just goes on. */
  private takeEvent(): RunEvent | undefined {
    const { view } = this.memory;
    if (this.exitStatus !== undefined) {
      const status = this.exitStatus;
      this.exitStatus = undefined;
      return { kind: 'exit', status };
    }
    switch (view.getInt32(Cell.event, true)) {
      case EVENT_TRAP_INSIDE:
        this.cutShort();
        return this.trapEvent();
      case EVENT_TRAP:
        return this.trapEvent();
      case EVENT_FAULT:
        this.cutShort();
        return accessEvent(this.space, view.getBigUint64(Cell.faultAddress, true), this.pc);
      case EVENT_MISALIGNED:
        this.cutShort();
        return misalignedEvent(this.guest, view.getBigUint64(Cell.faultAddress, true), this.pc);
      case EVENT_WILD:
        return wildPcEvent(this.guest, this.space, view.getBigUint64(Cell.pc, true));
      case EVENT_LEAVE:
        return undefined;
      case EVENT_FLAG_KIND:
        this.unexpectedFlags();
        return undefined;
      case EVENT_CAREFUL:
        this.cutShort();
        this.carefulUntil = this.steps + view.getInt32(Cell.trapArgument, true);
        return undefined;
      default:
        // A return or jump to the one address that regions use for events
        view.setBigUint64(Cell.pc, 0xffff_ffff_ffff_ffffn, true);
        return wildPcEvent(this.guest, this.space, 0xffff_ffff_ffff_ffffn);
    }
  }

  private trapEvent(): RunEvent {
    const { view } = this.memory;
    const trap = { code: view.getInt32(Cell.trapCode, true), argument: view.getInt32(Cell.trapArgument, true) };
    return trapEvent(this.guest, this.space, trap, view.getBigUint64(Cell.pc, true));
  }

  /** A region expects flags of another kind than there are. Where that happens often, it will have to take any. */
  private unexpectedFlags(): void {
    const { pc } = this;
    this.carefulUntil = this.steps + this.memory.view.getInt32(Cell.trapArgument, true);
    const { unexpected } = this.codeAt(pc);
    const times = (unexpected.get(pc) ?? 0) + 1;
    unexpected.set(pc, times);
    if (times !== MAX_UNEXPECTED) return;
    const { region } = this.entranceAt(pc);
    this.forget(region);
  }

  private cutShort(): void {
    const completed = this.memory.view.getInt32(Cell.faultInsns, true);
    if (this.instrument !== undefined && completed >= 0) this.hooks.blockCutShort?.(completed);
  }

  // Imports of regions

  /** A region's budget does not cover its way to the next check. @returns 1 if it must leave */
  private tick(running: TranslatedRegion, need: number): number {
    if (this.coldTick(need) === 1) return 1;
    this.heat(running, this.pc);
    return 0;
  }

  /** As `tick`, for cold code. */
  private coldTick(need: number): number {
    this.hooks.budget?.();
    const remaining = this.budget.until - this.steps;
    if (this.stopRequested || this.codeChanged || remaining < need) {
      this.exactStop = remaining < need && remaining > 0;
      this.memory.view.setInt32(Cell.event, EVENT_LEAVE, true);
      return 1;
    }
    this.budget.grant(need);
    return 0;
  }

  /** A slice of `running` ended at `pc`, the loop there is worth being entered anew in a whole region. */
  private heat(running: TranslatedRegion, pc: number): void {
    const { heated, hot } = this.codeAt(pc);
    if (this.mode.limits.blocks === 1 || heated.has(pc)) return;
    heated.add(pc);
    // What is left of an inner loop, up to the next round of the outer one, is a region of its own.
    hot.add(pc);
    const starts = [pc, ...(this.disabled.has('loop-entries') ? [] : this.addLoopEntry(running, pc))];
    for (const start of starts) {
      const region = this.cached(start);
      if (region !== undefined) this.forget(region);
    }
  }

  /**
   * Makes the loop around `pc` an entry of a region that starts before it: that of its function, or else the one that
   * control came from. @returns starts of the regions that must be made anew for that
   */
  private addLoopEntry(running: TranslatedRegion, pc: number): readonly number[] {
    const code = this.codeAt(pc);
    const { loops, hot } = code;
    for (const root of [loops.functionOf(pc), loops.originOf(running.pc)]) {
      if (root === undefined || root === pc || this.codeAt(root) !== code) continue;
      const wasHot = hot.has(root);
      hot.add(root);
      const isForeign = (at: number): boolean => this.codeAt(at) !== code || loops.isFunction(at) || !this.hasRun(at);
      const plan = { ...this.regionRequest(root), entries: [], isForeign, instrument: undefined, hooks: {}, nextBlockId: () => 0 };
      const loop = loopHeaderAround(this.builder.build(plan).region, pc);
      const isNew = !wasHot || (loop !== undefined && loop !== root && !loops.entriesOf(root).includes(loop));
      if (loop !== undefined && (loop === root || loops.add(loop, root))) return isNew ? [root, loop] : [];
      if (!wasHot) hot.delete(root);
    }
    return [];
  }

  /** @returns 1 if the region must leave */
  private syscall(): number {
    const outcome = this.options.syscall(this);
    if (outcome === 'done' && !this.codeChanged && !this.stopRequested) return 0;
    if (typeof outcome === 'object') this.exitStatus = outcome.exit;
    this.memory.view.setInt32(Cell.event, EVENT_LEAVE, true);
    return 1;
  }

  /** Index in the global table of the region at pc; -1 to leave. */
  private lookup(lo: number, tagged: number): number {
    const { view } = this.memory;
    // A branch drops the address's tag.
    const hi = this.guest.ignoredTopBits === 8 && (tagged & 0x80_0000) === 0 ? tagged & 0xff_ffff : tagged;
    if (hi >>> 0 >= 0x20_0000) return this.wildPc(lo, hi);
    const pc = fromHalves(lo, hi);
    if (view.getInt32(Cell.callee, true) === lo && view.getInt32(Cell.callee + 4, true) === hi) this.codeAt(pc).loops.addFunction(pc);
    const cold = this.coldCodeAt(pc);
    if (cold !== undefined) {
      const first = this.tier.enter(cold, pc, this.mode.maxInsns, this.mode === this.fullMode);
      return first === undefined ? this.coldIsFull(pc) : this.jumps.remember(lo, hi, this.coldIndex, first);
    }
    const { region, entry: number } = this.entranceAt(pc);
    const block = number < 0 ? region.blocks[0] : region.blocks.find((each) => each.pc === pc);
    if (this.hooks.entered !== undefined && block !== undefined) {
      this.pc = pc;
      this.hooks.entered(block);
      if (this.stopRequested) {
        view.setInt32(Cell.event, EVENT_LEAVE, true);
        return -1;
      }
    }
    return this.jumps.remember(lo, hi, region.index, -1 - number);
  }

  /** Where the code at pc is cold; undefined if it runs as a region. */
  private coldCodeAt(pc: number): ColdCode | undefined {
    if (!this.mayBeCold || this.instrument !== undefined) return undefined;
    const code = this.codeAt(pc);
    const cold = code.cold(this.mode.name);
    if (this.mode === this.exactMode) return cold;
    const isRegion = cold.promoted.has(pc) || code.hot.has(pc) || this.cached(pc) !== undefined || this.isLoopEntry(pc);
    return isRegion ? undefined : cold;
  }

  /** Whether the block at pc has ever run, as far as cold code tells: regions leave out what never does. */
  private hasRun(pc: number): boolean {
    if (!this.mayBeCold || this.instrument !== undefined) return true;
    const cold = this.codeAt(pc).cold(this.mode.name);
    return cold.blocks.has(pc) || cold.promoted.has(pc) || this.cached(pc) !== undefined;
  }

  /** Makes every frame return, so that the room of cold code can be used anew. */
  private coldIsFull(pc: number): number {
    this.coldFull = true;
    this.pc = pc;
    this.memory.view.setInt32(Cell.event, EVENT_LEAVE, true);
    return -1;
  }

  private get tier(): ColdTier {
    this.coldTier ??= this.createColdTier();
    return this.coldTier;
  }

  private createColdTier(): ColdTier {
    this.coldIndex = this.newIndex();
    const tier = new ColdTier({
      guest: this.guest,
      memory: this.memory,
      memoryPages: this.memoryPages,
      fusesMadd: this.fusesMadd,
      runsUntilHot: this.options.runsUntilHot ?? RUNS_UNTIL_HOT,
      slot: this.arenas.allocate(),
      tableIndex: this.coldIndex,
      imports: this.imports,
      fetch: (at) => this.space.fetch32(at),
      codePage: (at) => this.space.resolve(at, PAGE, PROT_EXEC),
      branchTargets: (pc) => this.space.branchTargets(pc),
      provide: (helper) => this.helpers.provide(helper),
      tick: (need) => this.coldTick(need),
      retired: (pc) => this.jumps.forget(pc),
      calls: (target) => this.codeAt(target).loops.addFunction(target),
    });
    this.table.set(this.coldIndex, tier.run);
    return tier;
  }

  /** Control went to an address beyond 2^53, where there is no memory. */
  private wildPc(lo: number, hi: number): number {
    const { view } = this.memory;
    view.setInt32(Cell.pc, lo, true);
    view.setInt32(Cell.pc + 4, hi, true);
    view.setInt32(Cell.event, EVENT_WILD, true);
    return -1;
  }

  /** @returns 1 where the target is cold, or other code than this, so that the dispatcher must be asked each time */
  private link(from: TranslatedRegion, slot: number): number {
    const pc = from.links[slot] as number;
    const code = this.codeAt(pc);
    code.loops.wentOn(from.pc, pc);
    if (this.codeAt(from.pc) !== code || this.coldCodeAt(pc) !== undefined) {
      this.memory.view.setBigUint64(Cell.linkTarget, BigInt(pc), true);
      return 1;
    }
    const to = this.regionAt(pc);
    from.table?.set(slot, to.run);
    to.incoming.push({ from, slot });
    return 0;
  }

  private learn(region: TranslatedRegion, jumpPc: number, lo: number, hi: number): void {
    const target = fromHalves(lo, hi);
    if (hi >>> 0 >= 0x20_0000 || !this.codeAt(jumpPc).targets.saw(jumpPc, target)) return;
    this.forget(region);
  }

  // Translation

  /** The region that is entered at pc from anywhere, and as which of its entries; -1 for its start. */
  private entranceAt(pc: number): { readonly region: TranslatedRegion; readonly entry: number } {
    const { loops } = this.codeAt(pc);
    const root = loops.rootOf(pc);
    if (root !== undefined && this.isLoopEntry(pc)) {
      const region = this.regionAt(root);
      const entry = region.entries.indexOf(pc);
      if (entry >= 0) return { region, entry };
      loops.drop(pc);
    }
    return { region: this.regionAt(pc), entry: -1 };
  }

  private isLoopEntry(pc: number): boolean {
    return this.mode.limits.blocks > 1 && this.codeAt(pc).loops.rootOf(pc) !== undefined;
  }

  /** The region that starts at pc. */
  private regionAt(pc: number): TranslatedRegion {
    return this.cached(pc) ?? this.translate(guestAddress(pc));
  }

  private translate(pc: GuestAddress): TranslatedRegion {
    const { region, infos } = this.builder.build(this.regionRequest(pc));
    for (const { terminator: t } of region.blocks) if (t.kind === 'call') this.codeAt(t.target).loops.addFunction(t.target);
    const { wasm, links } = lowerRegion(
      region,
      {
        chain: this.chain,
        ring: this.instrument !== undefined,
        stackPointer: this.guest.state.get(this.guest.roles.stackPointer),
        disabled: this.mode === this.exactMode ? EXACT_DISABLED : this.disabled,
        allocateSlot: () => this.arenas.allocate(),
        stackSlot: this.arenas.stackSlot,
        ...this.vectors,
        isLoopEntry: (at) => this.isLoopEntry(at),
        mayGuardFlags: (at) => this.mode.limits.blocks > 1 && (this.codeAt(at).unexpected.get(at) ?? 0) < MAX_UNEXPECTED && !this.disabled.has('flag-guards'),
        learns: (jumpPc) => this.learnsTargets && this.chain && this.codeAt(jumpPc).targets.isLearning(jumpPc),
      },
      this.scratch,
      this.memoryPages,
      true,
    );
    this.hooks.compiled?.(infos, wasm);
    let translated: TranslatedRegion | undefined;
    const env: Record<string, unknown> = Object.create(this.imports);
    for (const helper of region.buffer.helpers) env[`helper:${helper.name}`] = this.helpers.provide(helper);
    env.tick = (need: number): number => this.tick(translated as TranslatedRegion, need);
    env.link = (slot: number): number => this.link(translated as TranslatedRegion, slot);
    env.learn = (jumpLo: number, jumpHi: number, lo: number, hi: number): void =>
      this.learn(translated as TranslatedRegion, fromHalves(jumpLo, jumpHi), lo, hi);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
    const table = exports.table as WebAssembly.Table | undefined;
    const index = this.newIndex();
    this.table.set(index, exports.region);
    const entries = region.entries.map((block) => (region.blocks[block] as Block).pc);
    translated = { pc, entries, blocks: infos, index, run: exports.region, table, links, stub: table?.get(0), incoming: [] };
    this.codeAt(pc).cache(this.cacheKey).add(translated);
    return translated;
  }

  /** A free place in the global table. */
  private newIndex(): number {
    const index = this.freeIndices.pop() ?? this.tableEnd++;
    if (index === this.table.length) this.table.grow(this.table.length);
    return index;
  }

  private regionRequest(pc: number): RegionRequest {
    const { limits, maxInsns } = this.mode;
    const code = this.codeAt(pc);
    const { loops } = code;
    const isWhole = limits !== COLD_LIMITS || code.hot.has(pc);
    return {
      guest: this.guest,
      pc,
      fetch: (at) => (at < code.end ? this.space.fetch32(at) : undefined),
      branchTargets: (at) => this.space.branchTargets(at),
      limits: isWhole && limits === COLD_LIMITS ? HOT_LIMITS : limits,
      maxInsns,
      isForeign: (at) =>
        this.codeAt(at) !== code ||
        loops.isFunction(at) ||
        (this.isLoopEntry(at) && loops.rootOf(at) !== pc) ||
        !this.hasRun(at) ||
        (!isWhole && this.cached(at) !== undefined),
      entries: limits.blocks === 1 ? [] : loops.entriesOf(pc),
      knownTargets: (at) => (this.learnsTargets ? code.targets.known(at) : []),
      instrument: this.instrument,
      hooks: this.hooks,
      nextBlockId: () => ++this.blockCount,
      fusesMadd: this.fusesMadd,
      forwardsLanes: !this.disabled.has('lane-forwarding'),
    };
  }

  /** Indirect jumps become branches inside the region. */
  private get learnsTargets(): boolean {
    return this.mode.limits.blocks > 1 && !this.disabled.has('local-switch');
  }

  private forget(region: TranslatedRegion, cache = this.codeAt(region.pc).cache(this.cacheKey)): void {
    if (!cache.remove(region)) return;
    for (const pc of [region.pc, ...region.entries]) this.jumps.forget(pc);
    // Nothing leads there any more, so that V8 can collect the module once its last frame has returned.
    this.table.set(region.index, null);
    this.freeIndices.push(region.index);
  }

  // Modes

  private keyOf(mode: Mode): string {
    return `${mode.name} ${this.instrument?.wish ?? ''}`;
  }

  private enterMode(mode: Mode): void {
    const key = this.keyOf(mode);
    if (key === this.cacheKey) return;
    this.mode = mode;
    this.cacheKey = key;
    this.jumps.flush();
  }
}
