import { ByteWriter } from '../../base/index.ts';
import { blocksIn, forEachDefinition, type RecordTable } from '../walker.ts';
import type { TraceKey } from './chunkFile.ts';
import { END_BYTES, type Frame, type FrameMaker, held } from './frameMaker.ts';
import type { TraceTotals } from './header.ts';
import { ToldMappings } from './toldMappings.ts';

/** Bytes of a file, from `start` up to before `end`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Makes the file of parts of what it was and new bytes, in their order, so that who reads it finds the one or the other; what is
 * written then goes behind. Throws the host's error, and leaves the file as it was then.
 */
export type Rewrite = (parts: readonly (ByteSpan | Uint8Array)[]) => void;

/** When old chunks are dropped, so much of the most bytes is left, of which the new ones take some: it is done once for many chunks. */
const KEPT = 3 / 4;
/** What was told of mapped files gets at most so much of the file. */
const MAPPINGS = 1 / 8;
/** What is kept of a file is copied beside it. Where the disk has no room for that, so much of it is kept. */
const FEWER = 1 / 2;

export interface NewestFileOptions {
  readonly output: (parts: readonly Uint8Array[]) => void;
  readonly rewrite: Rewrite;
  readonly maxBytes: number;
  /** Of the file before its first frame. */
  readonly headerBytes: number;
  /** A reader can begin at any chunk; else at a key. */
  readonly standsAlone: boolean;
  readonly frames: FrameMaker;
  readonly table: RecordTable;
}

/** A chunk with what belongs to it. */
export interface NewChunk {
  readonly records: Uint8Array;
  /** What the chunk before told of mapped files; empty: nothing. */
  readonly mappings: Uint8Array;
  readonly key: TraceKey | undefined;
  /** Its frame, held. */
  readonly chunk: Frame;
  readonly insns: number;
  readonly wanted: number;
  /** The step behind it. */
  readonly end: number;
}

/** A chunk in the file, and the frames before it that belong to it, definitions aside. */
interface KeptChunk extends Pick<NewChunk, 'mappings' | 'insns' | 'wanted'> {
  /** Its frames stand next to each other in the file. */
  readonly start: number;
  readonly bytes: number;
  /** A reader can begin here. */
  readonly begins: boolean;
  readonly blocks: readonly number[];
}

/**
 * A chunk file that never gets larger than some size, and has the newest chunks. Definitions are in it for the blocks of those
 * chunks alone; of mapped files, those before tell what still holds.
 */
export class NewestFile {
  /** Of what is in the file. */
  totals: TraceTotals = { step: 0, insns: 0, wanted: 0 };
  private readonly definitions = new Map<number, Uint8Array>();
  /** Blocks that are defined in the file. */
  private defined = new Set<number>();
  private chunks: KeptChunk[] = [];
  /** What chunks that are no more told of mapped files. */
  private told: ToldMappings;
  /** What chunks told of them that have been left out behind the last one. */
  private leftOut: Uint8Array[] = [];
  private written: number;
  /** A chunk is missing behind the last one: the file can only be begun anew. */
  private hasGap = false;

  constructor(private readonly options: NewestFileOptions) {
    this.written = options.headerBytes;
    this.told = new ToldMappings(options.maxBytes * MAPPINGS);
  }

  define(definitions: Uint8Array): void {
    forEachDefinition(definitions, (id, start, end) => void this.definitions.set(id, definitions.slice(start, end)));
  }

  /** Writes a chunk, in place of old ones if need be. One that there is never room for is left out, with those up to the next key. */
  add(chunk: NewChunk): void {
    const { standsAlone, table } = this.options;
    const begins = standsAlone || chunk.key !== undefined;
    const blocks = blocksIn(chunk.records, table);
    const own = this.framesOf(chunk);
    let made = [...this.definitionsOf(blocks, this.defined), ...own];
    while (this.hasGap || !this.hasRoom(made)) {
      const isLost = (this.hasGap && !begins) || !this.hasRoom([...this.definitionsOf(blocks), ...own], this.options.headerBytes);
      if (isLost || !this.drop(begins, bytesOf(made))) return this.leaveOut(chunk);
      made = [...this.definitionsOf(blocks, this.defined), ...own];
    }
    for (const frame of made) this.write(frame);
    const bytes = bytesOf(own);
    const { mappings, insns, wanted, end } = chunk;
    this.chunks.push({ start: this.written - bytes, bytes, begins, blocks, mappings, insns, wanted });
    for (const id of blocks) this.defined.add(id);
    const { totals } = this;
    this.totals = { step: end, insns: totals.insns + insns, wanted: totals.wanted + wanted };
  }

  /** Whether frames, and the end, fit behind what is in the file, or so many bytes. */
  private hasRoom(frames: readonly Frame[], written = this.written): boolean {
    return written + bytesOf(frames) + END_BYTES <= this.options.maxBytes;
  }

  private leaveOut({ mappings }: NewChunk): void {
    this.hasGap = true;
    this.leftOut.push(mappings);
  }

  private write({ bytes, parts }: Frame): void {
    this.options.output(parts);
    this.written += bytes;
  }

  private framesOf({ mappings, key, chunk }: NewChunk): readonly Frame[] {
    const { frames } = this.options;
    return [...(mappings.length === 0 ? [] : [held(frames.mappings(mappings))]), ...(key === undefined ? [] : [held(frames.key(key))]), chunk];
  }

  /** The frame that defines blocks, of those that are not known; none if all are. */
  private definitionsOf(blocks: Iterable<number>, known: ReadonlySet<number> = new Set()): readonly Frame[] {
    const out = new ByteWriter();
    for (const id of blocks) if (!known.has(id)) out.bytes(this.definitions.get(id) ?? []);
    return out.length === 0 ? [] : [held(this.options.frames.blocks(out.view()))];
  }

  /**
   * Leaves out old chunks, one that a reader can begin at or more.
   * @param canBegin whether it can begin behind all of them
   * @param more bytes that are to come
   * @returns false if there are none @throws the host's error
   */
  private drop(canBegin: boolean, more: number): boolean {
    const { chunks, hasGap } = this;
    const { maxBytes } = this.options;
    const cuts = [...chunks.keys()].filter((i) => i > 0 && chunks[i]?.begins === true && !hasGap);
    if (canBegin && (chunks.length > 0 || hasGap)) cuts.push(chunks.length);
    // Definitions are not counted at first.
    for (let room = maxBytes * KEPT - more; cuts.length > 0; ) {
      const fits = cuts.findIndex((cut) => this.bytesFrom(cut) <= room);
      const [cut] = cuts.splice(0, fits < 0 ? cuts.length : fits + 1).slice(-1) as [number];
      const file = this.fileFrom(cut);
      if (file.bytes + more + END_BYTES > maxBytes) {
        room = this.bytesFrom(cut) - (file.bytes + more - maxBytes * KEPT);
        continue;
      }
      try {
        this.becomes(file);
        return true;
      } catch (error) {
        if (cuts.length === 0) throw error;
        room = this.bytesFrom(cut) * FEWER;
      }
    }
    return false;
  }

  /** Bytes of the file from a chunk on. */
  private bytesFrom(cut: number): number {
    return this.written - (this.chunks[cut]?.start ?? this.written);
  }

  /** What the file would be, did it begin at a chunk. */
  private fileFrom(cut: number): BegunFile {
    const { headerBytes, frames, maxBytes } = this.options;
    const kept = this.chunks.slice(cut);
    const blocks = new Set(kept.flatMap((chunk) => chunk.blocks));
    const told = new ToldMappings(maxBytes * MAPPINGS, this.told);
    for (const { mappings } of this.chunks.slice(0, cut)) told.add(mappings);
    for (const mappings of this.leftOut) told.add(mappings);
    const { events } = told;
    const start = [...this.definitionsOf(blocks), ...(events.length === 0 ? [] : [held(frames.mappings(events))])];
    return { start, kept, blocks, told, bytes: headerBytes + bytesOf(start) + kept.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** @throws the host's error */
  private becomes({ start, kept, blocks, told, bytes }: BegunFile): void {
    const { headerBytes, rewrite } = this.options;
    const spans = kept.map((chunk) => ({ start: chunk.start, end: chunk.start + chunk.bytes }));
    rewrite([{ start: 0, end: headerBytes }, ...start.flatMap(({ parts }) => parts), ...joined(spans)]);
    this.told = told;
    this.leftOut = [];
    this.hasGap = false;
    this.defined = blocks;
    this.written = bytes;
    let at = headerBytes + bytesOf(start);
    this.chunks = kept.map((chunk) => {
      at += chunk.bytes;
      return { ...chunk, start: at - chunk.bytes };
    });
    const count = (of: 'insns' | 'wanted'): number => kept.reduce((sum, chunk) => sum + chunk[of], 0);
    this.totals = { ...this.totals, insns: count('insns'), wanted: count('wanted') };
  }
}

/** What a file becomes. */
interface BegunFile {
  /** Definitions, and what was told of mapped files. */
  readonly start: readonly Frame[];
  readonly kept: readonly KeptChunk[];
  readonly blocks: Set<number>;
  readonly told: ToldMappings;
  readonly bytes: number;
}

const bytesOf = (frames: readonly Frame[]): number => frames.reduce((sum, { bytes }) => sum + bytes, 0);

/** Spans next to each other become one. */
function joined(spans: readonly ByteSpan[]): readonly ByteSpan[] {
  const out: ByteSpan[] = [];
  for (const span of spans) {
    const last = out.at(-1);
    if (last?.end === span.start) out[out.length - 1] = { start: last.start, end: span.end };
    else out.push(span);
  }
  return out;
}
