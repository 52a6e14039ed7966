import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  ChunkFileParser,
  type ChunkFileVisitor,
  CPU_MODEL_NAMES,
  createAArch64,
  type FrameHead,
  FrameKind,
  type Guest,
  MAX_FRAME_HEAD,
  readFileStart,
  readFrameHead,
  stateOf,
  TraceDamage,
  type TraceHeader,
  UserError,
} from '@everystep/core';
import { hostErrorText } from '../log/hostError.ts';
import { brotli } from './compression.ts';

const PIECE = 0x10_0000;

/** A frame of a trace file. */
type Frame = Pick<FrameHead, 'kind' | 'bytes' | 'step' | 'insns' | 'wanted'> & { readonly offset: number };

/** A trace file that is open for reading. Errors name it. */
export class TraceFile {
  private readonly fd: number;
  /** Bytes in the file; undefined: it cannot be read but from its start on, being a pipe or the like. */
  readonly size: number | undefined;

  /** @throws UserError if it cannot be opened */
  constructor(readonly path: string) {
    try {
      this.fd = openSync(path, 'r');
      const stat = fstatSync(this.fd);
      this.size = stat.isFile() ? stat.size : undefined;
    } catch (error) {
      throw new UserError(`${path}: ${hostErrorText(error)}`);
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  /**
   * Reads all of the file.
   * @param onPiece told of the bytes read so far, now and then
   * @returns undefined, or what is wrong with its end
   * @throws UserError if it cannot be read, or is no such file
   */
  read(visitor: ChunkFileVisitor, onPiece: (bytes: number) => void = () => undefined): string | undefined {
    return this.named(() => {
      const parser = new ChunkFileParser(visitor, brotli);
      const piece = new Uint8Array(PIECE);
      let done = 0;
      for (let count = this.readAt(piece, null); count > 0; count = this.readAt(piece, null)) {
        parser.push(piece.subarray(0, count));
        done += count;
        onPiece(done);
      }
      return parser.finish();
    });
  }

  /** Reads from the start on, without moving on for `read`, as long as `use` gives true. */
  readSome(use: (piece: Uint8Array) => boolean): void {
    const piece = new Uint8Array(PIECE);
    for (let at = 0; ; at += PIECE) {
      const count = this.readAt(piece, at);
      if (count === 0 || !use(piece.subarray(0, count))) return;
    }
  }

  /**
   * Reads what it takes to follow the instructions from step `from` on, and stops once `isOver`: frames' heads, definitions, and the
   * chunks from the last key before `from` on.
   * @returns undefined, or what is wrong with its end, if that was reached
   * @throws UserError as `read` does
   */
  readFrom(from: number, visitor: ChunkFileVisitor, isOver: () => boolean, onPiece: (bytes: number) => void): string | undefined {
    if (this.size === undefined) return this.read(visitor, onPiece);
    return this.named(() => {
      const { header, headerBytes, frames } = this.index();
      const start = startOf(frames, from, header.filtered);
      const parser = new ChunkFileParser(visitor, brotli);
      parser.push(this.bytesAt(0, headerBytes));
      let end = headerBytes;
      for (const [i, { kind, offset, bytes }] of frames.entries()) {
        if (isOver()) return undefined;
        if (i < start && (kind === FrameKind.chunk || kind === FrameKind.key)) continue;
        parser.skipTo(offset);
        parser.push(this.bytesAt(offset, bytes));
        end = offset + bytes;
        onPiece(end);
      }
      if (isOver()) return undefined;
      parser.push(this.bytesAt(end, (this.size ?? 0) - end));
      return parser.finish();
    });
  }

  /** The header, and all whole frames by their heads. @throws UserError if they are none */
  index(): { readonly header: TraceHeader; readonly headerBytes: number; readonly frames: readonly Frame[] } {
    const size = this.size ?? 0;
    let start = readFileStart(this.bytesAt(0, Math.min(size, PIECE)));
    if (start === undefined) start = readFileStart(this.bytesAt(0, size));
    if (start === undefined) throw new UserError('this is not an everystep trace file (it is too short)');
    const frames: Frame[] = [];
    const head = new Uint8Array(MAX_FRAME_HEAD);
    for (let offset = start.bytes; offset < size; ) {
      const frame = readFrameHead(head.subarray(0, this.readAt(head, offset)), offset);
      if (frame === undefined || offset + frame.bytes > size) break;
      const { kind, bytes, step, insns, wanted } = frame;
      frames.push({ kind, bytes, step, insns, wanted, offset });
      offset += bytes;
    }
    return { header: start.header, headerBytes: start.bytes, frames };
  }

  /** The step at which its last whole chunk ends; undefined of a pipe. */
  get lastStep(): number | undefined {
    if (this.size === undefined) return undefined;
    return this.named(() => {
      const chunks = this.index().frames.filter(({ kind }) => kind === FrameKind.chunk);
      return Math.max(0, ...chunks.slice(-1).map(({ step, insns }) => step + insns));
    });
  }

  /** Does something that may find the file wanting. */
  named<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      if (error instanceof TraceDamage) throw new TraceDamage(`${this.path}: ${error.message}`);
      if (error instanceof UserError) throw new UserError(`${this.path}: ${error.message}`);
      throw error;
    }
  }

  private bytesAt(offset: number, bytes: number): Uint8Array {
    const piece = new Uint8Array(bytes);
    return piece.subarray(0, bytes === 0 ? 0 : this.readAt(piece, offset));
  }

  /** @param offset null: where reading stopped @returns the bytes read; fewer than asked for at the end only, unless `offset` is null */
  private readAt(piece: Uint8Array, offset: number | null): number {
    try {
      let done = 0;
      for (;;) {
        const count = readSync(this.fd, piece, done, piece.length - done, offset === null ? null : offset + done);
        done += count;
        if (count === 0 || offset === null || done === piece.length) return done;
      }
    } catch (error) {
      throw new UserError(hostErrorText(error));
    }
  }
}

/** The frame to read from, so that the instruction at step `from` can be followed. @param filtered chunks stand on their own */
function startOf(frames: readonly Frame[], from: number, filtered: boolean): number {
  const begins = filtered ? FrameKind.chunk : FrameKind.key;
  let start = 0;
  for (const [i, { kind, step }] of frames.entries()) if (kind === begins && step <= from) start = i;
  return start;
}

/** The guest of a trace, with the state layout that the trace was written with. @throws UserError if this version has no such guest */
export function guestOf(header: TraceHeader): Guest {
  if (header.guest !== 'aarch64') throw new UserError(`the trace is of a ${header.guest} program, which this everystep does not know`);
  const cpu = CPU_MODEL_NAMES.find((name) => name === header.cpu) ?? 'max';
  return { ...createAArch64(cpu), state: stateOf(header) };
}
