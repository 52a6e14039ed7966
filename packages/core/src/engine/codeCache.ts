import type { LoweredRegion } from '../wasm/index.ts';
import type { SlotSpan } from './checkSlots.ts';
import { PcMap } from './pcMap.ts';
import type { BlockInfo } from './seams.ts';

/** A region that has been translated and instantiated. */
export interface TranslatedRegion {
  readonly pc: number;
  /** Where else it can be entered: entry k with -1 - k as the function's parameter `slot`. */
  readonly entries: readonly number[];
  /** Those of an earlier run without their words. */
  readonly blocks: readonly BlockInfo[];
  /** Index in the global table. */
  readonly index: number;
  readonly run: unknown;
  readonly module: InstalledModule;
  /** What its slots of the module's table of links lead to, and which is the first of them. */
  readonly links: readonly number[];
  readonly firstLink: number;
  /** Slots of other regions that lead here; where they belong to a call site, its linear offset. */
  readonly incoming: { readonly from: TranslatedRegion; readonly slot: number; readonly site?: number }[];
  /** Where its call sites lead, by their slots. */
  readonly sites: Map<number, TranslatedRegion>;
  /** Where it is kept. */
  readonly cache: CodeCache;
  /** What it is made of, where translations are kept: its function, or what an earlier run has saved. */
  readonly source: LoweredRegion | 'saved' | undefined;
}

/** A module of regions. */
export interface InstalledModule {
  readonly number: number;
  /** Its table of links; undefined: there are none. */
  readonly table: WebAssembly.Table | undefined;
  /** What a slot of the table holds while it is not linked. */
  readonly stub: unknown;
  /** Slots of the table that each place has. */
  readonly linkCounts: readonly number[];
  /** Linear offset of its words in LINK_PCS. */
  readonly linkPcs: number;
  /** Its regions by their place in it; undefined where one was of no use when the module was taken from an earlier run. */
  readonly places: readonly (TranslatedRegion | undefined)[];
  /** Where its memory check slots are. */
  readonly slots: readonly SlotSpan[];
  /** Whether V8 has had optimised code of it from the start, kept from an earlier run. */
  readonly isNative: boolean;
}

/** A module of regions as V8 has it. */
export interface CompiledModule {
  readonly module: WebAssembly.Module;
  /** Bytes of its Wasm. */
  readonly bytes: number;
  /** Where its memory check slots are. */
  readonly slots: readonly SlotSpan[];
  /** Whether that is optimised code, kept from an earlier run. */
  readonly isNative: boolean;
}

/** Leads slot `slot` of a region to a function. */
export function setLink({ module, firstLink }: TranslatedRegion, slot: number, fn: unknown): void {
  module.table?.set(firstLink + slot, fn);
}

/** Translated regions of one mode and wish, by entry pc, and which pages they were made from. */
export class CodeCache {
  private readonly regions: PcMap<TranslatedRegion>;
  private readonly byPage = new Map<number, Set<TranslatedRegion>>();

  /** @param start of the code that they are in */
  constructor(start: number) {
    this.regions = new PcMap(start);
  }

  get(pc: number): TranslatedRegion | undefined {
    return this.regions.get(pc);
  }

  get all(): Iterable<TranslatedRegion> {
    return this.regions.all;
  }

  add(region: TranslatedRegion): void {
    this.regions.set(region.pc, region);
    for (const page of pagesOf(region)) {
      let set = this.byPage.get(page);
      if (set === undefined) {
        set = new Set();
        this.byPage.set(page, set);
      }
      set.add(region);
    }
  }

  /** Forgets a region: links that lead to it ask for their target again. @returns false if it was forgotten before */
  remove(region: TranslatedRegion): boolean {
    if (this.regions.get(region.pc) !== region) return false;
    this.regions.delete(region.pc);
    for (const page of pagesOf(region)) this.byPage.get(page)?.delete(region);
    for (const { from, slot } of region.incoming) setLink(from, slot, from.module.stub);
    region.incoming.length = 0;
    return true;
  }

  /** The regions made from code that overlaps start..end. */
  overlapping(start: number, end: number): TranslatedRegion[] {
    const found = new Set<TranslatedRegion>();
    const first = Math.floor(start / 4096);
    const last = Math.floor((end - 1) / 4096);
    const visit = (set: Set<TranslatedRegion> | undefined): void => {
      for (const region of set ?? []) {
        if (region.blocks.some(({ pc, bytes }) => pc < end && start < pc + Math.max(bytes, 1))) found.add(region);
      }
    };
    if (last - first > this.byPage.size)
      for (const [page, set] of this.byPage) {
        if (page >= first && page <= last) visit(set);
      }
    else for (let page = first; page <= last; page++) visit(this.byPage.get(page));
    return [...found];
  }
}

function pagesOf(region: TranslatedRegion): Set<number> {
  const pages = new Set<number>();
  for (const { pc, bytes } of region.blocks) {
    for (let page = Math.floor(pc / 4096); page <= Math.floor((pc + Math.max(bytes, 1) - 1) / 4096); page++) pages.add(page);
  }
  return pages;
}
