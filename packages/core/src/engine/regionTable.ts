import { assert } from '../base/index.ts';
import { FIRST_LINK, type LoweredRegion, MODULE_REGIONS } from '../wasm/index.ts';
import type { SlotSpan } from './checkSlots.ts';
import type { CompiledModule, InstalledModule, TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import { LINK_PCS, LINK_PCS_END, type LinearMemory, NO_LINK_PCS, NO_LINK_PCS_END } from './linearMemory.ts';
import type { EngineStatistics } from './statistics.ts';

/** Room for modules' words in LINK_PCS. */
class LinkPcs {
  private end = LINK_PCS;
  /** Offsets of words that are free again, by their number. */
  private readonly freed = new Map<number, number[]>();

  constructor(private readonly memory: LinearMemory) {}

  /** @returns the linear offset of so many words, all 0; NO_LINK_PCS where there is no room */
  take(words: number): number {
    const rounded = roundUp(words);
    const freed = this.freed.get(rounded)?.pop();
    if (freed !== undefined) return freed;
    if (this.end + 8 * rounded > LINK_PCS_END) return NO_LINK_PCS;
    const offset = this.end;
    this.end += 8 * rounded;
    return offset;
  }

  free(offset: number, words: number): void {
    if (offset === NO_LINK_PCS) return;
    this.memory.i64.fill(0n, offset / 8, offset / 8 + words);
    const rounded = roundUp(words);
    const freed = this.freed.get(rounded);
    if (freed === undefined) this.freed.set(rounded, [offset]);
    else freed.push(offset);
  }

  /** All words have been freed: pieces of other sizes can be taken. */
  reset(): void {
    this.end = LINK_PCS;
    this.freed.clear();
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** Few sizes, so that what is freed fits again. */
const roundUp = (words: number): number => (words < 64 ? words : Math.ceil(words / 64) * 64);

/**
 * Regions that may be there at a time: V8 takes a memory mapping for each module, of which Linux gives a process 65,530, those
 * forgotten have theirs until V8 collects them, and most modules may be of one region.
 */
const MOST_REGIONS = 24_000;

/** Links that a module may have. */
export const MOST_LINKS = (NO_LINK_PCS_END - NO_LINK_PCS) / 8 - FIRST_LINK;

/** A region to be installed. */
export type RegionToInstall = Pick<TranslatedRegion, 'pc' | 'entries' | 'blocks' | 'source' | 'cache' | 'links'>;

/** A region that has been made. */
export interface MadeRegion extends RegionToInstall {
  readonly lowered: LoweredRegion;
  /** Where its memory check slots are. */
  readonly slots: readonly SlotSpan[];
}

/** Regions that have been instantiated, by their index in the global table, through which all code finds them. */
export class RegionTable {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private end = 0;
  private readonly free: number[] = [];
  /** Indices of regions that have been forgotten, but may still be running. */
  private readonly forgotten: number[] = [];
  private readonly regions: (TranslatedRegion | undefined)[] = [];
  private readonly linkPcs: LinkPcs;
  private readonly modules: (InstalledModule | undefined)[] = [];
  private readonly freeModules: number[] = [];
  /** How many regions of a module have not been freed. */
  private readonly left = new Map<InstalledModule, number>();
  /** Regions in modules of which one at least has not been freed: V8 keeps a module for its last region. */
  private live = 0;

  /**
   * @param released is told of memory check slots that no code has any more
   * @param most regions that may be there at a time
   */
  constructor(
    private readonly memory: LinearMemory,
    private readonly statistics: EngineStatistics,
    private readonly released: (slots: readonly SlotSpan[]) => void,
    private readonly most = MOST_REGIONS,
  ) {
    this.linkPcs = new LinkPcs(memory);
  }

  /** Whether all regions are to be forgotten before another one is made. */
  get isFull(): boolean {
    return this.live >= this.most;
  }

  /** All that have not been forgotten. */
  get all(): TranslatedRegion[] {
    const gone = new Set(this.forgotten);
    return this.regions.filter((region): region is TranslatedRegion => region !== undefined && !gone.has(region.index));
  }

  /** A free place. */
  newIndex(): number {
    const index = this.free.pop() ?? this.end++;
    if (index === this.table.length) this.table.grow(this.table.length);
    return index;
  }

  /**
   * Instantiates a module of regions.
   * @param made its regions, by their place; of what is of no use any more, how many links it has
   * @param functions what they import besides the memory (wasm/lower/regionModule.ts)
   */
  install(compiled: CompiledModule, made: readonly (RegionToInstall | number)[], functions: Readonly<Record<string, unknown>>): readonly TranslatedRegion[] {
    const { statistics } = this;
    const linkCounts = made.map((one) => (typeof one === 'number' ? one : one.links.length));
    const links = FIRST_LINK + sumOf(linkCounts);
    assert(links <= FIRST_LINK + MOST_LINKS, 'a module has more links than words that say where they lead');
    const number = this.freeModules.pop() ?? this.modules.length;
    const linkPcs = this.linkPcs.take(links);
    const env = { ...functions, memory: this.memory.memory, firstRegion: number * MODULE_REGIONS, linkPcs };
    const { exports } = new WebAssembly.Instance(compiled.module, { env });
    const table = exports.table as WebAssembly.Table | undefined;
    const places: (TranslatedRegion | undefined)[] = [];
    const module: InstalledModule = { number, table, stub: table?.get(0), linkCounts, linkPcs, places, slots: compiled.slots, isNative: compiled.isNative };
    let firstLink: number = FIRST_LINK;
    made.forEach((one, n) => {
      places[n] = typeof one === 'number' ? undefined : this.add({ ...one, run: exports[`${n}`], module, firstLink });
      firstLink += linkCounts[n] as number;
    });
    const regions = places.filter((region) => region !== undefined);
    this.modules[number] = module;
    this.left.set(module, regions.length);
    this.live += regions.length;
    statistics.regions += regions.length;
    statistics.regionModules++;
    statistics.wasmBytes += compiled.bytes;
    return regions;
  }

  private add(one: RegionToInstall & Pick<TranslatedRegion, 'run' | 'module' | 'firstLink'>): TranslatedRegion {
    const { statistics } = this;
    const { pc, entries, blocks, source, cache, links, run, module, firstLink } = one;
    const index = this.newIndex();
    this.table.set(index, run);
    const region = { pc, entries, blocks, source, cache, links, run, module, firstLink, index, incoming: [], sites: new Map() };
    this.regions[index] = region;
    statistics.regionBlocks += blocks.length;
    for (const { insns } of blocks) statistics.regionInsns += insns;
    return region;
  }

  /** The region that has slot `slot` of a module's table of links. @param first number of the module's first region */
  ownerOf(first: number, slot: number): TranslatedRegion {
    const places = this.modules[first / MODULE_REGIONS]?.places;
    const found = places?.find((region) => region !== undefined && region.firstLink <= slot && slot < region.firstLink + region.links.length);
    assert(found !== undefined, 'no region has the slot');
    return found;
  }

  /** There is no region at `pc` that slot `slot` of `from` could be linked to: until there is one, the dispatcher is asked at once. */
  awaitRegion({ awaited }: CodeView, pc: number, { module, firstLink }: TranslatedRegion, slot: number): void {
    if (module.linkPcs === NO_LINK_PCS) return;
    const word = module.linkPcs + 8 * (firstLink + slot);
    this.memory.view.setBigUint64(word, BigInt(pc), true);
    const words = awaited.get(pc);
    if (words === undefined) awaited.set(pc, [word]);
    else words.push(word);
  }

  /** There is a region at `pc`: the links that waited for it ask again. */
  arrived({ awaited }: CodeView, pc: number): void {
    for (const word of awaited.get(pc) ?? []) this.memory.view.setBigUint64(word, 0n, true);
    awaited.delete(pc);
  }

  /** The region with a number, see MODULE_REGIONS; it may have been forgotten while it runs. */
  running(number: number): TranslatedRegion {
    return this.modules[Math.floor(number / MODULE_REGIONS)]?.places[number % MODULE_REGIONS] as TranslatedRegion;
  }

  /** Nothing leads to a region any more: V8 can collect its module once that holds for all regions in it, and their last frame has returned. */
  forget({ index }: TranslatedRegion): void {
    this.statistics.regionsForgotten++;
    this.table.set(index, null);
    this.forgotten.push(index);
  }

  /** No region is running. */
  freeForgotten(): void {
    if (this.forgotten.length === 0) return;
    for (const index of this.forgotten) {
      const { module } = this.regions[index] as TranslatedRegion;
      this.regions[index] = undefined;
      const left = (this.left.get(module) as number) - 1;
      this.left.set(module, left);
      if (left === 0) this.freeModule(module);
    }
    this.free.push(...this.forgotten);
    this.forgotten.length = 0;
  }

  /** None of its regions is there any more. */
  private freeModule(module: InstalledModule): void {
    const { number, linkCounts, linkPcs, places, slots } = module;
    this.released(slots);
    this.linkPcs.free(linkPcs, FIRST_LINK + sumOf(linkCounts));
    this.left.delete(module);
    this.modules[number] = undefined;
    this.freeModules.push(number);
    this.live -= places.filter((region) => region !== undefined).length;
    if (this.live === 0) this.linkPcs.reset();
  }
}
