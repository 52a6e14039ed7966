import type { TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import { LINK_PCS, LINK_PCS_END, type LinearMemory, NO_LINK_PCS } from './linearMemory.ts';
import type { EngineStatistics } from './statistics.ts';

/** Room for regions' words in LINK_PCS. */
class LinkPcs {
  private end = LINK_PCS;
  /** Offsets of words that are free again, by their number. */
  private readonly freed = new Map<number, number[]>();

  constructor(private readonly memory: LinearMemory) {}

  /** @returns the linear offset of so many words, all 0; NO_LINK_PCS where there is no room */
  take(words: number): number {
    const freed = this.freed.get(words)?.pop();
    if (freed !== undefined) return freed;
    if (this.end + 8 * words > LINK_PCS_END) return NO_LINK_PCS;
    const offset = this.end;
    this.end += 8 * words;
    return offset;
  }

  free(offset: number, words: number): void {
    if (offset === NO_LINK_PCS) return;
    this.memory.i64.fill(0n, offset / 8, offset / 8 + words);
    const freed = this.freed.get(words);
    if (freed === undefined) this.freed.set(words, [offset]);
    else freed.push(offset);
  }
}

/**
 * Regions that may be there at a time: each takes a memory mapping of its own in V8, of which Linux gives a process 65,530,
 * and those forgotten have theirs until V8 collects them.
 */
const MOST_REGIONS = 24_000;

/** Regions that have been instantiated, by their index in the global table, through which all code finds them. */
export class RegionTable {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private end = 0;
  private readonly free: number[] = [];
  /** Indices of regions that have been forgotten, but may still be running. */
  private readonly forgotten: number[] = [];
  private readonly regions: (TranslatedRegion | undefined)[] = [];
  private readonly linkPcs: LinkPcs;
  /** Regions that have not been forgotten. */
  private live = 0;

  /** @param most regions that may be there at a time */
  constructor(
    private readonly memory: LinearMemory,
    private readonly statistics: EngineStatistics,
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
   * Instantiates a region's module.
   * @param functions the engine's functions that regions call (wasm/lower/runtime.ts)
   */
  install(
    made: Pick<TranslatedRegion, 'pc' | 'entries' | 'blocks' | 'links' | 'source' | 'cache'>,
    wasm: Uint8Array<ArrayBuffer>,
    functions: WebAssembly.Table,
  ): TranslatedRegion {
    const { statistics } = this;
    statistics.regions++;
    statistics.regionBlocks += made.blocks.length;
    for (const { insns } of made.blocks) statistics.regionInsns += insns;
    statistics.wasmBytes += wasm.length;
    const index = this.newIndex();
    const linkPcs = this.linkPcs.take(made.links.length);
    const env = { memory: this.memory.memory, functions, self: index, linkPcs };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
    const table = exports.table as WebAssembly.Table | undefined;
    this.table.set(index, exports.region);
    const translated = { ...made, index, linkPcs, run: exports.region, table, stub: table?.get(0), incoming: [] };
    this.regions[index] = translated;
    this.live++;
    return translated;
  }

  /** There is no region at `pc` that slot `slot` of `from` could be linked to: until there is one, the dispatcher is asked at once. */
  awaitRegion({ awaited }: CodeView, pc: number, { linkPcs }: TranslatedRegion, slot: number): void {
    if (linkPcs === NO_LINK_PCS) return;
    const word = linkPcs + 8 * slot;
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

  /** The region with an index; it may have been forgotten while it runs. */
  at(index: number): TranslatedRegion {
    return this.regions[index] as TranslatedRegion;
  }

  /** Nothing leads to a region any more, so that V8 can collect its module once its last frame has returned. */
  forget({ index }: TranslatedRegion): void {
    this.statistics.regionsForgotten++;
    this.live--;
    this.table.set(index, null);
    this.forgotten.push(index);
  }

  /** No region is running. */
  freeForgotten(): void {
    if (this.forgotten.length === 0) return;
    for (const index of this.forgotten) {
      const { linkPcs, links } = this.at(index);
      this.linkPcs.free(linkPcs, links.length);
      this.regions[index] = undefined;
    }
    this.free.push(...this.forgotten);
    this.forgotten.length = 0;
  }
}
