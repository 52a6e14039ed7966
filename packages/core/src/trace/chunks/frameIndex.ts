import { FrameKind } from './chunkFile.ts';

/** A frame that is in a file. */
export interface IndexedFrame {
  readonly kind: number;
  readonly start: number;
  readonly bytes: number;
  /** A chunk's. */
  readonly insns: number;
  readonly wanted: number;
}

/** Bytes of a file, from `start` up to before `end`. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** What is left of a file. */
export interface KeptFrames {
  /** In order, the file's start included. */
  readonly spans: readonly ByteSpan[];
  /** Where they are then. */
  readonly frames: readonly IndexedFrame[];
  /** Of the chunks that are left out. */
  readonly droppedInsns: number;
  readonly droppedWanted: number;
}

/**
 * Chooses what to keep of a file that gets too large: definitions, what was told of mapped files, and of the rest as much of its
 * end as `room` lets, from where a reader can begin.
 * @param headerBytes of the file before its first frame
 * @param room most bytes of what is kept
 * @param begins whether a reader can begin at a frame of this kind
 * @param canBegin whether it can begin behind all of them
 * @returns undefined if nothing can be left out
 */
export function keepNewest(
  frames: readonly IndexedFrame[],
  headerBytes: number,
  room: number,
  begins: (kind: number) => boolean,
  canBegin: boolean,
): KeptFrames | undefined {
  const isPart = ({ kind }: IndexedFrame): boolean => kind === FrameKind.chunk || kind === FrameKind.key;
  const fixed = headerBytes + frames.reduce((sum, frame) => sum + (isPart(frame) ? 0 : frame.bytes), 0);
  let cut = canBegin ? frames.length : -1;
  let bytes = fixed;
  for (let i = frames.length - 1; i >= 0; i--) {
    const frame = frames[i] as IndexedFrame;
    if (isPart(frame)) bytes += frame.bytes;
    if (!begins(frame.kind)) continue;
    if (bytes > room && cut >= 0) break;
    cut = i;
  }
  const first = frames.findIndex((frame) => begins(frame.kind));
  if (cut < 0 || first < 0 || cut <= first) return undefined;
  const isKept = (frame: IndexedFrame, i: number): boolean => i >= cut || !isPart(frame);
  const spans: { start: number; end: number }[] = [{ start: 0, end: headerBytes }];
  const kept: IndexedFrame[] = [];
  let at = headerBytes;
  let droppedInsns = 0;
  let droppedWanted = 0;
  for (const [i, frame] of frames.entries()) {
    if (!isKept(frame, i)) {
      droppedInsns += frame.insns;
      droppedWanted += frame.wanted;
      continue;
    }
    const last = spans.at(-1) as { start: number; end: number };
    if (last.end === frame.start) last.end += frame.bytes;
    else spans.push({ start: frame.start, end: frame.start + frame.bytes });
    kept.push({ ...frame, start: at });
    at += frame.bytes;
  }
  return { spans, frames: kept, droppedInsns, droppedWanted };
}
