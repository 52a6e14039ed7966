import { fingerprintText, fromHalves, guestAddress } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
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
  LEARNT_JUMPS,
  type VectorOptions,
} from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import { AddressSpaces } from './addressSpaces.ts';
import { Arenas } from './arenas.ts';
import { forgetSites, leadSite } from './callSites.ts';
import { setLink, type TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import type { ColdCode } from './coldCode.ts';
import { ColdTier, RUNS_UNTIL_HOT } from './coldTier.ts';
import { vectorOptions } from './constantPool.ts';
import { CpuState } from './cpuState.ts';
import { createDispatcher, type Dispatcher, engineFunctions } from './dispatcher.ts';
import { accessEvent, leaveWild, misalignedEvent, trapInCells, wildPcEvent } from './faults.ts';
import { PAGE } from './guestStorage.ts';
import { HelperFunctions } from './helperFunctions.ts';
import { hostFeatures } from './hostFeatures.ts';
import { JumpCache } from './jumpCache.ts';
import { BOUNCE, Cell, createLinearMemory, type LinearMemory } from './linearMemory.ts';
import { addLoopEntry, LOOP_SLICES, newlyWhole, SliceEnds } from './loopHeat.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { isAllHot, MAX_DEPTH, type Mode, SINGLE_BLOCK, usualMode } from './modes.ts';
import { type RegionMachine, RegionMaker } from './regionMaker.ts';
import { RegionTable } from './regionTable.ts';
import { TranslationKeeper } from './saved/translationKeeper.ts';
import { type Instrument, type MachineHooks, makeEngineModule, PROT_EXEC, type RunEvent } from './seams.ts';
import { EngineStatistics } from './statistics.ts';
import { StepBudget } from './stepBudget.ts';

/** Makes a machine whose guest code runs as WebAssembly. */
export function createMachine(options: MachineOptions): WasmMachine {
  return new WasmMachine(options);
}

class WasmMachine implements Machine, RegionMachine {
  readonly guest: Guest;
  readonly memory: LinearMemory;
  readonly cpu: CpuState;
  readonly hooks: MachineHooks;
  readonly disabled: ReadonlySet<string>;
  readonly chain: boolean;
  readonly memoryPages: number;
  readonly arenas: Arenas;
  private readonly jumps: JumpCache;
  private readonly maker = new RegionMaker(this);
  readonly regions: RegionTable;
  private readonly dispatcher: Dispatcher;
  /** Made when it is first needed; undefined where no code may be cold. */
  private coldTier: ColdTier | undefined;
  private coldIndex = -1;
  private coldFull = false;
  private readonly mayBeCold: boolean;
  private runsUntilHot: number;
  /** The engine's functions that cold code imports. */
  private readonly imports: Readonly<Record<string, unknown>>;
  readonly helpers: HelperFunctions;
  private readonly spaces: AddressSpaces;
  /** All instructions one a block: the mode of exact stops. */
  readonly exactMode: Mode = { name: 'exact', limits: SINGLE_BLOCK, maxInsns: 1 };
  private readonly fullMode: Mode;
  mode: Mode;
  /** Of translations in the present mode with the present wish. */
  cacheKey: string;
  instrument: Instrument | undefined;
  readonly fusesMadd: boolean;
  readonly vectors: VectorOptions;
  private readonly budget: StepBudget;
  readonly statistics = new EngineStatistics();
  private readonly keeper: TranslationKeeper | undefined;
  private stopRequested = false;
  private codeChanged = false;
  private exactStop = false;
  private readonly sliceEnds = new SliceEnds();
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
    const { engineModule = makeEngineModule } = this.hooks;
    const host = hostFeatures(engineModule);
    this.fusesMadd = !this.disabled.has('fused-madd') && host.fusedMadd;
    this.memory = createLinearMemory(this.memoryPages);
    this.regions = new RegionTable(this.memory, this.statistics, (slots) => this.arenas.release(slots), options.mostRegions);
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
        dropped: (region) => this.forget(region),
        dropCold: (view, start, end) => [...view.allCold].filter((code) => this.coldTier?.drop(code, start, end)).length > 0,
        codeChanged: () => {
          this.codeChanged = true;
        },
        fingerprint: (at, end) => {
          this.dispatcher.fingerprint(at, end);
          return fingerprintText([...this.memory.i32.subarray(BOUNCE >> 2, (BOUNCE >> 2) + 4)]);
        },
        codeOpened: (code) => this.keeper?.opened(code),
        codeClosed: (code) => {
          this.collectCold();
          this.keeper?.close(code);
        },
      },
      !isLogged && !this.disabled.has('shared-code'),
    );
    this.vectors = vectorOptions(this.memory, this.disabled, host);
    this.helpers = new HelperFunctions(this.memory, this.memoryPages, this.vectors);
    this.cpu = new CpuState(guest.state, this.memory);
    this.runsUntilHot = options.runsUntilHot ?? RUNS_UNTIL_HOT;
    this.fullMode = usualMode(options.oneInsnPerBlock === true, this.chain, this.disabled);
    this.mayBeCold = this.fullMode.limits !== SINGLE_BLOCK && !this.disabled.has('cold-code') && !isLogged;
    this.mode = this.fullMode;
    this.cacheKey = this.keyOf(this.mode);
    if (options.translations !== undefined && this.mayBeCold) {
      this.keeper = new TranslationKeeper(options.translations, {
        memory: this.memory,
        translation: {
          memoryPages: this.memoryPages,
          fusesMadd: this.fusesMadd,
          relaxedSwizzle: this.vectors.relaxedSwizzle,
          disabled: [...this.disabled].sort(),
        },
        mode: options.keptWish === undefined ? this.fullMode.name : `${this.fullMode.name} ${options.keptWish}`,
        isColdOnly: options.keptWish !== undefined,
        cacheKey: this.cacheKey,
        arenas: this.arenas,
        takesNative: this.hooks.nativeCode !== undefined,
      });
    }
    const functions = engineFunctions(this.memory, this.hooks, {
      syscall: () => this.syscall(),
      storeMoves: (address, bytes) => this.mode !== this.exactMode && this.arenas.storeMoves(address, bytes),
      store: (address, bytes) => this.arenas.storeSlow(address, bytes),
      codeChanged: () => this.codeChanged,
    });
    this.dispatcher = createDispatcher({
      memory: this.memory,
      memoryPages: this.memoryPages,
      arenas: this.arenas,
      regions: this.regions.table,
      useJumpCache: entered === undefined && !this.disabled.has('jump-cache'),
      ignoredTopBits: guest.ignoredTopBits,
      lookup: (lo, hi) => this.lookup(lo, hi),
      learnSite: (lo, hi, site, link, self) => this.learnSite(lo, hi, site, link, this.regions.running(self)),
      engineModule,
      functions: {
        ...functions,
        tick: (need: number, self: number): number => this.tick(this.regions.running(self), need),
        link: (slot: number, first: number): number => this.link(this.regions.ownerOf(first, slot), slot),
        learn: (jumpLo: number, jumpHi: number, lo: number, hi: number, self: number): number =>
          this.learn(this.regions.running(self), fromHalves(jumpLo, jumpHi), lo, hi),
      },
    });
    const { dispatch, readMiss, writeMiss, nzcvOf } = this.dispatcher;
    this.imports = { ...functions, dispatch, readMiss, writeMiss, nzcvOf };
    this.jumps.flush();
  }

  get space(): AddressSpace {
    return this.spaces.current;
  }

  get functions(): Dispatcher {
    return this.dispatcher;
  }

  get isKeeping(): boolean {
    return this.keeper !== undefined && this.options.keptWish === undefined;
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

  codeAt(pc: number): CodeView {
    return this.spaces.codeAt(pc);
  }

  /** The region that has been translated at `pc` in the present mode. */
  cached(pc: number): TranslatedRegion | undefined {
    return this.codeAt(pc).cache(this.cacheKey).get(pc);
  }

  get pc(): number {
    const { i32 } = this.memory;
    return fromHalves(i32[Cell.pc >> 2], i32[(Cell.pc >> 2) + 1]);
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

  retranslate(start: number, end: number): void {
    this.spaces.retranslate(start, end);
  }

  setRunsUntilHot(runs: number): void {
    if (runs === this.runsUntilHot) return;
    this.runsUntilHot = runs;
    this.coldTier?.setRunsUntilHot(runs);
  }

  get longestSlice(): number {
    return this.budget.most;
  }

  set longestSlice(insns: number) {
    this.budget.most = insns;
  }

  requestStop(): void {
    this.stopRequested = true;
  }

  saveTranslations(): boolean {
    this.collectCold();
    return this.keeper?.save() ?? false;
  }

  private collectCold(): void {
    const { coldTier: tier } = this;
    if (tier !== undefined) this.keeper?.collect(tier.translated, (fn) => tier.helperName(fn));
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
      if (this.regions.isFull) this.forgetAll();
      this.regions.freeForgotten();
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
        return trapInCells(this.guest, this.space, view);
      case EVENT_TRAP:
        return trapInCells(this.guest, this.space, view);
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

  /** A region expects flags of another kind than there are. Where that happens often, it will have to take any. */
  private unexpectedFlags(): void {
    const { pc } = this;
    this.carefulUntil = this.steps + this.memory.view.getInt32(Cell.trapArgument, true);
    if (this.codeAt(pc).sawUnexpectedFlags(pc)) this.forget(this.entranceAt(pc).region);
  }

  private cutShort(): void {
    const completed = this.memory.view.getInt32(Cell.faultInsns, true);
    if (this.instrument !== undefined && completed >= 0) this.hooks.blockCutShort?.(completed);
  }

  // Imports of regions

  /** A region's budget does not cover its way to the next check. @returns 1 if it must leave */
  private tick(running: TranslatedRegion, need: number): number {
    const answer = this.coldTick(need);
    // Also where somebody wants it to stop, so that a recording comes to the same regions as the run; an exact stop tells nothing.
    if (!this.exactStop && !this.codeChanged) this.heat(running, this.pc);
    return answer;
  }

  /** As `tick`, for cold code. */
  private coldTick(need: number): number {
    this.hooks.budget?.();
    const remaining = this.budget.until - this.steps;
    if (this.stopRequested || this.codeChanged || remaining < need) {
      this.exactStop = remaining < need && remaining > 0;
      return this.leave(1);
    }
    this.budget.grant(need);
    return 0;
  }

  /** A slice of `running` ended at `pc`: where that tells of a loop, that is worth being entered anew in a whole region. */
  private heat(running: TranslatedRegion, pc: number): void {
    const { heated, hot } = this.codeAt(pc);
    const least = running.module.isNative ? LOOP_SLICES.compiled : LOOP_SLICES.usual;
    if (this.sliceEnds.tellLoop(pc) < least || this.mode.limits.blocks === 1 || heated.has(pc)) return;
    heated.add(pc);
    // What is left of an inner loop, up to the next round of the outer one, is a region of its own.
    hot.add(pc);
    const code = this.codeAt(pc);
    const user = { isInside: (at: number) => this.codeAt(at) === code, plan: (root: number) => this.maker.plan(root) };
    for (const start of [pc, ...(this.disabled.has('loop-entries') ? [] : addLoopEntry(code, running.pc, pc, user))]) this.forgetAt(start);
  }

  /** @returns 1 if the region must leave */
  private syscall(): number {
    const outcome = this.options.syscall(this);
    if (outcome === 'done' && !this.codeChanged && !this.stopRequested) return 0;
    if (typeof outcome === 'object') this.exitStatus = outcome.exit;
    return this.leave(1);
  }

  /** Index in the global table of the region at pc; -1 to leave. */
  private lookup(lo: number, tagged: number): number {
    const { view } = this.memory;
    this.statistics.lookups++;
    // A branch drops the address's tag.
    const hi = this.guest.ignoredTopBits === 8 && (tagged & 0x80_0000) === 0 ? tagged & 0xff_ffff : tagged;
    if (hi >>> 0 >= 0x20_0000) return leaveWild(view, lo, hi);
    const pc = fromHalves(lo, hi);
    if (view.getInt32(Cell.callee, true) === lo && view.getInt32(Cell.callee + 4, true) === hi) this.codeAt(pc).loops.addFunction(pc);
    const cold = this.coldCodeAt(pc);
    if (cold !== undefined) {
      this.coldTier ??= this.createColdTier();
      const first = this.coldTier.enter(cold, pc, this.mode.maxInsns, this.mode === this.fullMode);
      if (first !== undefined) return this.jumps.remember(lo, hi, this.coldIndex, first);
      if (!cold.wanted.has(pc)) {
        // The room of cold code is used anew once no frame is left.
        this.coldFull = true;
        this.pc = pc;
        return this.leave(-1);
      }
    }
    if (this.regions.isFull) {
      // No frame may be left where all regions are forgotten.
      this.pc = pc;
      return this.leave(-1);
    }
    const { region, entry: number } = this.entranceAt(pc);
    const block = number < 0 ? region.blocks[0] : region.blocks.find((each) => each.pc === pc);
    if (this.hooks.entered !== undefined && block !== undefined) {
      this.pc = pc;
      this.hooks.entered(block);
      if (this.stopRequested) return this.leave(-1);
    }
    return this.jumps.remember(lo, hi, region.index, -1 - number);
  }

  /** Where the code at pc is cold; undefined if it runs as a region. */
  private coldCodeAt(pc: number): ColdCode | undefined {
    if (!this.mayBeCold || isAllHot(this.instrument)) return undefined;
    const code = this.codeAt(pc);
    const cold = code.cold(this.coldKey);
    if (cold.wanted.has(pc)) return undefined;
    if (this.mode === this.exactMode) return cold;
    const isRegion =
      cold.promoted.has(pc) ||
      code.hot.has(pc) ||
      code.cache(this.cacheKey).get(pc) !== undefined ||
      (this.mode.limits.blocks > 1 && code.loops.rootOf(pc) !== undefined);
    return isRegion ? undefined : cold;
  }

  /** Whether the block at pc has ever run, as far as that is known: regions leave out what never does. */
  hasRun(pc: number): boolean {
    return !this.mayBeCold || isAllHot(this.instrument) || this.codeAt(pc).hasRun(pc, this.coldKey, this.cacheKey);
  }

  /** Of cold code in the present mode with the present wish; without a wish, the mode's name. */
  private get coldKey(): string {
    const { instrument, mode } = this;
    if (instrument === undefined) return mode.name;
    return instrument.cold === undefined ? this.cacheKey : `${mode.name} ${instrument.cold.wish}`;
  }

  private createColdTier(): ColdTier {
    this.coldIndex = this.regions.newIndex();
    const tier = new ColdTier({
      guest: this.guest,
      memory: this.memory,
      memoryPages: this.memoryPages,
      fusesMadd: this.fusesMadd,
      runsUntilHot: this.runsUntilHot,
      slot: this.arenas.allocate(),
      tableIndex: this.coldIndex,
      imports: this.imports,
      fetch: (at) => this.space.fetch32(at),
      codePage: (at) => this.space.resolve(at, PAGE, PROT_EXEC),
      branchTargets: (pc) => this.space.branchTargets(pc),
      instrument: () => this.instrument?.cold ?? this.instrument,
      nextBlockId: () => this.maker.nextBlockId(),
      callback: (number) => void this.hooks.callback?.(number),
      watched: (address, bytes) => this.hooks.watched?.(address, bytes),
      provide: (helper) => this.helpers.provide(helper),
      tick: (need) => this.coldTick(need),
      makeRegions: (code, pcs) => this.makeRegions(code, pcs),
      retired: (pc) => this.jumps.forget(pc),
      calls: (target) => this.codeAt(target).loops.addFunction(target),
      resets: () => this.collectCold(),
      statistics: this.statistics,
      hooks: this.hooks,
    });
    this.regions.table.set(this.coldIndex, tier.run);
    return tier;
  }

  /** Makes every frame return. @returns what says so to the caller */
  private leave(answer: number): number {
    this.memory.view.setInt32(Cell.event, EVENT_LEAVE, true);
    return answer;
  }

  /** @returns 1 where the target is cold, or other code than this, so that the dispatcher must be asked each time */
  private link(from: TranslatedRegion, slotInModule: number): number {
    const slot = slotInModule - from.firstLink;
    const pc = from.links[slot] as number;
    const code = this.codeAt(pc);
    code.loops.wentOn(from.pc, pc);
    const mayMake = !this.regions.isFull || this.cached(pc) !== undefined;
    if (!mayMake || this.codeAt(from.pc) !== code || this.coldCodeAt(pc) !== undefined) {
      this.memory.view.setBigUint64(Cell.linkTarget, BigInt(pc), true);
      this.regions.awaitRegion(code, pc, from, slot);
      return 1;
    }
    const to = this.regionAt(pc);
    setLink(from, slot, to.run);
    to.incoming.push({ from, slot });
    return 0;
  }

  /** As `link`, for a call site: where there is a region already. */
  private learnSite(lo: number, hi: number, site: number, slotInModule: number, from: TranslatedRegion): void {
    if (hi >>> 0 >= 0x20_0000) return;
    const pc = fromHalves(lo, hi);
    const code = this.codeAt(pc);
    if (this.codeAt(from.pc) !== code || this.coldCodeAt(pc) !== undefined) return;
    const root = this.isLoopEntry(pc) ? code.loops.rootOf(pc) : undefined;
    const to = this.cached(root ?? pc);
    const entry = root === undefined ? -1 : (to?.entries.indexOf(pc) ?? -1);
    if (to === undefined || (root !== undefined && entry < 0)) return;
    leadSite(this.arenas, from, slotInModule - from.firstLink, site, { lo, hi, region: to, entry: -1 - entry });
  }

  /** @returns how many targets the jump has told of: LEARNT_JUMPS or more, and it tells of no more */
  private learn(region: TranslatedRegion, jumpPc: number, lo: number, hi: number): number {
    if (hi >>> 0 >= 0x20_0000) return LEARNT_JUMPS;
    const code = this.codeAt(jumpPc);
    const seen = code.targets.saw(jumpPc, fromHalves(lo, hi));
    if (seen !== LEARNT_JUMPS) return seen;
    this.forget(region);
    this.forgetAt(newlyWhole(code, jumpPc));
    return seen;
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

  isLoopEntry(pc: number): boolean {
    return this.mode.limits.blocks > 1 && this.codeAt(pc).loops.rootOf(pc) !== undefined;
  }

  /** The region that starts at pc. */
  private regionAt(pc: number): TranslatedRegion {
    return this.cached(pc) ?? this.maker.make(guestAddress(pc));
  }

  /** @returns see ColdUser.makeRegions */
  private makeRegions(cold: ColdCode, pcs: readonly number[]): ReadonlySet<number> {
    // What another address space, mode or wish has is made when it is run again.
    const here = this.mode === this.fullMode ? pcs.filter((pc) => this.codeAt(pc).cold(this.coldKey) === cold && !this.isLoopEntry(pc)) : [];
    return this.regions.isFull ? new Set() : this.maker.makeAll(here);
  }

  private forget(region: TranslatedRegion): void {
    forgetSites(this.arenas, region);
    if (!region.cache.remove(region)) return;
    for (const pc of [region.pc, ...region.entries]) this.jumps.forget(pc);
    this.regions.forget(region);
  }

  /** Forgets the region that starts at pc, if there is one. */
  private forgetAt(pc: number | undefined): void {
    const region = pc === undefined ? undefined : this.cached(pc);
    if (region !== undefined) this.forget(region);
  }

  /** V8 has no room for many more modules: what is still in use is made again. No region is running. */
  private forgetAll(): void {
    this.statistics.regionFlushes++;
    for (const region of this.regions.all) this.forget(region);
    this.regions.freeForgotten();
    this.hooks.regionsForgotten?.();
  }

  // Modes

  private keyOf(mode: Mode): string {
    return `${mode.name} ${this.instrument?.wish ?? ''}`;
  }

  private enterMode(mode: Mode): void {
    const key = this.keyOf(mode);
    if (key === this.cacheKey) return;
    if (mode === this.mode) this.jumps.flush();
    this.jumps.use(mode === this.exactMode ? 1 : 0);
    this.statistics.modeChanges++;
    this.mode = mode;
    this.cacheKey = key;
  }
}
