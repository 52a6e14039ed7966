import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { ALWAYS_TOLD, Poll, pollEvents } from '../files/readiness.ts';
import { Blocked } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';
import { hasDeliverable } from '../signals/index.ts';
import { timespec } from '../structs.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { blockDuringCall } from './signals.ts';
import { readTime } from './time.ts';

/** Most descriptors of one pselect6. */
const SET_LIMIT = 1024;

/** What select means by readable, writable and exceptional. */
const READABLE = Poll.in | Poll.readNormal | Poll.readBand | Poll.hangUp | Poll.error;
const WRITABLE = Poll.out | Poll.writeNormal | Poll.writeBand | Poll.error;
const EXCEPTIONAL = Poll.priority;

/**
 * Looks until something is ready or the time is over.
 * @param look tells how much is ready
 * @param waitFor files whose readiness is waited for
 * @param timeout in nanoseconds; undefined: for ever
 * @param leftAt where the guest is told how much of it is left, in the end
 * @throws Blocked
 */
function wait(process: LinuxProcess, look: () => number, waitFor: readonly OpenFile[], timeout: bigint | undefined, leftAt: number): number {
  const { host, kernel, space } = process;
  const { call } = process.thread;
  if (call.done === 0) {
    call.done = 1;
    call.deadline = timeout === undefined ? undefined : host.monotonicTime() + timeout;
  }
  const until = call.deadline;
  const handles = [...new Set(waitFor.flatMap(({ pollHandles }) => pollHandles))];
  const tellLeft = (): void => {
    const left = until === undefined ? 0n : until - host.monotonicTime();
    // Whether it can be written has no effect on the call.
    if (until !== undefined) space.kernelWrite(leftAt, timespec(left > 0n ? left : 0n));
  };
  const interrupted = (): number => {
    tellLeft();
    return -Errno.EINTR;
  };
  for (;;) {
    const count = look();
    const left = until === undefined ? undefined : until - host.monotonicTime();
    if (count > 0 || (left !== undefined && left <= 0n)) {
      tellLeft();
      return count;
    }
    const on = waitFor.flatMap(({ changes }) => changes ?? []);
    // Where nobody else could do anything meanwhile, the host waits at once.
    const isAlone = !kernel.isConcurrent && !hasDeliverable(process.thread);
    if (isAlone && handles.length === 1) host.readable(handles[0], left);
    else if (isAlone && handles.length === 0 && left !== undefined) host.sleep(left);
    else throw new Blocked({ on, handles, until, interrupted });
  }
}

function poll(process: LinuxProcess, at: number, count: number, timeoutAt: number, setAt: number, setSize: number): number {
  blockDuringCall(process, setAt, setSize);
  if (count > process.files.limit) throw new LinuxError(Errno.EINVAL);
  const view = process.view(at, 8 * count);
  const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
  const entries = Array.from({ length: count }, (_, i) => ({ fd: view.getInt32(8 * i, true), wanted: view.getInt16(8 * i + 4, true) }));
  const waitFor = entries.flatMap(({ fd, wanted }) => {
    const file = process.files.has(fd) ? process.files.get(fd) : undefined;
    // The host's files can always be written.
    return file === undefined || (file.handle !== undefined && (wanted & Poll.in) === 0) ? [] : [file];
  });
  const look = (): number => {
    let ready = 0;
    entries.forEach(({ fd, wanted }, i) => {
      const found = fd < 0 ? 0 : process.files.has(fd) ? pollEvents(process.files.get(fd).readiness()) & (wanted | ALWAYS_TOLD) : Poll.invalid;
      view.setInt16(8 * i + 6, found, true);
      if (found !== 0) ready++;
    });
    return ready;
  };
  const ready = wait(process, look, waitFor, timeout, timeoutAt);
  process.write(at, new Uint8Array(view.buffer));
  return ready;
}

/** A set of descriptors in guest memory, as bits. */
class DescriptorSet {
  private readonly bytes: Uint8Array;
  readonly members: readonly number[];

  constructor(
    private readonly process: LinuxProcess,
    private readonly at: number,
    count: number,
  ) {
    const length = 8 * Math.ceil(count / 64);
    this.bytes = at === 0 ? new Uint8Array(length) : process.read(at, length);
    this.members = Array.from({ length: count }, (_, fd) => fd).filter((fd) => (this.bytes[fd >> 3] >> (fd & 7)) & 1);
  }

  /** Replaces the set by its ready members. */
  store(ready: readonly number[]): void {
    this.bytes.fill(0);
    for (const fd of ready) this.bytes[fd >> 3] |= 1 << (fd & 7);
    this.process.writeIfWanted(this.at, this.bytes);
  }
}

function select(process: LinuxProcess, count: number, readAt: number, writeAt: number, exceptAt: number, timeoutAt: number, maskAt: number): number {
  if (maskAt !== 0) {
    // Address and size of the set of signals.
    const mask = process.view(maskAt, 16);
    blockDuringCall(process, Number(mask.getBigUint64(0, true)), Number(mask.getBigUint64(8, true)));
  }
  if (count < 0 || count > SET_LIMIT) throw new LinuxError(Errno.EINVAL);
  const { files } = process;
  const [reads, writes, excepts] = [readAt, writeAt, exceptAt].map((at) => new DescriptorSet(process, at, count));
  const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
  for (const fd of [...reads.members, ...writes.members, ...excepts.members]) files.get(fd);
  let readable: number[] = [];
  let writable: number[] = [];
  let exceptional: number[] = [];
  const found = (fd: number): number => pollEvents(files.get(fd).readiness());
  const look = (): number => {
    readable = reads.members.filter((fd) => (found(fd) & READABLE) !== 0);
    writable = writes.members.filter((fd) => (found(fd) & WRITABLE) !== 0);
    exceptional = excepts.members.filter((fd) => (found(fd) & EXCEPTIONAL) !== 0);
    return readable.length + writable.length + exceptional.length;
  };
  const waitFor = [...reads.members, ...writes.members.filter((fd) => files.get(fd).handle === undefined)].map((fd) => files.get(fd));
  const ready = wait(process, look, waitFor, timeout, timeoutAt);
  reads.store(readable);
  writes.store(writable);
  excepts.store(exceptional);
  return ready;
}

export const pollingRows: readonly SyscallRow[] = [
  row('ppoll', [address, unsigned, address, address, size], poll),
  row('pselect6', [int, address, address, address, address, address], select),
];
