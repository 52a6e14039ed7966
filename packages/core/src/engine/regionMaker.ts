import type { GuestAddress } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import type { Block } from '../ir/index.ts';
import { lowerRegion, Scratch, type VectorOptions } from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import type { Arenas } from './arenas.ts';
import type { TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import type { HelperFunctions } from './helperFunctions.ts';
import { COLD_LIMITS, EXACT_DISABLED, HOT_LIMITS, type Mode } from './modes.ts';
import { RegionBuilder, type RegionRequest } from './regionBuilder.ts';
import type { RegionTable } from './regionTable.ts';
import { type RestoredRegion, restoreRegion } from './saved/restoreRegion.ts';
import type { Instrument, MachineHooks } from './seams.ts';
import type { EngineStatistics } from './statistics.ts';

/** The machine that regions are made for: what stays, and what it is about at the moment. */
export interface RegionMachine {
  readonly guest: Guest;
  readonly hooks: MachineHooks;
  /** Names of optimisations to leave out. */
  readonly disabled: ReadonlySet<string>;
  readonly chain: boolean;
  readonly memoryPages: number;
  readonly fusesMadd: boolean;
  readonly vectors: VectorOptions;
  readonly arenas: Arenas;
  readonly helpers: HelperFunctions;
  readonly regions: RegionTable;
  readonly statistics: EngineStatistics;
  /** Whether translations are kept for later runs. */
  readonly isKeeping: boolean;
  /** The functions that regions call. */
  readonly functions: WebAssembly.Table;
  readonly space: AddressSpace;
  readonly mode: Mode;
  /** Of exact stops. */
  readonly exactMode: Mode;
  readonly instrument: Instrument | undefined;
  /** Of translations in the present mode with the present wish. */
  readonly cacheKey: string;
  codeAt(pc: number): CodeView;
  cached(pc: number): TranslatedRegion | undefined;
  isLoopEntry(pc: number): boolean;
  hasRun(pc: number): boolean;
}

/** Makes regions: of guest code, or of what an earlier run has kept. */
export class RegionMaker {
  private readonly builder = new RegionBuilder();
  /** Made when it is first needed: small programs have no region. */
  private ownScratch: Scratch | undefined;
  private blockCount = 0;

  constructor(private readonly machine: RegionMachine) {}

  /** A number for a block that has none yet. */
  nextBlockId(): number {
    return ++this.blockCount;
  }

  private get scratch(): Scratch {
    this.ownScratch ??= new Scratch();
    return this.ownScratch;
  }

  /** Makes and installs the region that starts at pc. */
  make(pc: GuestAddress): TranslatedRegion {
    return this.restore(pc) ?? this.translate(pc);
  }

  private translate(pc: GuestAddress): TranslatedRegion {
    const { machine } = this;
    const { region, infos, isInstrumented } = this.builder.build(this.request(pc));
    for (const { terminator: t } of region.blocks) if (t.kind === 'call') machine.codeAt(t.target).loops.addFunction(t.target);
    const isSingle = machine.mode.limits.blocks === 1;
    const { wasm, links, shifted } = lowerRegion(
      region,
      {
        chain: machine.chain,
        ring: isInstrumented,
        stackPointer: machine.guest.state.get(machine.guest.roles.stackPointer),
        disabled: machine.mode === machine.exactMode ? EXACT_DISABLED : machine.disabled,
        allocateSlot: () => machine.arenas.allocate(),
        stackSlot: machine.arenas.stackSlot,
        helperIndex: (helper) => machine.helpers.indexOf(helper),
        ...machine.vectors,
        isLoopEntry: (at) => machine.isLoopEntry(at),
        mayGuardFlags: (at) => !isSingle && machine.codeAt(at).mayGuardFlags(at) && !machine.disabled.has('flag-guards'),
        learns: (jumpPc) => this.learnsTargets && machine.chain && machine.codeAt(jumpPc).targets.isLearning(jumpPc),
      },
      this.scratch,
      machine.memoryPages,
      true,
    );
    machine.hooks.compiled?.(infos, wasm);
    const entries = region.entries.map((block) => (region.blocks[block] as Block).pc);
    const source = machine.isKeeping ? { wasm, shifted } : undefined;
    return this.install({ pc, entries, blocks: infos, links, source }, wasm);
  }

  /** The region at pc as an earlier run has made it. */
  private restore(pc: number): TranslatedRegion | undefined {
    const { machine } = this;
    const code = machine.codeAt(pc);
    if (code.saved === undefined || machine.mode === machine.exactMode || machine.instrument !== undefined) return undefined;
    const restored = restoreRegion(code.saved, code.start, pc, () => this.nextBlockId(), {
      allocateSlot: () => machine.arenas.allocate(),
      constantOffset: machine.vectors.constantOffset,
      helperIndex: (name) => machine.helpers.known(name),
    });
    if (restored === undefined) return undefined;
    machine.statistics.regionsRestored++;
    return this.install(restored.made, restored.wasm);
  }

  private install(made: RestoredRegion['made'], wasm: Uint8Array<ArrayBuffer>): TranslatedRegion {
    const { regions, functions, cacheKey } = this.machine;
    const code = this.machine.codeAt(made.pc);
    const translated = regions.install({ ...made, cache: code.cache(cacheKey) }, wasm, functions);
    regions.arrived(code, made.pc);
    translated.cache.add(translated);
    return translated;
  }

  private request(pc: number): RegionRequest {
    const { machine } = this;
    const { limits, maxInsns } = machine.mode;
    const code = machine.codeAt(pc);
    const { loops } = code;
    const isWhole = limits !== COLD_LIMITS || code.hot.has(pc);
    return {
      guest: machine.guest,
      pc,
      fetch: (at) => (at < code.end ? machine.space.fetch32(at) : undefined),
      branchTargets: (at) => machine.space.branchTargets(at),
      limits: isWhole && limits === COLD_LIMITS ? HOT_LIMITS : limits,
      maxInsns,
      exact: machine.mode === machine.exactMode,
      isForeign: (at) =>
        machine.codeAt(at) !== code ||
        loops.isFunction(at) ||
        (machine.isLoopEntry(at) && loops.rootOf(at) !== pc) ||
        !machine.hasRun(at) ||
        (!isWhole && machine.cached(at) !== undefined),
      entries: limits.blocks === 1 ? [] : loops.entriesOf(pc),
      knownTargets: (at) => (this.learnsTargets ? code.targets.known(at) : []),
      instrument: machine.instrument,
      hooks: machine.hooks,
      nextBlockId: () => this.nextBlockId(),
      fusesMadd: machine.fusesMadd,
      forwardsLanes: !machine.disabled.has('lane-forwarding'),
    };
  }

  /** The whole function at `root`, as far as it has run, without being translated. */
  plan(root: number): ReturnType<RegionBuilder['build']>['region'] {
    const { machine } = this;
    const code = machine.codeAt(root);
    const isForeign = (at: number): boolean => machine.codeAt(at) !== code || code.loops.isFunction(at) || !machine.hasRun(at);
    return this.builder.build({ ...this.request(root), entries: [], isForeign, instrument: undefined, hooks: {}, nextBlockId: () => 0 }).region;
  }

  /** Whether indirect jumps become branches inside the region. */
  private get learnsTargets(): boolean {
    return this.machine.mode.limits.blocks > 1 && !this.machine.disabled.has('local-switch');
  }
}
