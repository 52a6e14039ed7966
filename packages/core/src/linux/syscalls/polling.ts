import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile, Readiness } from '../files/openFile.ts';
import type { LinuxProcess } from '../process.ts';
import { longs } from '../structs.ts';
import { address, int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { readTime } from './time.ts';

/** Events of poll. */
const POLLIN = 1;
const POLLOUT = 4;
const POLLHUP = 0x10;
const POLLNVAL = 0x20;
const POLLRDNORM = 0x40;
const POLLWRNORM = 0x100;

/** Most descriptors of one pselect6. */
const SET_LIMIT = 1024;

/** How long each look at several files lasts, in nanoseconds. */
const SLICE = 5_000_000n;

function events(ready: Readiness): number {
  return (ready.readable ? POLLIN | POLLRDNORM : 0) | (ready.writable ? POLLOUT | POLLWRNORM : 0) | (ready.hangUp ? POLLHUP : 0);
}

/**
 * Looks until something is ready or the time is over.
 * @param look tells how much is ready
 * @param waitFor files whose data is waited for
 * @param timeout in nanoseconds; undefined: for ever
 */
function wait(process: LinuxProcess, look: () => number, waitFor: readonly OpenFile[], timeout: bigint | undefined): number {
  const { host } = process;
  const end = timeout === undefined ? undefined : host.monotonicTime() + timeout;
  for (;;) {
    const count = look();
    const left = end === undefined ? undefined : end - host.monotonicTime();
    if (count > 0 || (left !== undefined && left <= 0n)) return count;
    const waitable = waitFor.filter((file) => file.handle !== undefined);
    if (waitable.length === 1) waitable[0].waitReadable(left);
    else if (waitable.length === 0 && left === undefined) throw new LinuxError(Errno.EDEADLK);
    else host.sleep(waitable.length === 0 || (left !== undefined && left < SLICE) ? (left ?? SLICE) : SLICE);
  }
}

function poll(process: LinuxProcess, at: number, count: number, timeoutAt: number): number {
  if (count > process.files.limit) throw new LinuxError(Errno.EINVAL);
  const view = process.view(at, 8 * count);
  const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
  const entries = Array.from({ length: count }, (_, i) => ({ fd: view.getInt32(8 * i, true), wanted: view.getInt16(8 * i + 4, true) }));
  const waitFor = entries.flatMap(({ fd, wanted }) => ((wanted & POLLIN) !== 0 && process.files.has(fd) ? [process.files.get(fd)] : []));
  const look = (): number => {
    let ready = 0;
    entries.forEach(({ fd, wanted }, i) => {
      const found = fd < 0 ? 0 : process.files.has(fd) ? events(process.files.get(fd).readiness()) & (wanted | POLLHUP) : POLLNVAL;
      view.setInt16(8 * i + 6, found, true);
      if (found !== 0) ready++;
    });
    return ready;
  };
  const ready = wait(process, look, waitFor, timeout);
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

function select(process: LinuxProcess, count: number, readAt: number, writeAt: number, exceptAt: number, timeoutAt: number): number {
  if (count < 0 || count > SET_LIMIT) throw new LinuxError(Errno.EINVAL);
  const { files, host } = process;
  const [reads, writes, excepts] = [readAt, writeAt, exceptAt].map((at) => new DescriptorSet(process, at, count));
  const timeout = timeoutAt === 0 ? undefined : readTime(process, timeoutAt);
  for (const fd of [...reads.members, ...writes.members, ...excepts.members]) files.get(fd);
  const begin = host.monotonicTime();
  let readable: number[] = [];
  let writable: number[] = [];
  const look = (): number => {
    readable = reads.members.filter((fd) => files.get(fd).readiness().readable);
    writable = writes.members.filter((fd) => files.get(fd).readiness().writable);
    return readable.length + writable.length;
  };
  const waitFor = reads.members.map((fd) => files.get(fd));
  const ready = wait(process, look, waitFor, timeout);
  reads.store(readable);
  writes.store(writable);
  excepts.store([]);
  if (timeout !== undefined) {
    const left = timeout - (host.monotonicTime() - begin);
    const rest = left > 0n ? left : 0n;
    process.write(timeoutAt, longs(rest / 1_000_000_000n, rest % 1_000_000_000n));
  }
  return ready;
}

export const pollingRows: readonly SyscallRow[] = [
  row('ppoll', [address, unsigned, address], poll),
  row('pselect6', [int, address, address, address, address], select),
];
