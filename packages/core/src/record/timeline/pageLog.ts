import { PAGE } from '../../engine/index.ts';
import { isWhole, PageCodec, toldBytes } from './pageCodec.ts';

/** Bytes of a piece of the log. */
const PIECE = 1 << 20;
/** Of what differs from one version to the next there are so many bytes behind a whole page, and no more: they are read with it. */
const CHAIN_BYTES = PAGE;
/** In place of a version's place: it holds zeros. */
export const ZEROS = -1;

/** What versions of a page hold. */
export interface ToldPages {
  /**
   * The bytes of a page's version, valid until others are asked for.
   * @param places of all its versions up to this one, number `version`, which is not ZEROS
   * @throws Error of any kind where it is kept, and damaged
   */
  read(places: readonly number[], version: number): Uint8Array;
}

/** The last version of a page in the log. */
export interface LastPage {
  /** Number of the page in the codec. */
  readonly kept: number;
  /** Bytes since the last one that is told whole. */
  chain: number;
  isZero: boolean;
}

/** Versions of pages, each told once, in the order in which they came. */
export class PageLog implements ToldPages {
  private readonly pieces: Uint8Array[] = [];
  private end = 0;
  private readonly codec = new PageCodec();

  /** Bytes of memory. */
  get bytes(): number {
    return this.end + this.codec.keptBytes;
  }

  /** @returns what holds zeros */
  begin(): LastPage {
    return { kept: this.codec.keep(), chain: CHAIN_BYTES, isZero: true };
  }

  /** What the page holds now. @returns the place of this version; undefined: it is the last one */
  add(last: LastPage, page: Uint8Array): number | undefined {
    const { codec } = this;
    codec.give(page);
    const changes = codec.changes(last.kept);
    if (changes === undefined) return undefined;
    const isBehindZeros = last.isZero;
    last.isZero = codec.isZero;
    if (last.isZero) return ZEROS;
    // What is read begins with a whole page.
    const told = isBehindZeros || last.chain + changes.length > CHAIN_BYTES ? codec.whole() : changes;
    const place = this.append(told);
    last.chain = isWhole(told, 0) ? 0 : last.chain + told.length;
    return place;
  }

  read(places: readonly number[], version: number): Uint8Array {
    let first = version;
    while (!isWhole(this.pieceOf(places[first]), places[first] % PIECE)) first--;
    this.codec.begin();
    for (let i = first; i < version; i++) this.codec.read(this.at(places[i]), 1);
    return this.codec.read(this.at(places[version]), 1);
  }

  /** What tells the version at a place. */
  at(place: number): Uint8Array {
    const at = place % PIECE;
    const piece = this.pieceOf(place);
    return piece.subarray(at, at + toldBytes(piece, at));
  }

  private pieceOf(place: number): Uint8Array {
    return this.pieces[Math.floor(place / PIECE)];
  }

  private append(told: Uint8Array): number {
    if ((this.end % PIECE) + told.length > PIECE || this.end % PIECE === 0) {
      this.end = PIECE * this.pieces.length;
      this.pieces.push(new Uint8Array(PIECE));
    }
    const place = this.end;
    this.pieceOf(place).set(told, place % PIECE);
    this.end += told.length;
    return place;
  }
}
