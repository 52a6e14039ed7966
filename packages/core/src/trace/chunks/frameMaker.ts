import { ByteWriter, crc32 } from '../../base/index.ts';
import { type Compression, Encoding, FRAME_START, FrameKind, type TraceKey, writeNumber } from './chunkFile.ts';
import { END_REASONS, type EndReason, type TraceTotals } from './header.ts';

/** Data below so many bytes is not worth compressing. */
const MIN_COMPRESSED = 64;
/** Bytes of zeros to fill up with. */
const PADDING = new Uint8Array(4);

/** Bytes of the frame at the end. */
export const END_BYTES = FRAME_START + 32;

/** A frame that is to be written. */
export interface Frame {
  readonly kind: number;
  readonly bytes: number;
  /** In order, `bytes` together. */
  readonly parts: readonly Uint8Array[];
}

/** Makes the frames of a chunk file. Their parts are valid until the next is made. */
export class FrameMaker {
  private readonly head = new ByteWriter(64);
  private readonly fields = new ByteWriter(32);

  /** @param compression undefined: data is stored as it is */
  constructor(readonly compression: Compression | undefined) {}

  blocks(definitions: Uint8Array): Frame {
    return this.begin().frame(FrameKind.blocks, definitions, Encoding.compressed);
  }

  mappings(events: Uint8Array): Frame {
    return this.begin().frame(FrameKind.mappings, events, Encoding.compressed);
  }

  key({ step, pc, pid, tid, state }: TraceKey): Frame {
    const { fields } = this.begin();
    writeNumber(fields, step);
    writeNumber(fields, pc);
    fields.fixed32(pid);
    fields.fixed32(tid);
    return this.frame(FrameKind.key, state, Encoding.compressed);
  }

  /**
   * @param data records, or columns of records @param encoding says which @param step before the first
   * @param insns in the records @param wanted of them
   */
  chunk(data: Uint8Array, encoding: number, step: number, insns: number, wanted: number): Frame {
    const { fields } = this.begin();
    writeNumber(fields, step);
    fields.fixed32(insns);
    fields.fixed32(wanted);
    return this.frame(FrameKind.chunk, data, encoding);
  }

  end({ step, insns, wanted }: TraceTotals, reason: EndReason): Frame {
    const { fields } = this.begin();
    writeNumber(fields, step);
    writeNumber(fields, insns);
    writeNumber(fields, wanted);
    fields.fixed32(END_REASONS.indexOf(reason));
    fields.fixed32(0);
    return this.frame(FrameKind.end, new Uint8Array(0), Encoding.plain);
  }

  private begin(): this {
    this.fields.reset();
    return this;
  }

  /** Makes a frame with the fields that are in `fields`. */
  private frame(kind: number, data: Uint8Array, encoding: number): Frame {
    const { head, fields, compression } = this;
    const isStored = compression === undefined || encoding === Encoding.plain || (encoding === Encoding.compressed && data.length < MIN_COMPRESSED);
    const stored = isStored ? data : compression.compress(data);
    const padding = PADDING.subarray(0, -stored.length & 3);
    head.reset();
    head.fixed32(isStored ? Encoding.plain : encoding);
    head.fixed32(data.length);
    head.fixed32(stored.length);
    head.append(fields);
    const rest = head.copy();
    const sum = crc32(padding, crc32(stored, crc32(rest)));
    head.reset();
    head.fixed32(kind);
    const bytes = FRAME_START + fields.length + stored.length + padding.length;
    head.fixed32(bytes);
    head.fixed32(sum);
    return { kind, bytes, parts: [head.view(), rest, stored, padding] };
  }
}

/** A frame that stays valid while others are made. */
export const held = (frame: Frame): Frame => ({ ...frame, parts: frame.parts.map((part) => part.slice()) });
