import { ByteReader, ByteWriter, upperBoundOf } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import type { IndexBuilder } from './indexBuilder.ts';
import type { KeptCode } from './keptCode.ts';
import type { Piece } from './mappings.ts';
import { PageHistory, type PageVersion } from './pageHistory.ts';
import { basedPage, isWhole, PartWriter, partWords, readPage } from './pageParts.ts';
import type { Snapshot } from './snapshots.ts';

/** Of what is written here; another version's is made anew. */
export const INDEX_VERSION = 10;
/** Parts in memory: 16 KB each, and rarely more. */
const MOST_PARTS = 4096;
/** What a page holds: see writeIndex. */
const Holds = { zeros: 0, bytes: 1, firstOfPart: 2, based: 4 } as const;
const TABLE_BYTES = 1 << 20;

/** An index that has been kept, of a whole run or of part of one. */
export interface KeptIndex {
  /** The last piece that `writeIndex` gave. */
  readonly table: Uint8Array;
  /** One of those before, by number. Throws if it is damaged. */
  part(number: number): Uint8Array;
}

/** What of a run an index is of: its start, its end, both or neither. */
export interface IndexedPart {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * Snapshots and index in pieces, for a file. The last one is the table, all but the bytes of pages, and of code:
 *
 *     code (see KeptCode)  snapshots  u32 number of address spaces  index
 *     u32 number of the address space  u53 page  u32 snapshot  8 bytes sum
 *     byte 0 if it held zeros, 2 if its bytes are the first of a piece, else 1; 4 more if they are told by what differs from the version
 *     in the index of the part before
 *
 * The first have the code, the others the bytes of those pages that held something (see PartWriter), in the table's order: versions of one page beside
 * each other. What pages held at the first snapshot of a part that is not the run's first is in the index before, and left out.
 */
export function* writeIndex({ snapshots, index }: Pick<IndexBuilder, 'snapshots' | 'index'>, code: KeptCode, what: IndexedPart): Generator<Uint8Array> {
  const { snapshots: all, histories } = snapshots.contents;
  const out = new ByteWriter(TABLE_BYTES);
  code.write(out);
  yield* code.parts();
  out.u32(all.length);
  for (const [i, snapshot] of all.entries()) writeSnapshot(out, snapshot, all[i - 1]?.spaces ?? []);
  out.u32(histories.length);
  index.write(out, what.isLast);
  const part = new PartWriter();
  for (const [space, history] of histories.entries()) {
    for (const page of history.numbers) {
      let isBehindOther = false;
      for (const { version, told, words } of history.versions(page)) {
        if (!what.isFirst && version.snapshot === 0) {
          isBehindOther = true;
          continue;
        }
        const isBased = isBehindOther && told !== undefined && !isWhole(told[0]);
        isBehindOther = false;
        out.u32(space);
        out.u53(page);
        out.u32(version.snapshot);
        out.fixed64(version.sum);
        out.byte(told === undefined ? Holds.zeros : (part.isEmpty ? Holds.firstOfPart : Holds.bytes) + (isBased ? Holds.based : 0));
        if (told !== undefined && part.add(isBased ? basedPage(told) : told, words)) yield part.finish();
      }
    }
  }
  if (!part.isEmpty) yield part.finish();
  yield out.view();
}

/**
 * Reads what `writeIndex` wrote of all parts of a run, in their order; pages when they are looked at.
 * @throws Error of any kind if one is damaged, or they do not fit together
 */
export function readIndex(parts: readonly KeptIndex[], { snapshots, index }: Pick<IndexBuilder, 'snapshots' | 'index'>, code: KeptCode): void {
  const all: Snapshot[] = [];
  const histories: PageHistory[] = [];
  const pages = new KeptPageReader();
  code.clear();
  index.clear();
  for (const kept of parts) {
    const reader = new ByteReader(kept.table);
    const codeParts = code.read(reader, (number) => kept.part(number));
    // The snapshot at which a part ends is that at which the next one begins.
    const before = Math.max(0, all.length - 1);
    const first = readSnapshots(reader, all);
    for (let i = reader.u32() - histories.length; i > 0; i--) histories.push(new PageHistory((place) => pages.read(place)));
    endUnmapped(histories, first, before, snapshots.zero);
    index.read(reader);
    for (let piece = codeParts - 1; !reader.atEnd; ) {
      const [space, page, snapshot, sum, holds] = [reader.u32(), reader.u53(), reader.u32(), reader.fixed64(), reader.byte()];
      if ((holds & Holds.firstOfPart) !== 0) pages.begin(kept, ++piece);
      const base = (holds & Holds.based) === 0 ? undefined : histories[space].at(page, before)?.contents;
      if (holds === Holds.zeros) histories[space].add(page, before + snapshot, sum, undefined);
      else histories[space].addKept(page, before + snapshot, sum, pages.next(base));
    }
  }
  snapshots.adopt(all, histories);
}

/** Reads the snapshots of the next part. @returns its first, which is the last before it if there is one */
function readSnapshots(reader: ByteReader, all: Snapshot[]): Snapshot {
  const last = all.at(-1);
  let count = reader.u32();
  let present = readSnapshot(reader, []);
  const first = present;
  if (last === undefined) all.push(first);
  else if (last.step !== first.step) throw new RangeError(`a part begins at step ${first.step}, where the one before ends at ${last.step}`);
  for (; count > 1; count--) {
    present = readSnapshot(reader, present.spaces);
    all.push(present);
  }
  return first;
}

/** What was not mapped when a part begins holds zeros should it be mapped there: the part tells nothing of it until it holds something else. */
function endUnmapped(histories: readonly PageHistory[], { spaces }: Snapshot, snapshot: number, zero: bigint): void {
  for (const [space, history] of histories.entries()) {
    const pieces = spaces[space] ?? [];
    for (const page of history.numbers) {
      if (history.lastSum(page) !== zero && !hasStorage(pieces, page * PAGE)) history.add(page, snapshot, zero, undefined);
    }
  }
}

function hasStorage(pieces: readonly Piece[], address: number): boolean {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low < pieces.length && pieces[low].start <= address && pieces[low].storage >= 0;
}

/** Reads pages of pieces, of which the last ones stay in memory. Pages are numbered in the order in which tables tell them. */
class KeptPageReader {
  private count = 0;
  /** Of each piece, which page is its first, and where it is. */
  private readonly firsts: number[] = [];
  private readonly places: { readonly kept: KeptIndex; readonly number: number }[] = [];
  private readonly parts = new Map<number, Uint32Array>();
  private readonly words = new Uint32Array(PAGE / 4);
  /** Of pages that are told by what differs from one in the index of another part: that one. */
  private readonly bases = new Map<number, number>();

  /** The next page is the first of a piece. */
  begin(kept: KeptIndex, number: number): void {
    this.firsts.push(this.count);
    this.places.push({ kept, number });
  }

  /** Number of the next page. @param base that of the page that it is based on, see basedPage */
  next(base: PageVersion['contents']): number {
    if (typeof base === 'number') this.bases.set(this.count, base);
    return this.count++;
  }

  /** A page's words, valid until the next are asked for. Throws if its piece is damaged. */
  read(place: number): Uint32Array {
    const { parts, firsts, words } = this;
    const piece = partOf(firsts, place);
    const part = parts.get(piece) ?? this.unpack(piece);
    parts.delete(piece);
    parts.set(piece, part);
    if (parts.size > MOST_PARTS) parts.delete(parts.keys().next().value ?? piece);
    readPage(part, place - firsts[piece], words, (number) => {
      const base = this.bases.get(firsts[piece] + number);
      if (base === undefined) throw new RangeError('a page is based on none');
      // Into the same words.
      this.read(base);
    });
    return words;
  }

  private unpack(piece: number): Uint32Array {
    const { kept, number } = this.places[piece];
    return partWords(kept.part(number));
  }
}

/** The last part whose first page is not behind a place. */
function partOf(firsts: readonly number[], place: number): number {
  return upperBoundOf(firsts, place) - 1;
}

function writeWords(out: ByteWriter, words: Int32Array): void {
  out.u32(words.length);
  for (const word of words) out.fixed32(word);
}

/** What `writeWords` wrote: all at once, as there are many. */
function readWords(reader: ByteReader): Int32Array {
  const bytes = Uint8Array.from(reader.bytes(4 * reader.u32()));
  return new Int32Array(bytes.buffer, 0, bytes.length / 4);
}

/** What is mapped in an address space. */
const Mapped = { nothing: 0, these: 1, asBefore: 2 } as const;

function isSame(pieces: readonly Piece[], others: readonly Piece[] | undefined): boolean {
  if (pieces.length !== others?.length) return false;
  return pieces.every(({ start, end, prot, shared, storage, name }, i) => {
    const other = others[i];
    return start === other.start && end === other.end && prot === other.prot && shared === other.shared && storage === other.storage && name === other.name;
  });
}

/** @param before what was mapped in each address space at the snapshot before */
function writeSnapshot(out: ByteWriter, { step, place, pid, tid, threads, state, pc, current, spaces }: Snapshot, before: Snapshot['spaces']): void {
  for (const number of [step, place.frame, place.position, place.step, pid, tid, pc, current]) out.u53(number);
  writeWords(out, state);
  out.u32(threads.size);
  for (const [id, thread] of threads) {
    for (const number of [id, thread.pid, thread.space, thread.pc]) out.u53(number);
    writeWords(out, thread.state);
  }
  out.u32(spaces.length);
  for (const [i, pieces] of spaces.entries()) {
    const mapped = pieces === undefined ? Mapped.nothing : isSame(pieces, before[i]) ? Mapped.asBefore : Mapped.these;
    out.byte(mapped);
    if (pieces === undefined || mapped === Mapped.asBefore) continue;
    out.u32(pieces.length);
    for (const piece of pieces) {
      for (const number of [piece.start, piece.end, piece.prot, Number(piece.shared), piece.storage + 1]) out.u53(number);
      out.utf8(piece.name);
    }
  }
}

function readSnapshot(reader: ByteReader, before: Snapshot['spaces']): Snapshot {
  const [step, frame, position, placeStep, pid, tid, pc, current] = Array.from({ length: 8 }, () => reader.u53());
  const state = readWords(reader);
  const threads = new Map(
    Array.from({ length: reader.u32() }, () => {
      const [id, owner, space, at] = [reader.u53(), reader.u53(), reader.u53(), reader.u53()];
      return [id, { pid: owner, space, pc: at, state: readWords(reader) }] as const;
    }),
  );
  const spaces = Array.from({ length: reader.u32() }, (_, i) => {
    const mapped = reader.byte();
    if (mapped === Mapped.nothing) return undefined;
    if (mapped === Mapped.asBefore) return before[i];
    return Array.from({ length: reader.u32() }, () => {
      const [start, end, prot, shared, storage] = Array.from({ length: 5 }, () => reader.u53());
      return { start, end, prot, shared: shared === 1, storage: storage - 1, name: reader.utf8() };
    });
  });
  return { step, place: { frame, position, step: placeStep }, pid, tid, threads, state, pc, current, spaces };
}
