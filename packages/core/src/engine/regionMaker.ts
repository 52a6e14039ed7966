import { type GuestAddress, guestAddress } from '../base/index.ts';
import { type Block, IrBuffer, IrBuilder } from '../ir/index.ts';
import { type Region, type RuntimeName, regionModule } from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import type { Arenas } from './arenas.ts';
import { batchesOf } from './batches.ts';
import { addSlot, type SlotSpan } from './checkSlots.ts';
import type { CompiledModule, TranslatedRegion } from './codeCache.ts';
import type { HelperFunctions } from './helperFunctions.ts';
import { type MadeRegion, MOST_LINKS, type RegionTable, type RegionToInstall } from './regionTable.ts';
import { RegionTranslator, type TranslatorMachine } from './regionTranslator.ts';
import { blocksOf, restoreRegion } from './saved/restoreRegion.ts';
import { bytesOfHex } from './saved/savedRegion.ts';
import type { EngineStatistics } from './statistics.ts';

/** The machine that regions are made for: what stays, and what it is about at the moment. */
export interface RegionMachine extends TranslatorMachine {
  readonly memoryPages: number;
  readonly arenas: Arenas;
  readonly helpers: HelperFunctions;
  readonly regions: RegionTable;
  readonly statistics: EngineStatistics;
  /** Whether translations are kept for later runs. */
  readonly isKeeping: boolean;
  /** The engine's functions that regions call, by their names. */
  readonly functions: Readonly<Record<RuntimeName, unknown>>;
  readonly space: AddressSpace;
  /** Of translations in the present mode with the present wish. */
  readonly cacheKey: string;
  cached(pc: number): TranslatedRegion | undefined;
}

/** Regions of an earlier run that become one module. */
const RESTORED_TOGETHER = 32;

/** Makes regions: of guest code, or of what an earlier run has kept. */
export class RegionMaker {
  private readonly translator: RegionTranslator;

  constructor(private readonly machine: RegionMachine) {
    this.translator = new RegionTranslator(machine);
  }

  /** A number for a block that has none yet. */
  nextBlockId(): number {
    return this.translator.nextBlockId();
  }

  /** Makes the region that starts at pc, or takes what an earlier run has made, and installs it. */
  make(pc: GuestAddress): TranslatedRegion {
    const whole = this.restoreModule(pc)?.find((region) => region.pc === pc);
    if (whole !== undefined) return whole;
    const restored = this.restoreAround(pc);
    return this.install(restored.length > 0 ? restored : [this.translate(pc)])[0] as TranslatedRegion;
  }

  /**
   * Makes regions that start at pcs in one module, but for those that are blocks of others by then.
   * @returns the pcs of these
   */
  makeAll(pcs: readonly number[]): Set<number> {
    const { machine } = this;
    const { beingMade } = this.translator;
    const made: MadeRegion[] = [];
    const inside = new Set<number>();
    const left = new Set<number>();
    for (const pc of pcs) {
      if (machine.cached(pc) !== undefined) continue;
      if (inside.has(pc) && !machine.codeAt(pc).loops.isFunction(pc)) {
        left.add(pc);
        continue;
      }
      if (this.restoreModule(pc) !== undefined) continue;
      const one = this.restore(pc) ?? this.translate(guestAddress(pc));
      made.push(one);
      beingMade.add(pc);
      for (const block of one.blocks) inside.add(block.pc);
    }
    this.install(made);
    beingMade.clear();
    return left;
  }

  private translate(pc: GuestAddress): MadeRegion {
    const { machine } = this;
    const slots = this.freshSlots();
    const { region, infos, lowered } = this.translator.translate(pc, slots.allocate);
    const entries = region.entries.map((block) => (region.blocks[block] as Block).pc);
    for (const helper of region.buffer.helpers) machine.helpers.use(helper);
    const source = machine.isKeeping ? lowered : undefined;
    const cache = machine.codeAt(pc).cache(machine.cacheKey);
    return { pc, entries, blocks: infos, source, links: lowered.links, lowered, slots: slots.spans, cache };
  }

  /** The region at pc as an earlier run has made it; once, see SavedCode.takeRegion. */
  private restore(pc: number): MadeRegion | undefined {
    const { machine } = this;
    const code = machine.codeAt(pc);
    const saved = this.mayRestore ? code.saved?.takeRegion(pc - code.start) : undefined;
    if (
      saved === undefined ||
      !this.provideHelpers(
        saved.helpers.map(({ name }) => name),
        saved.blocks,
      )
    )
      return undefined;
    const slots = this.freshSlots();
    const { constantOffset } = machine.vectors;
    const restored = restoreRegion(saved, pc, () => this.nextBlockId(), { allocateSlot: slots.allocate, constantOffset });
    if (restored === undefined) return undefined;
    machine.statistics.regionsRestored++;
    return { ...restored, slots: slots.spans, cache: code.cache(machine.cacheKey) };
  }

  private get mayRestore(): boolean {
    const { machine } = this;
    return machine.mode !== machine.exactMode && machine.instrument === undefined;
  }

  /**
   * The module that has the region at pc, as it has been kept with V8's code of it, installed.
   * @returns undefined if there is none, or it does not fit: then its regions are restored one by one
   */
  private restoreModule(pc: number): readonly TranslatedRegion[] | undefined {
    const { machine } = this;
    const { nativeCode } = machine.hooks;
    const code = machine.codeAt(pc);
    if (nativeCode === undefined || code.saved === undefined || !this.mayRestore) return undefined;
    const saved = code.saved.takeModule(pc - code.start);
    if (saved === undefined) return undefined;
    const { regions, constants, wasm, native, slots, isOfUse } = saved;
    if (!constants.every(([offset, hex]) => machine.vectors.constantOffset(bytesOfHex(hex)) === offset)) return undefined;
    if (!regions.every(({ helpers, blocks }) => this.provideHelpers(helpers, blocks))) return undefined;
    const module = nativeCode.restore(native, wasm);
    if (module === undefined) {
      code.saved.refused();
      return undefined;
    }
    const cache = code.cache(machine.cacheKey);
    const made = regions.map((region): RegionToInstall | number => {
      const { offset, entries, blocks, links } = region;
      const at = code.start + offset;
      // What has been made anew meanwhile stays.
      if (!isOfUse(offset) || machine.cached(at) !== undefined) return links.length;
      code.saved?.tookRegion(offset);
      return { pc: at, entries, blocks: blocksOf(blocks, () => this.nextBlockId()), source: 'saved', links, cache };
    });
    const regionsOfUse = this.installCompiled({ module, bytes: wasm.length, slots, isNative: true }, made);
    machine.statistics.regionsRestored += regionsOfUse.length;
    machine.statistics.nativeModules++;
    return regionsOfUse;
  }

  /**
   * Makes helpers known that code calls which has not been translated in this run: a block that calls one is translated for its sake.
   * @param names of the helpers
   * @param numbers blocks of a region that calls them, see RegionHead.blocks
   * @returns whether all are known now
   */
  private provideHelpers(names: readonly string[], numbers: readonly number[]): boolean {
    const { machine } = this;
    const isKnown = (): boolean => names.every((name) => machine.helpers.isUsed(name));
    for (let i = 0; i < numbers.length && !isKnown(); i += 3) {
      const pc = numbers[i] as number;
      const ir = new IrBuilder(new IrBuffer(1024), machine.fusesMadd);
      const { end } = machine.codeAt(pc);
      const fetch = (at: number): number | undefined => (at < end ? machine.space.fetch32(at) : undefined);
      machine.guest.translateBlock(ir, { pc, maxInsns: numbers[i + 1] as number, fetch, branchTargets: machine.space.branchTargets(pc) });
      for (const helper of ir.buffer.helpers) machine.helpers.use(helper);
    }
    return isKnown();
  }

  /** Gives memory check slots, and tells which it has given. */
  private freshSlots(): { readonly allocate: () => number; readonly spans: readonly SlotSpan[] } {
    const spans: { first: number; end: number }[] = [];
    const allocate = (): number => {
      const slot = this.machine.arenas.allocate();
      addSlot(spans, slot);
      return slot;
    };
    return { allocate, spans };
  }

  /** The region at pc as an earlier run has made it, and others near it, as they are likely to be wanted, too. */
  private restoreAround(pc: number): MadeRegion[] {
    const { machine } = this;
    const { saved, start } = machine.codeAt(pc);
    const near = saved?.regionsAround(pc - start, RESTORED_TOGETHER) ?? [];
    const first = this.restore(pc);
    if (first === undefined) return [];
    const made = [first];
    for (const offset of near) {
      if (start + offset === pc || machine.cached(start + offset) !== undefined) continue;
      const other = this.restore(start + offset);
      if (other !== undefined) made.push(other);
    }
    return made;
  }

  /** In one module, or as few as have room for the links. */
  private install(made: readonly MadeRegion[]): readonly TranslatedRegion[] {
    return batchesOf(made, MOST_LINKS).flatMap((batch) => this.installModule(batch));
  }

  private installModule(made: readonly MadeRegion[]): readonly TranslatedRegion[] {
    const wasm = regionModule(
      made.map(({ lowered }) => lowered),
      this.machine.memoryPages,
      true,
    );
    const slots = made.flatMap((one) => one.slots);
    const regions = this.installCompiled({ module: new WebAssembly.Module(wasm), bytes: wasm.length, slots, isNative: false }, made);
    this.machine.hooks.compiled?.(
      regions.flatMap(({ blocks }) => blocks),
      wasm,
    );
    return regions;
  }

  /** @param made see RegionTable.install */
  private installCompiled(compiled: CompiledModule, made: readonly (RegionToInstall | number)[]): readonly TranslatedRegion[] {
    const { machine } = this;
    const regions = machine.regions.install(compiled, made, { ...machine.functions, ...machine.helpers.imports });
    for (const region of regions) {
      machine.regions.arrived(machine.codeAt(region.pc), region.pc);
      region.cache.add(region);
    }
    return regions;
  }

  /** See RegionTranslator.plan. */
  plan(root: number): Region {
    return this.translator.plan(root);
  }
}
