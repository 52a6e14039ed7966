import { release } from '../files/fileTable.ts';
import type { OpenFile } from '../files/openFile.ts';

/** struct ucred: who sent something. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What was sent by one call, or what is left of it. */
export interface Piece {
  bytes: Uint8Array;
  /** The sender's address, as a sockaddr. */
  readonly from?: Uint8Array | undefined;
  /** Open files that go with it (SCM_RIGHTS), until somebody gets them. */
  rights?: readonly OpenFile[] | undefined;
  readonly credentials?: Credentials | undefined;
}

/** What a receive gives. */
export interface Received {
  /** Bytes stored. */
  readonly count: number;
  /** Bytes that the record had. */
  readonly length: number;
  readonly from?: Uint8Array | undefined;
  readonly rights?: readonly OpenFile[] | undefined;
  readonly credentials?: Credentials | undefined;
}

export const NOTHING: Received = { count: 0, length: 0 };

/** What a socket has been sent and has not read. */
export class ReceiveQueue {
  private readonly pieces: Piece[] = [];
  /** Bytes in all. */
  length = 0;

  get count(): number {
    return this.pieces.length;
  }

  /** Bytes of the first piece. */
  get firstLength(): number {
    return this.pieces.length === 0 ? 0 : this.pieces[0].bytes.length;
  }

  push(piece: Piece): void {
    this.pieces.push(piece);
    this.length += piece.bytes.length;
  }

  /** Bytes from as many pieces as it takes, but none behind one with open files. */
  takeBytes(into: Uint8Array, peek: boolean): Received {
    let done = 0;
    let at = 0;
    let rights: readonly OpenFile[] | undefined;
    let credentials: Credentials | undefined;
    while (done < into.length && at < this.pieces.length && rights === undefined) {
      const piece = this.pieces[at];
      const count = Math.min(piece.bytes.length, into.length - done);
      into.set(count === piece.bytes.length ? piece.bytes : piece.bytes.subarray(0, count), done);
      done += count;
      rights = piece.rights;
      credentials ??= piece.credentials;
      if (peek) {
        at++;
        continue;
      }
      this.length -= count;
      if (count === piece.bytes.length) this.pieces.shift();
      else {
        piece.bytes = piece.bytes.subarray(count);
        piece.rights = undefined;
      }
    }
    return { count: done, length: done, rights, credentials };
  }

  /** The first piece; what there is no room for is lost. */
  takeRecord(into: Uint8Array, peek: boolean): Received {
    const piece = this.pieces[0];
    const { bytes, from, rights, credentials } = piece;
    const count = Math.min(bytes.length, into.length);
    into.set(bytes.subarray(0, count));
    if (!peek) {
      this.pieces.shift();
      this.length -= bytes.length;
    }
    return { count, length: bytes.length, from, rights, credentials };
  }

  clear(): void {
    for (const { rights } of this.pieces.splice(0)) for (const file of rights ?? []) release(file);
    this.length = 0;
  }
}
