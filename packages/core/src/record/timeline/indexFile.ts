import { ByteReader, ByteWriter } from '../../base/index.ts';
import { PAGE } from '../../engine/index.ts';
import { PageHistory } from './pageHistory.ts';
import type { SegmentIndex } from './segmentIndex.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

/** Of what is written here; another version's is made anew. */
export const INDEX_VERSION = 1;
/** Bytes of a part of the file, at most, but for one page. */
const PART_BYTES = 1 << 20;

/**
 * Snapshots and index in parts, for a file: the first is all but pages, the others are pages:
 *
 *     u32 number of the address space  u53 page  u32 snapshot  byte 1 if it held something else than zeros  8 bytes sum  [4096 bytes]
 */
export function* writeIndex(snapshots: Snapshots, index: SegmentIndex): Generator<Uint8Array> {
  const out = new ByteWriter(PART_BYTES);
  const { snapshots: all, histories } = snapshots.contents;
  out.u32(all.length);
  for (const snapshot of all) writeSnapshot(out, snapshot);
  out.u32(histories.length);
  index.write(out);
  yield out.view();
  out.reset();
  for (const [space, history] of histories.entries()) {
    for (const [page, versions] of history.all) {
      for (const { snapshot, sum, bytes } of versions) {
        out.u32(space);
        out.u53(page);
        out.u32(snapshot);
        out.byte(Number(bytes !== undefined));
        out.fixed32(Number(BigInt.asIntN(32, sum)));
        out.fixed32(Number(BigInt.asIntN(32, sum >> 32n)));
        if (bytes !== undefined) out.bytes(bytes);
        if (out.length < PART_BYTES) continue;
        yield out.view();
        out.reset();
      }
    }
  }
  if (out.length > 0) yield out.view();
}

/** Reads what `writeIndex` wrote. @throws Error of any kind if it is damaged */
export function readIndex(parts: Iterable<Uint8Array>, snapshots: Snapshots, index: SegmentIndex): void {
  let histories: PageHistory[] | undefined;
  let all: Snapshot[] = [];
  for (const part of parts) {
    const reader = new ByteReader(part);
    if (histories === undefined) {
      all = Array.from({ length: reader.u32() }, () => readSnapshot(reader));
      histories = Array.from({ length: reader.u32() }, () => new PageHistory());
      index.read(reader);
      continue;
    }
    while (!reader.atEnd) {
      const [space, page, snapshot, isFull] = [reader.u32(), reader.u53(), reader.u32(), reader.byte()];
      const low = BigInt(reader.fixed32());
      const sum = BigInt.asIntN(64, low | (BigInt(reader.fixed32()) << 32n));
      histories[space].add(page, snapshot, { sum, bytes: isFull === 1 ? reader.bytes(PAGE).slice() : undefined });
    }
  }
  snapshots.adopt(all, histories ?? []);
}

function writeWords(out: ByteWriter, words: Int32Array): void {
  out.u32(words.length);
  for (const word of words) out.fixed32(word);
}

const readWords = (reader: ByteReader): Int32Array => Int32Array.from({ length: reader.u32() }, () => reader.fixed32());

function writeSnapshot(out: ByteWriter, { step, place, pid, tid, threads, state, pc, current, spaces }: Snapshot): void {
  for (const number of [step, place.frame, place.position, place.step, pid, tid, pc, current]) out.u53(number);
  writeWords(out, state);
  out.u32(threads.size);
  for (const [id, thread] of threads) {
    for (const number of [id, thread.pid, thread.pc]) out.u53(number);
    writeWords(out, thread.state);
  }
  out.u32(spaces.length);
  for (const pieces of spaces) {
    out.byte(Number(pieces !== undefined));
    if (pieces === undefined) continue;
    out.u32(pieces.length);
    for (const piece of pieces) {
      for (const number of [piece.start, piece.end, piece.prot, Number(piece.shared), piece.storage + 1]) out.u53(number);
      out.utf8(piece.name);
    }
  }
}

function readSnapshot(reader: ByteReader): Snapshot {
  const [step, frame, position, placeStep, pid, tid, pc, current] = Array.from({ length: 8 }, () => reader.u53());
  const state = readWords(reader);
  const threads = new Map(
    Array.from({ length: reader.u32() }, () => {
      const [id, owner, at] = [reader.u53(), reader.u53(), reader.u53()];
      return [id, { pid: owner, pc: at, state: readWords(reader) }] as const;
    }),
  );
  const spaces = Array.from({ length: reader.u32() }, () => {
    if (reader.byte() === 0) return undefined;
    return Array.from({ length: reader.u32() }, () => {
      const [start, end, prot, shared, storage] = Array.from({ length: 5 }, () => reader.u53());
      return { start, end, prot, shared: shared === 1, storage: storage - 1, name: reader.utf8() };
    });
  });
  return { step, place: { frame, position, step: placeStep }, pid, tid, threads, state, pc, current, spaces };
}
