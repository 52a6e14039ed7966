import type { Guest } from '../guest/index.ts';
import { type LoweredRegion, lowerRegion, type Region, Scratch, type VectorOptions } from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import type { Arenas } from './arenas.ts';
import type { CodeView } from './codeView.ts';
import { COLD_LIMITS, EXACT_DISABLED, HOT_LIMITS, type Mode } from './modes.ts';
import { RegionBuilder, type RegionRequest } from './regionBuilder.ts';
import type { BlockInfo, Instrument, MachineHooks } from './seams.ts';

/** The machine that guest code is translated for: what stays, and what it is about at the moment. */
export interface TranslatorMachine {
  readonly guest: Guest;
  readonly hooks: MachineHooks;
  /** Names of optimisations to leave out. */
  readonly disabled: ReadonlySet<string>;
  readonly chain: boolean;
  readonly fusesMadd: boolean;
  readonly vectors: VectorOptions;
  readonly arenas: Pick<Arenas, 'stackSlot'>;
  readonly space: Pick<AddressSpace, 'fetch32' | 'branchTargets'>;
  readonly mode: Mode;
  /** Of exact stops. */
  readonly exactMode: Mode;
  readonly instrument: Instrument | undefined;
  codeAt(pc: number): CodeView;
  /** The region that starts at pc; undefined: there is none. */
  cached(pc: number): unknown;
  isLoopEntry(pc: number): boolean;
  hasRun(pc: number): boolean;
}

/** A region that has been translated. */
export interface Translation {
  readonly region: Region;
  readonly infos: readonly BlockInfo[];
  readonly lowered: LoweredRegion;
}

/** Makes functions of regions of guest code. */
export class RegionTranslator {
  private readonly builder = new RegionBuilder();
  /** Made when it is first needed: small programs have no region. */
  private ownScratch: Scratch | undefined;
  private blockCount = 0;
  /** Starts of the regions that are to be in the module that is being made. */
  readonly beingMade = new Set<number>();

  constructor(private readonly machine: TranslatorMachine) {}

  /** A number for a block that has none yet. */
  nextBlockId(): number {
    return ++this.blockCount;
  }

  private get scratch(): Scratch {
    this.ownScratch ??= new Scratch();
    return this.ownScratch;
  }

  /** The region that starts at pc. @param allocateSlot gives linear offsets of fresh memory check slots */
  translate(pc: number, allocateSlot: () => number): Translation {
    const { machine } = this;
    const { region, infos, isInstrumented } = this.builder.build(this.request(pc));
    for (const { terminator: t } of region.blocks) if (t.kind === 'call') machine.codeAt(t.target).loops.addFunction(t.target);
    const isSingle = machine.mode.limits.blocks === 1;
    const lowered = lowerRegion(
      region,
      {
        chain: machine.chain,
        ring: isInstrumented,
        stackPointer: machine.guest.state.get(machine.guest.roles.stackPointer),
        disabled: machine.mode === machine.exactMode ? EXACT_DISABLED : machine.disabled,
        allocateSlot,
        stackSlot: machine.arenas.stackSlot,
        ...machine.vectors,
        isLoopEntry: (at) => machine.isLoopEntry(at),
        mayGuardFlags: (at) => !isSingle && machine.codeAt(at).mayGuardFlags(at) && !machine.disabled.has('flag-guards'),
        hasCallSites: machine.chain && !isSingle && machine.hooks.entered === undefined && !machine.disabled.has('call-sites'),
        learns: (jumpPc) => this.learnsTargets && machine.chain && machine.codeAt(jumpPc).targets.isLearning(jumpPc),
      },
      this.scratch,
    );
    return { region, infos, lowered };
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
        (!isWhole && (machine.cached(at) !== undefined || this.beingMade.has(at))),
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
  plan(root: number): Region {
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
