import { fingerprint } from '../../base/index.ts';
import type { BranchTargets } from '../../guest/index.ts';
import type { SlotSpan } from '../checkSlots.ts';
import { isWorthCompiling } from './growth.ts';
import type { SavedBlock } from './savedBlock.ts';
import { type SavedModule, unpackModule } from './savedModule.ts';
import { type SavedRegion, unpackRegion } from './savedRegion.ts';
import type { SavedBytes } from './translationStore.ts';

/**
 * What is kept of one piece of code, in 32-bit words, least significant byte first:
 *
 *     0        MAGIC
 *     1        words of the head
 *     2        blocks
 *     3        regions
 *     4        modules
 *     8 .. 11  fingerprint of head and index
 *     12       head: a `SavedHead` as JSON, in ASCII, filled up with blanks to whole pages of the fingerprint (4 words)
 *     …        index: a pair of words for each block, in ascending order: its pc less the code's start, and at which word of
 *              the payload it begins; then the same for each region, and for each module, whose number is its place in the head's
 *              `modules`; then a pair with where the payload ends; filled up as above
 *     …        payload: the blocks (savedBlock.ts), the regions (savedRegion.ts), the modules (savedModule.ts), in the order of the index
 *
 * Blocks and regions have sums of their own, so that only what is used need be read.
 */
export const MAGIC = 0x6573_430a;
export const HEADER_WORDS = 12;

/** A module that is kept with what V8 has made of it, of regions that are kept, too. */
export interface ModuleEntry {
  /** Offsets from the code's start of its regions that are of use: no region is of use in two modules. */
  readonly regions: readonly number[];
  /** How many it has. */
  readonly places: number;
  /** Where its memory check slots are. */
  readonly slots: readonly SlotSpan[];
}

/** What translations depend on besides the code, the guest and everystep itself. */
export interface TranslationSetting {
  /** Pages of the linear memory. */
  readonly memoryPages: number;
  readonly fusesMadd: boolean;
  readonly relaxedSwizzle: boolean;
  /** Names of optimisations that were left out. */
  readonly disabled: readonly string[];
}

/** What running the code has taught, besides its translations. */
export interface SavedHead {
  /** What it was saved under: names of files may be the same for two. */
  readonly key: string;
  /** Where the code is, and what indirect branches in it lead to. */
  readonly start: number;
  readonly end: number;
  readonly branchTargets: BranchTargets;
  readonly translation: TranslationSetting;
  /** Which of the places for its memory check slots its modules have: the next, once slots of theirs were other code's. */
  readonly area: number;
  /** Names of the helpers that cold blocks call. */
  readonly helpers: readonly string[];
  /** Blocks that have run often enough for a region to be made of them when the code is compiled; about. */
  readonly warm: number;
  /** Whether there is no room for more modules. */
  readonly isFull: boolean;
  /** See CodeView. */
  readonly learnt: unknown;
  readonly modules: readonly ModuleEntry[];
}

/** A module that is to be installed. */
export interface TakenModule extends SavedModule {
  readonly slots: readonly SlotSpan[];
  /** Whether a region, by its offset, is to be what runs at its place. */
  isOfUse(offset: number): boolean;
}

/** Words that are read at once. */
const CHUNK = 0x2000;

/** Code that was kept. What is damaged is as if it were not there. */
export class SavedCode {
  readonly blockCount: number;
  readonly regionCount: number;
  private readonly chunks: (Uint32Array | undefined)[] = [];
  private readonly takenRegions = new Set<number>();
  /** Numbers of modules by the offsets of their regions, of those that can be taken. */
  private readonly moduleByRegion = new Map<number, number>();
  private hasRefused = false;

  private constructor(
    private readonly file: SavedBytes,
    readonly head: SavedHead,
    /** See above. */
    private readonly index: Uint32Array,
    blocks: number,
    regions: number,
    private readonly payloadAt: number,
  ) {
    this.blockCount = blocks;
    this.regionCount = regions;
  }

  /** Tells that the memory check slots of a module, by its number, are free: it can be taken. */
  allowModule(number: number): void {
    for (const offset of this.head.modules[number]?.regions ?? []) this.moduleByRegion.set(offset, number);
  }

  /** The module that has the region at `offset`, and can be taken; once. */
  takeModule(offset: number): TakenModule | undefined {
    const number = this.moduleByRegion.get(offset);
    const entry = number === undefined ? undefined : this.head.modules[number];
    if (number === undefined || entry === undefined) return undefined;
    for (const each of entry.regions) this.moduleByRegion.delete(each);
    const packed = this.packedModule(number);
    const module = packed && unpackModule(packed);
    const ofUse = new Set(entry.regions);
    return module && { ...module, slots: entry.slots, isOfUse: (each) => ofUse.has(each) && !this.takenRegions.has(each) };
  }

  /** V8 has not taken a module: it is another release of V8, or the processor is another. */
  refused(): void {
    this.hasRefused = true;
    this.moduleByRegion.clear();
  }

  /** Whether V8 has refused a module. */
  get isRefused(): boolean {
    return this.hasRefused;
  }

  /** Memory check slots of each module that can be taken, and has not been. */
  get slotsOfModulesLeft(): readonly (readonly SlotSpan[])[] {
    return [...new Set(this.moduleByRegion.values())].map((number) => this.head.modules[number]?.slots ?? []);
  }

  /** See `compileSaved`. */
  get isWorthCompiling(): boolean {
    return !this.head.isFull && isWorthCompiling(this.regionCount, this.regionsWithoutModule.length + this.head.warm);
  }

  packedModule(number: number): Uint32Array | undefined {
    const at = this.blockCount + this.regionCount + number;
    return this.words(this.index[2 * at + 1], this.index[2 * at + 3]);
  }

  /** A region is not to be taken any more. */
  tookRegion(offset: number): void {
    this.takenRegions.add(offset);
  }

  /** Offsets of the regions that are in no module, in ascending order. */
  get regionsWithoutModule(): number[] {
    const inModules = new Set(this.head.modules.flatMap(({ regions }) => regions));
    return this.regionOffsets.filter((offset) => !inModules.has(offset));
  }

  /** @returns undefined if that is not what `packCode` wrote */
  static open(file: SavedBytes): SavedCode | undefined {
    const header = wordsOf(file.read(0, 4 * HEADER_WORDS));
    if (header === undefined || header.length < HEADER_WORDS || header[0] !== MAGIC) return undefined;
    const [, headWords, blocks, regions, modules] = header;
    const indexWords = roundUp(2 * (blocks + regions + modules + 1));
    const described = wordsOf(file.read(4 * HEADER_WORDS, 4 * (headWords + indexWords)));
    if (described === undefined || described.length !== headWords + indexWords || described.length % 4 !== 0) return undefined;
    if (fingerprint(described) !== fingerprintIn(header)) return undefined;
    const head = JSON.parse(asciiOf(described.subarray(0, headWords))) as SavedHead;
    return new SavedCode(file, head, described.subarray(headWords), blocks, regions, HEADER_WORDS + headWords + indexWords);
  }

  /** Number of the block at `offset` from the code's start; -1: there is none. */
  blockAt(offset: number): number {
    return this.find(offset, 0, this.blockCount);
  }

  block(number: number): SavedBlock | undefined {
    return this.words(this.index[2 * number + 1], this.index[2 * number + 3]);
  }

  /** Where block `number` begins, from the code's start. */
  offsetOfBlock(number: number): number {
    return this.index[2 * number];
  }

  /** Offsets of all regions from the code's start. */
  get regionOffsets(): number[] {
    return Array.from({ length: this.regionCount }, (_, i) => this.index[2 * (this.blockCount + i)]);
  }

  /** Offsets of the region at `offset` and of those near it, up to so many, that have not been taken yet, and are in no module that can be. */
  regionsAround(offset: number, most: number): number[] {
    const { index, blockCount, regionCount } = this;
    const at = this.find(offset, blockCount, blockCount + regionCount);
    if (at < 0) return [];
    const first = blockCount + Math.floor((at - blockCount) / most) * most;
    const last = Math.min(first + most, blockCount + regionCount);
    return Array.from({ length: last - first }, (_, i) => index[2 * (first + i)]).filter(
      (each) => !this.takenRegions.has(each) && !this.moduleByRegion.has(each),
    );
  }

  /** The region at `offset` from the code's start, the first time that it is asked for: if it is given up, another is to be made. */
  takeRegion(offset: number): SavedRegion | undefined {
    if (this.takenRegions.has(offset)) return undefined;
    const packed = this.packedRegion(offset);
    this.takenRegions.add(offset);
    return packed && unpackRegion(packed);
  }

  wasTaken(offset: number): boolean {
    return this.takenRegions.has(offset);
  }

  /** The words of the region at `offset`. */
  packedRegion(offset: number): Uint32Array | undefined {
    const number = this.find(offset, this.blockCount, this.blockCount + this.regionCount);
    return number < 0 ? undefined : this.words(this.index[2 * number + 1], this.index[2 * number + 3]);
  }

  private find(offset: number, from: number, to: number): number {
    const { index } = this;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (index[2 * middle] < offset) low = middle + 1;
      else high = middle;
    }
    return low < to && index[2 * low] === offset ? low : -1;
  }

  /** Words from..to of the payload. */
  private words(from: number, to: number): Uint32Array | undefined {
    if (!(from <= to)) return undefined;
    const first = Math.floor(from / CHUNK);
    const last = Math.floor((to - 1) / CHUNK);
    if (first === last) {
      const chunk = this.chunk(first);
      return chunk !== undefined && to - first * CHUNK <= chunk.length ? chunk.subarray(from - first * CHUNK, to - first * CHUNK) : undefined;
    }
    const words = new Uint32Array(to - from);
    for (let number = first; number <= last; number++) {
      const chunk = this.chunk(number);
      const start = number * CHUNK;
      if (chunk === undefined || Math.min(to, start + CHUNK) - start > chunk.length) return undefined;
      words.set(chunk.subarray(Math.max(from - start, 0), Math.min(to - start, CHUNK)), Math.max(start - from, 0));
    }
    return words;
  }

  private chunk(number: number): Uint32Array | undefined {
    this.chunks[number] ??= wordsOf(this.file.read(4 * (this.payloadAt + number * CHUNK), 4 * CHUNK));
    return this.chunks[number];
  }
}

/** Bytes as whole words. */
function wordsOf(bytes: Uint8Array | undefined): Uint32Array | undefined {
  if (bytes === undefined) return undefined;
  const whole = bytes.byteLength & ~3;
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, whole >>> 2);
  return new Uint32Array(bytes.slice(0, whole).buffer);
}

const fingerprintIn = (header: Uint32Array): string => Array.from(header.subarray(8, 12), (word) => word.toString(16)).join('-');

/** Whole groups of four words, as the fingerprint takes them. */
export const roundUp = (words: number): number => (words + 3) & ~3;

/** ASCII as words, with blanks behind it. */
export function putAscii(words: Uint32Array, text: string): void {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i < text.length ? text.charCodeAt(i) : BLANK;
}

const BLANK = 0x20;

export function asciiOf(words: Uint32Array): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x2000) text += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  return text;
}
