import { assert, type ByteReader, type ByteWriter } from '../../base/index.ts';
import type { LinearMemory } from '../../engine/index.ts';
import { isWhole, toldBytes } from './pageFormat.ts';
import { type PageHistory, type PageVersions, UNKNOWN } from './pageHistory.ts';
import { type PageLog, type ToldPages, ZEROS } from './pageLog.ts';
import type { PageReader } from './pageReader.ts';

/** Bytes from which on a piece is full: who reads one page reads so many, and has those beside it, too. */
const PIECE_BYTES = 1 << 15;
/** Pieces in memory, of 32 KB each, and rarely more. */
const MOST_PIECES = 2048;
/**
 * What a version is: told with the one before, or the first of a chain of them, which is told whole, or zeros, or the first of a chain
 * that is told by what differs from the version before, in the index of the part before.
 */
const Kind = { behind: 0, first: 1, zeros: 2, based: 3 } as const;
const KIND_BITS = 2;

/** Gives a piece of a file by its number. Throws if it is damaged. */
type ReadPiece = (number: number) => Uint8Array;

/**
 * Writes all versions of pages, for a file. A version that is told whole and those told by what differs, up to the next whole one, are
 * a chain; chains stand one behind the other in pieces, in the order in which they are told:
 *
 *     for each history  u32 pages, in ascending order, of each: u53 number, less the one before  u32 versions, of each:
 *         u53 snapshot, less the one before, and in bits 0 and 1 Kind  of the first of a chain: u32 bytes of the chain
 *
 * @param log where the versions are
 * @param isPart whether what pages hold at the first snapshot is told elsewhere, and left out
 * @yields pieces, each valid until the next is asked for
 */
export function* writePages(out: ByteWriter, histories: readonly PageHistory[], log: PageLog, isPart: boolean): Generator<Uint8Array> {
  const pieces = new PieceWriter();
  for (const history of histories) {
    const told = history.all.map((versions) => chainsOf(versions, log, isPart)).filter(({ count }) => count > 0);
    out.u32(told.length);
    let before = 0;
    for (const { page, count, runs } of told) {
      out.u53(page - before);
      before = page;
      out.u32(count);
      let last = 0;
      const putVersion = (snapshot: number, kind: number): void => {
        out.u53((snapshot - last) * 2 ** KIND_BITS + kind);
        last = snapshot;
      };
      for (const { snapshots, places } of runs) {
        const chain = places.length === 0 ? undefined : log.chain(places);
        for (const [i, snapshot] of snapshots.entries()) {
          putVersion(snapshot, chain === undefined ? Kind.zeros : i > 0 ? Kind.behind : isWhole(chain, 0) ? Kind.first : Kind.based);
          if (i === 0 && chain !== undefined) out.u32(chain.length);
        }
        if (chain !== undefined && pieces.add(chain)) yield pieces.finish();
      }
    }
  }
  if (!pieces.isEmpty) yield pieces.finish();
}

/** Versions that are told together: of a chain, or one that holds zeros, which has no place. */
interface Run {
  readonly snapshots: number[];
  readonly places: number[];
}

function chainsOf(
  { page, snapshots, places }: PageVersions,
  log: PageLog,
  isPart: boolean,
): { readonly page: number; readonly count: number; readonly runs: readonly Run[] } {
  const first = isPart && snapshots[0] === 0 ? 1 : 0;
  const runs: Run[] = [];
  for (let i = first; i < places.length; i++) {
    const last = runs.at(-1);
    if (places[i] === ZEROS) runs.push({ snapshots: [snapshots[i]], places: [] });
    else if (last === undefined || last.places.length === 0 || log.isWhole(places[i])) runs.push({ snapshots: [snapshots[i]], places: [places[i]] });
    else {
      last.snapshots.push(snapshots[i]);
      last.places.push(places[i]);
    }
  }
  return { page, count: places.length - first, runs };
}

/** Puts chains together. */
class PieceWriter {
  private bytes = new Uint8Array(2 * PIECE_BYTES);
  private at = 0;

  get isEmpty(): boolean {
    return this.at === 0;
  }

  /** @returns whether the piece is full */
  add(chain: Uint8Array): boolean {
    this.bytes.set(chain, this.at);
    this.at += chain.length;
    return this.at >= PIECE_BYTES;
  }

  finish(): Uint8Array {
    const piece = this.bytes.subarray(0, this.at);
    this.at = 0;
    return piece;
  }
}

/** Versions of pages in pieces, of which those that were read last stay in memory. Their places are numbers of chains. */
export class KeptPages implements ToldPages {
  /** Of each chain. */
  private readonly pieceOf: number[] = [];
  private readonly offsets: number[] = [];
  private readonly lengths: number[] = [];
  /** Of each piece. */
  private readonly places: { readonly read: ReadPiece; readonly number: number }[] = [];
  private readonly inMemory = new Map<number, Uint8Array>();

  constructor(private readonly reader: PageReader) {}

  /**
   * Reads what `writePages` wrote, behind what there is.
   * @param before is added to numbers of snapshots
   * @param read gives the pieces
   * @throws Error of any kind if it is damaged
   */
  add(reader: ByteReader, histories: readonly PageHistory[], before: number, read: ReadPiece): void {
    let [number, at] = [0, PIECE_BYTES];
    for (const history of histories) {
      let page = 0;
      for (let pages = reader.u32(); pages > 0; pages--) {
        page += reader.u53();
        const versions = history.versionsOf(page);
        let snapshot = before;
        let chain = ZEROS;
        for (let count = reader.u32(); count > 0; count--) {
          const told = reader.u53();
          const kind = told % 2 ** KIND_BITS;
          snapshot += Math.floor(told / 2 ** KIND_BITS);
          if (kind === Kind.first || kind === Kind.based) {
            if (kind === Kind.based && (versions.places.at(-1) ?? ZEROS) === ZEROS) throw new RangeError('a version is told by one that there is not');
            if (at >= PIECE_BYTES) {
              this.places.push({ read, number: number++ });
              at = 0;
            }
            const length = reader.u32();
            this.offsets.push(at);
            this.lengths.push(length);
            at += length;
            chain = this.pieceOf.push(this.places.length - 1) - 1;
          }
          if (kind === Kind.behind && chain === ZEROS) throw new RangeError('a version is told by one that there is not');
          versions.add(snapshot, kind === Kind.zeros ? ZEROS : chain);
        }
      }
    }
  }

  read(places: readonly number[], version: number): Uint8Array {
    return this.reader.page((at) => this.put(places, version, this.reader.memory, at));
  }

  put(places: readonly number[], version: number, memory: LinearMemory, at: number, held = UNKNOWN): void {
    const { reader } = this;
    assert(memory === reader.memory, 'pages are read in the memory of the machine');
    const chain = places[version];
    let first = version;
    while (first > 0 && places[first - 1] === chain) first--;
    const piece = this.piece(this.pieceOf[chain]);
    let start = this.offsets[chain];
    const end = start + this.lengths[chain];
    if (held >= first && held <= version) for (; first <= held; first++) start += toldBytes(piece, start);
    else if (isWhole(piece, start)) reader.begin(at);
    else this.put(places, first - 1, memory, at, held);
    // What tells the versions behind it is in the piece, too: it need not be copied.
    let behind = start;
    for (let i = first; i <= version; i++) behind += toldBytes(piece, behind);
    if (first <= version) reader.read(piece.subarray(start, Math.min(behind, end)), version + 1 - first, at);
  }

  private piece(index: number): Uint8Array {
    const { inMemory } = this;
    const known = inMemory.get(index);
    if (known !== undefined) return known;
    const { read, number } = this.places[index];
    const piece = read(number);
    for (const [oldest] of inMemory) if (inMemory.size >= MOST_PIECES) inMemory.delete(oldest);
    inMemory.set(index, piece);
    return piece;
  }
}
