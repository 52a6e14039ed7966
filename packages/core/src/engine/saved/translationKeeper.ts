import type { Arenas } from '../arenas.ts';
import type { CodeCache, TranslatedRegion } from '../codeCache.ts';
import type { ColdCode } from '../coldCode.ts';
import type { TranslatedColdBlock } from '../coldTier.ts';
import type { LinearMemory } from '../linearMemory.ts';
import { branchTargetsOf, type SharedCode } from '../sharedCode.ts';
import { isMore, isWorthCompiling, NEW_BLOCKS, NEW_REGIONS } from './growth.ts';
import { learntOf, teach } from './learnt.ts';
import { type Entry, MOST_WORDS, packCode } from './packCode.ts';
import { type SavedBlock, saveBlock } from './savedBlock.ts';
import { type ModuleEntry, SavedCode, type SavedHead, type TranslationSetting } from './savedCode.ts';
import { packRegion } from './savedRegion.ts';
import { WARM_RUNS } from './translateWarm.ts';
import type { TranslationStore } from './translationStore.ts';

/** A module is kept as long as one in so many of its regions is of use. */
const LEAST_OF_USE = 2;

/** What the keeper needs to know of the machine. */
export interface KeeperUser {
  readonly memory: LinearMemory;
  readonly translation: TranslationSetting;
  /** Name of the mode whose cold blocks are kept. */
  readonly mode: string;
  /** Whether nothing else is kept: neither regions nor what would make some. */
  readonly isColdOnly: boolean;
  /** Of the regions that are kept. */
  readonly cacheKey: string;
  readonly arenas: Arenas;
  /** Whether modules can be taken with what V8 has made of them. */
  readonly takesNative: boolean;
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
  /** Whether memory check slots of a module were other code's. */
  readonly hasCollided: boolean;
  /** See SavedHead. */
  warm: number;
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
    const hasCollided = saved !== undefined && !this.claimSlots(saved);
    this.pieces.push({
      code,
      cold,
      cache: view.cache(this.user.cacheKey),
      saved,
      fresh: new Map(),
      helpers: [...(saved?.head.helpers ?? [])],
      hasCollided,
      warm: saved?.head.warm ?? 0,
    });
    if (!this.user.isColdOnly) cold.pages = new Map();
    if (saved === undefined) return;
    cold.saved = saved;
    if (this.user.isColdOnly) return;
    teach(view, saved.head.learnt);
    view.saved = saved;
    for (const offset of saved.regionOffsets) cold.promoted.add(code.start + offset);
  }

  /** Takes the memory check slots of modules, and allows those to be taken. @returns false if other code had some */
  private claimSlots(saved: SavedCode): boolean {
    if (!this.user.takesNative || this.user.isColdOnly) return true;
    const claims = saved.head.modules.map(({ slots }, number) => {
      const isFree = this.user.arenas.claim(slots);
      if (isFree) saved.allowModule(number);
      return isFree;
    });
    return claims.every((isFree) => isFree);
  }

  private find(code: SharedCode): SavedCode | undefined {
    const key = this.keyOf(code);
    const bytes = this.store.open(key);
    const saved = bytes && SavedCode.open(bytes);
    return saved?.head.key === key ? saved : undefined;
  }

  private keyOf({ key }: SharedCode): string {
    const { memoryPages, fusesMadd, relaxedSwizzle, disabled } = this.user.translation;
    return `${[memoryPages, fusesMadd, relaxedSwizzle, ...disabled].join()} ${key}`;
  }

  /**
   * Cold blocks that have been made are about to go from linear memory.
   * @param helperName the name of the helper that has a function of the interpreter's table
   */
  collect(blocks: Iterable<TranslatedColdBlock>, helperName: (fn: number) => string): void {
    const byCode = new Map(this.pieces.map((piece) => [piece.cold, piece]));
    for (const { block, code, runs } of blocks) {
      const piece = byCode.get(code);
      if (piece === undefined || block.insnOffsets !== undefined) continue;
      const offset = block.pc - piece.code.start;
      if (piece.fresh.has(offset)) continue;
      const number = (fn: number): number => {
        const name = helperName(fn);
        const at = piece.helpers.indexOf(name);
        return at < 0 ? piece.helpers.push(name) - 1 : at;
      };
      if (runs >= WARM_RUNS) piece.warm++;
      piece.fresh.set(offset, saveBlock(this.user.memory.u32, block, number, { runs, code: code.codeOf(block) }));
    }
  }

  /**
   * Saves what there is to save of all code, after `collect`.
   * @returns whether so much of what is kept has not been compiled that it is worth doing that, see `compileSaved`
   */
  save(): boolean {
    const worth = this.pieces.map((piece) => this.savePiece(piece));
    this.pieces.length = 0;
    return worth.includes(true);
  }

  /** Saves code that is about to be forgotten, after `collect`. */
  close(code: SharedCode): void {
    const at = this.pieces.findIndex((piece) => piece.code === code);
    const [piece] = at < 0 ? [] : this.pieces.splice(at, 1);
    if (piece === undefined) return;
    this.savePiece(piece);
    for (const slots of piece.saved?.slotsOfModulesLeft ?? []) this.user.arenas.release(slots);
  }

  /** @returns see `save` */
  private savePiece({ code, cache, saved, fresh, helpers, hasCollided, warm }: Piece): boolean {
    const regions = [...cache.all].filter(({ source }) => source !== undefined);
    const made = regions.filter(({ source }) => source !== 'saved').length;
    const areModulesLost = saved !== undefined && (hasCollided || saved.isRefused);
    if (!isMore(fresh.size, NEW_BLOCKS, saved?.blockCount) && !isMore(made, NEW_REGIONS, saved?.regionCount) && !areModulesLost) {
      return saved?.isWorthCompiling === true;
    }
    const blocks: Entry[] = [...fresh];
    let words = sumOf(blocks.map(([, { length }]) => length));
    const hasRoom = (more: Uint32Array | undefined): more is Uint32Array => {
      if (more === undefined || words + more.length > MOST_WORDS) return false;
      words += more.length;
      return true;
    };
    const regionWords = new Map<number, Uint32Array>();
    const keepRegion = (offset: number, packed: Uint32Array | undefined): void => {
      if (hasRoom(packed)) regionWords.set(offset, packed);
    };
    for (const region of regions) keepRegion(region.pc - code.start, this.wordsOf(region, code, saved));
    const isUntouched = (offset: number): boolean => saved?.wasTaken(offset) === false && cache.get(code.start + offset) === undefined;
    for (const offset of saved?.regionOffsets ?? []) if (isUntouched(offset)) keepRegion(offset, saved?.packedRegion(offset));
    const modules = areModulesLost ? [] : this.modulesOf(code, regionWords).filter((module) => hasRoom(module.words));
    for (let number = 0; number < (saved?.blockCount ?? 0); number++) {
      const offset = saved?.offsetOfBlock(number) as number;
      const block = fresh.has(offset) ? undefined : saved?.block(number);
      if (hasRoom(block)) blocks.push([offset, block]);
    }
    const key = this.keyOf(code);
    const head: SavedHead = {
      key,
      start: code.start,
      end: code.end,
      branchTargets: branchTargetsOf(code.key),
      translation: this.user.translation,
      area: (saved?.head.area ?? 0) + (hasCollided ? 1 : 0),
      helpers,
      warm,
      isFull: saved?.head.isFull === true && !areModulesLost,
      learnt: this.user.isColdOnly ? undefined : learntOf(code.view),
      modules: modules.map(({ entry }) => entry),
    };
    const packed = modules.map((module) => module.words);
    this.store.save(key, packCode(head, blocks, [...regionWords], packed));
    return !head.isFull && isWorthCompiling(regionWords.size, regionWords.size - sumOf(head.modules.map(({ regions: { length } }) => length)) + warm);
  }

  /**
   * The modules that are kept by now, some perhaps since this run has begun, as far as they are of use: a region of theirs is that as
   * long as it is the same as the one to be saved.
   */
  private modulesOf(code: SharedCode, regionWords: ReadonlyMap<number, Uint32Array>): readonly { readonly entry: ModuleEntry; readonly words: Uint32Array }[] {
    const present = this.find(code);
    return (present?.head.modules ?? []).flatMap((entry, number) => {
      const regions = entry.regions.filter((offset) => areEqual(regionWords.get(offset), present?.packedRegion(offset)));
      const words = regions.length * LEAST_OF_USE < entry.places ? undefined : present?.packedModule(number);
      return words === undefined ? [] : [{ entry: { ...entry, regions }, words }];
    });
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

const areEqual = (a: Uint32Array | undefined, b: Uint32Array | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((word, i) => word === b[i]);
