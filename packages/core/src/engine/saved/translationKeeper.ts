import { groupBy } from '../../base/index.ts';
import type { Arenas } from '../arenas.ts';
import type { CodeCache, InstalledModule, TranslatedRegion } from '../codeCache.ts';
import type { ColdBlock, ColdCode } from '../coldCode.ts';
import type { LinearMemory } from '../linearMemory.ts';
import type { NativeCode } from '../seams.ts';
import type { SharedCode } from '../sharedCode.ts';
import { learntOf, teach } from './learnt.ts';
import { type Entry, packCode } from './packCode.ts';
import { type SavedBlock, saveBlock } from './savedBlock.ts';
import { type ModuleEntry, SavedCode } from './savedCode.ts';
import { packModule } from './savedModule.ts';
import { packRegion } from './savedRegion.ts';
import type { TranslationStore } from './translationStore.ts';

/** What is saved of one piece of code has at most so many words; what this run did not use goes first. */
const MOST_WORDS = 1 << 25;

/**
 * Code is saved anew when there is so much more of it: this many blocks or regions, and one in so many of those saved before. Each run
 * makes some regions that none before has made: fewer cost less than to save all others with them.
 */
const NEW_BLOCKS = { least: 32, oneIn: 32 };
const NEW_REGIONS = { least: 2, oneIn: 4 };
/** As NEW_REGIONS, of functions that V8 has optimised. */
const NEW_OPTIMISED = { least: 2, oneIn: 4 };

/** What the keeper needs to know of the machine. */
export interface KeeperUser {
  readonly memory: LinearMemory;
  /** What translations depend on besides the code, the guest and everystep itself. */
  readonly setting: string;
  /** Name of the mode whose cold blocks are kept. */
  readonly mode: string;
  /** Whether nothing else is kept: neither regions nor what would make some. */
  readonly isColdOnly: boolean;
  /** Of the regions that are kept. */
  readonly cacheKey: string;
  readonly arenas: Arenas;
  /** Where what V8 makes of regions is kept, too. */
  readonly nativeCode: NativeCode | undefined;
}

interface Piece {
  readonly code: SharedCode;
  readonly cold: ColdCode;
  readonly cache: CodeCache;
  readonly saved: SavedCode | undefined;
  /** Blocks that are not in `saved`, by their offset from the code's start. */
  readonly fresh: Map<number, SavedBlock>;
  /** Names of the helpers that blocks call, those in `saved` first. */
  readonly helpers: string[];
}

/** A module with V8's code of it. */
interface NativeModule {
  readonly module: InstalledModule;
  /** How many of its functions V8 has optimised. */
  readonly optimised: number;
  pack(): Uint8Array;
}

/** Takes translations of files' code out of a store when the code is first run, and puts them there in the end. */
export class TranslationKeeper {
  private readonly pieces: Piece[] = [];

  constructor(
    private readonly store: TranslationStore,
    private readonly user: KeeperUser,
  ) {}

  /** A machine has come to know this code. */
  opened(code: SharedCode): void {
    const { view } = code;
    const cold = view.cold(this.user.mode);
    const saved = this.find(code);
    this.pieces.push({ code, cold, cache: view.cache(this.user.cacheKey), saved, fresh: new Map(), helpers: [...(saved?.head.helpers ?? [])] });
    if (!this.user.isColdOnly) view.newSlot = this.user.arenas.area(this.keyOf(code));
    if (saved === undefined) return;
    cold.saved = saved;
    if (this.user.isColdOnly) return;
    if (this.user.nativeCode !== undefined) {
      saved.head.modules.forEach(({ slots }, number) => {
        if (this.user.arenas.claim(slots)) saved.allowModule(number);
      });
    }
    teach(view, saved.head.learnt);
    view.saved = saved;
    for (const offset of saved.regionOffsets) cold.promoted.add(code.start + offset);
  }

  private find(code: SharedCode): SavedCode | undefined {
    const key = this.keyOf(code);
    const bytes = this.store.open(key);
    const saved = bytes && SavedCode.open(bytes);
    return saved?.head.key === key ? saved : undefined;
  }

  private keyOf({ key }: SharedCode): string {
    return `${this.user.setting} ${key}`;
  }

  /**
   * Cold blocks that have been made are about to go from linear memory.
   * @param helperName the name of the helper that has a function of the interpreter's table
   */
  collect(blocks: Iterable<{ readonly block: ColdBlock; readonly code: ColdCode }>, helperName: (fn: number) => string): void {
    const byCode = new Map(this.pieces.map((piece) => [piece.cold, piece]));
    for (const { block, code } of blocks) {
      const piece = byCode.get(code);
      if (piece === undefined || block.insnOffsets !== undefined) continue;
      const offset = block.pc - piece.code.start;
      if (piece.fresh.has(offset)) continue;
      const number = (fn: number): number => {
        const name = helperName(fn);
        const at = piece.helpers.indexOf(name);
        return at < 0 ? piece.helpers.push(name) - 1 : at;
      };
      piece.fresh.set(offset, saveBlock(this.user.memory.u32, block, number));
    }
  }

  /** Saves what there is to save of all code, after `collect`. */
  save(): void {
    for (const piece of this.pieces) this.savePiece(piece);
    this.pieces.length = 0;
  }

  /** Saves code that is about to be forgotten, after `collect`. */
  close(code: SharedCode): void {
    const at = this.pieces.findIndex((piece) => piece.code === code);
    const [piece] = at < 0 ? [] : this.pieces.splice(at, 1);
    if (piece !== undefined) this.savePiece(piece);
  }

  private savePiece({ code, cache, saved, fresh, helpers }: Piece): void {
    const regions = [...cache.all].filter(({ source }) => source !== undefined);
    const made = regions.filter(({ source }) => source !== 'saved').length;
    const native = this.nativeModules(regions);
    const isMore = (count: number, { least, oneIn }: typeof NEW_BLOCKS, before = 0): boolean => count >= Math.max(least, before / oneIn);
    const newlyOptimised = sumOf(native.map(({ module, optimised }) => Math.max(optimised - (module.compiled.optimised ?? 0), 0)));
    const keptOptimised = sumOf(native.map(({ module }) => module.compiled.optimised ?? 0));
    const isWorthSaving =
      isMore(fresh.size, NEW_BLOCKS, saved?.blockCount) ||
      isMore(made, NEW_REGIONS, saved?.regionCount) ||
      isMore(newlyOptimised, NEW_OPTIMISED, keptOptimised);
    if (!isWorthSaving) return;
    const regionEntries: Entry[] = [];
    const blocks: Entry[] = [...fresh];
    const modules: { readonly entry: ModuleEntry; readonly words: Uint32Array }[] = [];
    let words = sumOf(blocks.map(([, { length }]) => length));
    const hasRoom = (more: Uint32Array | undefined): more is Uint32Array => {
      if (more === undefined || words + more.length > MOST_WORDS) return false;
      words += more.length;
      return true;
    };
    const keep = (into: Entry[], offset: number, old: Uint32Array | undefined): void => {
      if (hasRoom(old)) into.push([offset, old]);
    };
    for (const region of regions) keep(regionEntries, region.pc - code.start, this.wordsOf(region, code, saved));
    for (const { module, optimised, pack } of native) {
      const isOfUse = (region: TranslatedRegion): boolean => cache.get(region.pc) === region;
      const more = packModule(module, { code: pack(), optimised }, code.start, isOfUse, (offset) => this.constantAt(offset));
      const offsets = module.places.flatMap((region) => (region !== undefined && isOfUse(region) ? [region.pc - code.start] : []));
      if (hasRoom(more)) modules.push({ entry: { regions: offsets, slots: module.compiled.slots }, words: more });
    }
    const isUntouched = (offset: number): boolean => saved?.wasTaken(offset) === false && cache.get(code.start + offset) === undefined;
    for (const offset of saved?.regionOffsets ?? []) if (isUntouched(offset)) keep(regionEntries, offset, saved?.packedRegion(offset));
    saved?.head.modules.forEach((entry, number) => {
      const old = saved.isAllowed(number) && entry.regions.every(isUntouched) ? saved.packedModule(number) : undefined;
      if (hasRoom(old)) modules.push({ entry, words: old });
    });
    for (let number = 0; number < (saved?.blockCount ?? 0); number++) {
      const offset = saved?.offsetOfBlock(number) as number;
      if (!fresh.has(offset)) keep(blocks, offset, saved?.block(number));
    }
    const key = this.keyOf(code);
    const learnt = this.user.isColdOnly ? undefined : learntOf(code.view);
    const head = { key, helpers, learnt, modules: modules.map(({ entry }) => entry) };
    this.store.save(
      key,
      packCode(
        head,
        blocks,
        regionEntries,
        modules.map((module) => module.words),
      ),
    );
  }

  /** Modules of which V8 has optimised something, and at least half of which is still of use. */
  private nativeModules(regions: readonly TranslatedRegion[]): NativeModule[] {
    const { nativeCode } = this.user;
    if (nativeCode === undefined) return [];
    return [...groupBy(regions, ({ module }) => module)]
      .filter(([{ places }, ofUse]) => ofUse.length * 2 >= places.length)
      .map(([module]) => ({
        module,
        optimised: nativeCode.optimised(module.places.flatMap((region) => region?.run ?? [])),
        pack: () => nativeCode.pack(module.compiled.module),
      }))
      .filter(({ optimised }) => optimised > 0);
  }

  private wordsOf({ pc, source, entries, blocks }: TranslatedRegion, code: SharedCode, saved: SavedCode | undefined): Uint32Array | undefined {
    if (source === 'saved') return saved?.packedRegion(pc - code.start);
    return source && packRegion({ entries, blocks, lowered: source }, (offset) => this.constantAt(offset));
  }

  private constantAt(offset: number): Uint8Array {
    return this.user.memory.bytes.subarray(offset, offset + 16);
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
