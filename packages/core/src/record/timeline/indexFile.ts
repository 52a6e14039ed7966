import { ByteReader, ByteWriter } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import type { KeptCode } from './keptCode.ts';
import type { Piece } from './mappings.ts';
import { type KeptPages, PageHistory } from './pageHistory.ts';
import { PartWriter, partWords, readPage } from './pageParts.ts';
import type { SegmentIndex } from './segmentIndex.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

/** Of what is written here; another version's is made anew. */
export const INDEX_VERSION = 9;
/** Parts in memory: 16 KB each, and rarely more. */
const MOST_PARTS = 4096;
/** What a page holds: see writeIndex. */
const Holds = { zeros: 0, bytes: 1, firstOfPart: 2 } as const;
const TABLE_BYTES = 1 << 20;

/** An index that has been kept. */
export interface KeptIndex {
  /** The last part that `writeIndex` gave. */
  readonly table: Uint8Array;
  /** One of those before, by number. Throws if it is damaged. */
  part(number: number): Uint8Array;
}

/**
 * Snapshots and index in parts, for a file. The last part is the table, all but the bytes of pages, and of code:
 *
 *     code (see KeptCode)  snapshots  index  u32 number of address spaces
 *     u32 number of the address space  u53 page  u32 snapshot  byte 0 if it held zeros, 2 if its bytes are the first of a part, else 1
 *     8 bytes sum
 *
 * The first have the code, the others the bytes of those pages that held something (see PartWriter), in the table's order: versions of one page beside
 * each other.
 */
export function* writeIndex(snapshots: Snapshots, index: SegmentIndex, code: KeptCode): Generator<Uint8Array> {
  const { snapshots: all, histories } = snapshots.contents;
  const out = new ByteWriter(TABLE_BYTES);
  code.write(out);
  yield* code.parts();
  out.u32(all.length);
  for (const [i, snapshot] of all.entries()) writeSnapshot(out, snapshot, all[i - 1]?.spaces ?? []);
  out.u32(histories.length);
  index.write(out);
  const part = new PartWriter();
  for (const [space, history] of histories.entries()) {
    for (const page of history.numbers) {
      for (const { version, told, words } of history.versions(page)) {
        out.u32(space);
        out.u53(page);
        out.u32(version.snapshot);
        out.byte(told === undefined ? Holds.zeros : part.isEmpty ? Holds.firstOfPart : Holds.bytes);
        out.fixed64(version.sum);
        if (told !== undefined && part.add(told, words)) yield part.finish();
      }
    }
  }
  if (!part.isEmpty) yield part.finish();
  yield out.view();
}

/** Reads what `writeIndex` wrote; pages when they are looked at. @throws Error of any kind if it is damaged */
export function readIndex(kept: KeptIndex, snapshots: Snapshots, index: SegmentIndex, code: KeptCode): void {
  const reader = new ByteReader(kept.table);
  const codeParts = code.read(reader, (number) => kept.part(number));
  const firsts: number[] = [];
  const pages = keptPages((number) => kept.part(codeParts + number), firsts);
  const all: Snapshot[] = [];
  for (let count = reader.u32(); count > 0; count--) all.push(readSnapshot(reader, all.at(-1)?.spaces ?? []));
  const histories = Array.from({ length: reader.u32() }, () => new PageHistory(pages));
  index.read(reader);
  for (let place = 0; !reader.atEnd; ) {
    const [space, page, snapshot, holds] = [reader.u32(), reader.u53(), reader.u32(), reader.byte()];
    if (holds === Holds.firstOfPart) firsts.push(place);
    const sum = reader.fixed64();
    if (holds === Holds.zeros) histories[space].add(page, snapshot, sum, undefined);
    else histories[space].addKept(page, snapshot, sum, place++);
  }
  snapshots.adopt(all, histories);
}

/**
 * Reads pages of parts, of which the last ones stay in memory.
 * @param firsts of each part, which page is its first, counted in the table's order
 */
function keptPages(read: KeptIndex['part'], firsts: readonly number[]): KeptPages {
  const parts = new Map<number, Uint32Array>();
  const words = new Uint32Array(PAGE / 4);
  return (place) => {
    const number = partOf(firsts, place);
    const part = parts.get(number) ?? partWords(read(number));
    parts.delete(number);
    parts.set(number, part);
    if (parts.size > MOST_PARTS) parts.delete(parts.keys().next().value ?? number);
    readPage(part, place - firsts[number], words);
    return words;
  };
}

/** The last part whose first page is not behind a place. */
function partOf(firsts: readonly number[], place: number): number {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firsts[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
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
