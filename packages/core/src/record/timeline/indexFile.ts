import { ByteReader, ByteWriter, upperBound } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import type { IndexBuilder } from './indexBuilder.ts';
import type { KeptCode } from './keptCode.ts';
import { KeptPages, writePages } from './keptPages.ts';
import type { Piece } from './mappings.ts';
import { PageHistory } from './pageHistory.ts';
import { ZEROS } from './pageLog.ts';
import { PageReader } from './pageReader.ts';
import type { Snapshot } from './snapshots.ts';

/** Of what is written here; another version's is made anew. */
export const INDEX_VERSION = 12;
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
 *     code (see KeptCode)  snapshots  u32 number of address spaces  index  versions of pages (see writePages)
 *
 * The first have the code, the others what pages hold. What pages held at the first snapshot of a part that is not the run's first is in
 * the index of the part before, and left out.
 */
export function* writeIndex({ snapshots, index }: Pick<IndexBuilder, 'snapshots' | 'index'>, code: KeptCode, what: IndexedPart): Generator<Uint8Array> {
  const { snapshots: all, histories, log } = snapshots.contents;
  const out = new ByteWriter(TABLE_BYTES);
  code.write(out);
  yield* code.parts();
  out.u32(all.length);
  for (const [i, snapshot] of all.entries()) writeSnapshot(out, snapshot, all[i - 1]?.spaces ?? []);
  out.u32(histories.length);
  index.write(out, what.isLast);
  yield* writePages(out, histories, log, !what.isFirst);
  yield out.view();
}

/**
 * Reads what `writeIndex` wrote of all parts of a run, in their order; pages when they are looked at.
 * @throws Error of any kind if one is damaged, or they do not fit together
 */
export function readIndex(parts: readonly KeptIndex[], { snapshots, index }: Pick<IndexBuilder, 'snapshots' | 'index'>, code: KeptCode): void {
  const all: Snapshot[] = [];
  const histories: PageHistory[] = [];
  const pages = new KeptPages(new PageReader(snapshots.memory));
  code.clear();
  index.clear();
  for (const kept of parts) {
    const reader = new ByteReader(kept.table);
    const codeParts = code.read(reader, (number) => kept.part(number));
    // The snapshot at which a part ends is that at which the next one begins.
    const before = Math.max(0, all.length - 1);
    const first = readSnapshots(reader, all);
    const spaces = reader.u32();
    while (histories.length < spaces) histories.push(new PageHistory(pages));
    endUnmapped(histories, first, before);
    index.read(reader);
    pages.add(reader, histories.slice(0, spaces), before, (number) => kept.part(codeParts + number));
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
function endUnmapped(histories: readonly PageHistory[], { spaces }: Snapshot, snapshot: number): void {
  for (const [space, history] of histories.entries()) {
    const pieces = spaces[space] ?? [];
    for (const versions of history.all) if (!versions.endsWithZeros && !hasStorage(pieces, versions.page * PAGE)) versions.add(snapshot, ZEROS);
  }
}

function hasStorage(pieces: readonly Piece[], address: number): boolean {
  const piece = pieces[upperBound(pieces, address, ({ end }) => end)];
  return piece !== undefined && piece.start <= address && piece.storage >= 0;
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
