import { CodeCache, type TranslatedRegion } from './codeCache.ts';
import { ColdCode } from './coldCode.ts';
import { JumpTargets } from './jumpTargets.ts';
import { LoopEntries } from './loopEntries.ts';
import { PcMap } from './pcMap.ts';
import { PcSet } from './pcSet.ts';
import type { SavedCode } from './saved/savedCode.ts';

/** After so many times that flags were of an unexpected kind at an entry, it expects none. */
const MAX_UNEXPECTED = 8;

/** What is known of code in a range of addresses: its translations and what running it has taught. */
export class CodeView {
  readonly targets: JumpTargets;
  readonly loops: LoopEntries;
  /** Where slices ended. */
  readonly heated: PcSet;
  /** Starts of regions that are worth being whole. */
  readonly hot: PcSet;
  /** How often flags of an unexpected kind kept a region from being entered at a pc. */
  readonly unexpected: PcMap<number>;
  /** Linear offsets of the words in LINK_PCS that are not 0 because there is no region at a pc, by that pc. */
  readonly awaited: PcMap<number[]>;
  /** What earlier runs made of this code. */
  saved: SavedCode | undefined;
  private readonly caches = new Map<string, CodeCache>();
  private readonly colds = new Map<string, ColdCode>();
  /** What was asked for last, as is most often the next. */
  private lastCache: { readonly key: string; readonly cache: CodeCache } | undefined;
  private lastCold: { readonly key: string; readonly cold: ColdCode } | undefined;

  /**
   * @param start of the range that it is about
   * @param end of the range: nothing behind it is part of its translations
   */
  constructor(
    readonly start = 0,
    readonly end = Number.POSITIVE_INFINITY,
  ) {
    this.targets = new JumpTargets(start);
    this.loops = new LoopEntries(start);
    this.unexpected = new PcMap(start);
    this.awaited = new PcMap(start);
    this.heated = new PcSet(start);
    this.hot = new PcSet(start);
  }

  /** Translations by mode and wish. */
  cache(key: string): CodeCache {
    if (this.lastCache?.key === key) return this.lastCache.cache;
    let cache = this.caches.get(key);
    if (cache === undefined) {
      cache = new CodeCache(this.start);
      this.caches.set(key, cache);
    }
    this.lastCache = { key, cache };
    return cache;
  }

  /** A region entered at `pc` expected flags of another kind. @returns true when that has happened often: it must take any */
  sawUnexpectedFlags(pc: number): boolean {
    const times = (this.unexpected.get(pc) ?? 0) + 1;
    this.unexpected.set(pc, times);
    return times === MAX_UNEXPECTED;
  }

  /** Whether a region entered at `pc` may expect flags of one kind. */
  mayGuardFlags(pc: number): boolean {
    return (this.unexpected.get(pc) ?? 0) < MAX_UNEXPECTED;
  }

  /** Cold code by mode, and by wish where there is one. */
  cold(key: string): ColdCode {
    if (this.lastCold?.key === key) return this.lastCold.cold;
    let cold = this.colds.get(key);
    if (cold === undefined) {
      cold = new ColdCode(this.start, this.end);
      this.colds.set(key, cold);
    }
    this.lastCold = { key, cold };
    return cold;
  }

  /**
   * Whether the block at pc has ever run in a mode, as far as cold code and regions tell. To ask for more runs is worse: what
   * gets hot later is then in regions of its own, which loops pass through link by link (xz: 1.5 times the time).
   */
  hasRun(pc: number, coldKey: string, cacheKey: string): boolean {
    const cold = this.cold(coldKey);
    const { promoted, wanted } = cold;
    return cold.entryAt(pc) > 0 || promoted.has(pc) || wanted.has(pc) || this.cache(cacheKey).get(pc) !== undefined;
  }

  get allCold(): Iterable<ColdCode> {
    return this.colds.values();
  }

  /** The regions made from code that overlaps start..end. */
  *overlapping(start: number, end: number): Generator<TranslatedRegion> {
    for (const cache of this.caches.values()) yield* cache.overlapping(start, end);
  }
}
