import { assert, ByteReader, type ByteWriter } from '../../base/index.ts';

/**
 * An entry of the journal: at which step something came from outside, and what it changed.
 *
 *     byte kind  u53 steps since the entry before  u53 bytes of the rest  rest
 *
 *     kind   rest
 *     call   u32 number of the system call  byte Outcome  [u32 status of the exit]
 *            byte 0, or 1 and u32 sum of the registers before, or 2, that sum, u32 n and n bytes of sums of single registers  changes
 *     stop   changes: at this step, between two instructions
 *     input  u32 kind (see InputKind)  8 bytes; its step is that of the entry before: it is not known when exactly
 *     check  u32 sum of the registers  byte 1 and u32 sum of memory, or byte 0  sums of single registers, up to the end
 *
 * Sums of single registers have a byte each (SingleSums). Changes are a run of ops: a byte, then its operands.
 */
export const EntryKind = { call: 1, stop: 2, input: 3, check: 4 } as const;
export type EntryKindNumber = (typeof EntryKind)[keyof typeof EntryKind];

/** How a system call ended, for the guest: its code goes on, is left, or ends. */
export const Outcome = { done: 0, changed: 1, exit: 2 } as const;

/** What changes. Address spaces are numbered in the order in which they were made, from 0. */
export const Op = {
  /** u32 ranges, each: u32 words after the one before, u32 words, words. Of the CPU state (see stateChanges.ts). */
  state: 1,
  /** u53 */
  pc: 2,
  /** u32 space  u53 start  u53 length  u32 prot  byte shared  utf8 name */
  map: 3,
  /** u32 space  u53 start  u53 length  u32 prot  utf8 name  u32 other space  u53 address there */
  mapSame: 4,
  /** u32 space  u53 start  u53 length */
  unmap: 5,
  /** u32 space  u53 start  u53 length  u32 prot */
  protect: 6,
  /** u32 space  u53 address  u53 length  bytes */
  write: 7,
  /** u32 space  u53 address  u32 number of the contents */
  contents: 8,
  create: 9,
  /** A copy of the address space that runs. */
  fork: 10,
  /** u32 space */
  release: 11,
  /** u32 space: it runs from now on. */
  enter: 12,
  /** u32 pid  u32 tid: the registers are this thread's from now on, and as they were when it ran last, or all zero. */
  thread: 13,
  /** u32 tid: it will run no more. */
  threadEnd: 14,
  /** u32 stream (1 or 2)  u53 bytes: that the call wrote to the run's standard output or error, from memory (replayedOutput.ts). */
  output: 15,
  /** u32 pid  u32 signal: it reaches the process here. */
  signal: 16,
  /**
   * A call of the thread whose registers these are has ended.
   * byte 1 and 8 bytes: what its result register gets; byte 0: the registers are final, or it does not return
   */
  returned: 17,
  /** The registers are another thread's now, all of them, or a signal's handler is going to run. */
  switched: 18,
  /**
   * What a process has mapped of files, all of it, where that has changed.
   * u32 pid  byte 1 if it is another program  utf8 path of the program
   * u32 parts, each: u53 start  u53 length  u53 offset in the file  u32 prot  byte 1 if there is such a file  utf8 path
   */
  files: 19,
  /**
   * u32 pid  u32 tid  u32 address space  byte kind (0: of a process that there is, 1: a process's first, 2: by vfork)  u53 pc
   * byte 1 and operands of `state`, against the registers of the thread that runs, or byte 0: a thread that has not run yet.
   */
  threadStart: 20,
  /** u53 length  bytes: siginfo_t, but for zeros at its end, of the signal that is told next. */
  signalInfo: 21,
  /** u32 pid  byte 0 and u32 status, or byte 1 and u32 signal: the process has ended. */
  processEnd: 22,
  /** u32 pid  u53 length  bytes of the auxiliary vector: the process has another program. */
  execute: 23,
  /** u32 pid  u32 tid: of the thread that goes on, as its child by vfork has another program, or has ended. */
  vforkDone: 24,
  /** u32 stream (1 or 2)  u53 bytes  bytes: that the call wrote to the run's standard output or error, and that are not in memory. */
  outputOf: 25,
} as const;

/** Sums of the registers before a system call. */
export interface CallSums {
  /** Of all of them, 32 bits, unsigned. */
  readonly all: number;
  /** Of each, see SingleSums; none in journals of version 3 and before. */
  readonly single: Uint8Array;
}

const NO_SUMS = new Uint8Array(0);

/** The sums of a call's entry, which come behind its outcome; undefined: it has none. */
export function readCallSums(rest: ByteReader): CallSums | undefined {
  const how = rest.byte();
  if (how === 0) return undefined;
  const all = rest.fixed32();
  return { all, single: how === 1 ? NO_SUMS : rest.bytes(rest.u32()) };
}

/** Appends what `readCallSums` reads. */
export function writeCallSums(out: ByteWriter, sums: CallSums | undefined): void {
  out.byte(sums === undefined ? 0 : sums.single.length === 0 ? 1 : 2);
  if (sums === undefined) return;
  out.fixed32(sums.all);
  if (sums.single.length === 0) return;
  out.u32(sums.single.length);
  out.bytes(sums.single);
}

/** The head of an entry, and where its rest is. */
export interface Entry {
  readonly kind: EntryKindNumber;
  readonly step: number;
  readonly rest: ByteReader;
}

/** Goes through the entries of a frame. */
export class EntryCursor {
  /** Of the entry before. */
  step: number;
  position: number;

  constructor(
    readonly data: Uint8Array,
    at: { readonly step: number; readonly position: number },
  ) {
    this.step = at.step;
    this.position = at.position;
  }

  get atEnd(): boolean {
    return this.position >= this.data.length;
  }

  /** The next entry; the cursor is behind it then. */
  next(): Entry {
    const reader = new ByteReader(this.data, this.position);
    const kind = reader.byte();
    assert(kind >= EntryKind.call && kind <= EntryKind.check, `there is no entry of kind ${kind}`);
    this.step += reader.u53();
    const length = reader.u53();
    const start = reader.position;
    this.position = start + length;
    return { kind: kind as EntryKindNumber, step: this.step, rest: new ByteReader(this.data, start, this.position) };
  }

  /** A cursor of its own at the same place. */
  copy(): EntryCursor {
    return new EntryCursor(this.data, this);
  }
}
