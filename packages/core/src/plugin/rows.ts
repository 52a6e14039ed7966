import { ROWS, ROWS_END } from './memoryLayout.ts';

/**
 * What blocks write for plugins: rows of 32 bytes, in the order of execution.
 *
 *     0   index of the instruction (u32), see PluginInsn.index
 *     4   kind (u8, RowKind), bytes of the value (u8), register (u8, index in PluginApi.registers), number of the plugin (u8)
 *     8   address of the access (u64); in rows of kind exec, the tag (u32), if one was asked for
 *     16  value (u128): what was loaded, stored, or in the register. Below 8 bytes, zeros follow; bytes 8 to 15 hold
 *         something only where the value has 16
 */
export const ROW_BYTES = 32;
export const ROW_WORDS = ROW_BYTES / 4;
export const ROW_LONGS = ROW_BYTES / 8;

/** What a row tells. `none`: nothing, to be passed over (an access that was conditional and not made). */
export const RowKind = { none: 0, exec: 1, load: 2, store: 3, register: 4 } as const;

export const packRow = (kind: number, bytes: number, register: number, plugin: number): number => kind | (bytes << 8) | (register << 16) | (plugin << 24);

/** A thread of the guest, as plugins see it (QEMU's vCPU in user mode). */
export interface PluginThread {
  /** Counts up from 0 over all threads of the run, ended ones included. */
  readonly index: number;
  readonly pid: number;
  readonly tid: number;
}

/**
 * Rows of one thread, in order: what its instructions did since the last batch. Valid during the call only. `words` and
 * `longs` are for loops in which each nanosecond counts; the methods are for all others.
 */
export class Batch {
  /** Rows. */
  length = 0;
  thread: PluginThread = { index: 0, pid: 0, tid: 0 };
  /** The rows as 32-bit words: row i begins at ROW_WORDS * i. */
  readonly words: Int32Array;
  /** The rows as 64-bit words: row i begins at ROW_LONGS * i. */
  readonly longs: BigUint64Array;

  /** @param at where the rows begin in `buffer` */
  constructor(buffer: ArrayBufferLike, at = ROWS, bytes = ROWS_END - ROWS) {
    this.words = new Int32Array(buffer, at, bytes >> 2);
    this.longs = new BigUint64Array(buffer, at, bytes >> 3);
  }

  /** PluginInsn.index of the instruction. */
  insn(i: number): number {
    return this.words[i * ROW_WORDS];
  }

  /** RowKind */
  kind(i: number): number {
    return this.words[i * ROW_WORDS + 1] & 0xff;
  }

  /** Bytes of the access or the register; 0 in a row of kind `exec` without a register. */
  bytes(i: number): number {
    return (this.words[i * ROW_WORDS + 1] >>> 8) & 0xff;
  }

  /** The register, as index in PluginApi.registers. */
  register(i: number): number {
    return (this.words[i * ROW_WORDS + 1] >>> 16) & 0xff;
  }

  /** Of a row of kind `exec`: RecordOptions.tag, where that was given. */
  tag(i: number): number {
    return this.words[i * ROW_WORDS + 2];
  }

  /** Address of the access, without the tag that a CPU may ignore. */
  address(i: number): number {
    return (this.words[i * ROW_WORDS + 3] & 0xff_ffff) * 0x1_0000_0000 + (this.words[i * ROW_WORDS + 2] >>> 0);
  }

  /** The value's low 64 bits. */
  value(i: number): bigint {
    return this.longs[i * ROW_LONGS + 2];
  }

  /** The value's high 64 bits; 0 where it has 8 bytes or less. */
  valueHigh(i: number): bigint {
    return this.bytes(i) === 16 ? this.longs[i * ROW_LONGS + 3] : 0n;
  }
}
