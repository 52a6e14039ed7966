import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Blocked, type WaitQueue } from '../kernel/waiting.ts';
import { encodeSignalfd, type SignalInfo, UNBLOCKABLE } from '../signals/index.ts';
import { virtualStat } from './memoryFile.ts';
import { OpenFile, type Readiness } from './openFile.ts';

/** Bytes of struct signalfd_siginfo. */
const INFO_SIZE = 128;

/** A signalfd: reading it takes the signals of a set that wait for the thread that reads, or for its process. */
export class SignalFile extends OpenFile {
  private wanted = 0n;

  constructor(
    private readonly kernel: Kernel,
    set: bigint,
    status: number,
  ) {
    super('anon_inode:[signalfd]' as ByteString, status);
    this.set = set;
  }

  set set(signals: bigint) {
    this.wanted = signals & ~UNBLOCKABLE;
  }

  override get changes(): WaitQueue {
    return this.kernel.current.process.signals.arrived;
  }

  private take(): SignalInfo | undefined {
    const { signals, process } = this.kernel.current;
    return signals.pending.take(this.wanted) ?? process.signals.pending.take(this.wanted);
  }

  read(into: Uint8Array): number {
    if (into.length < INFO_SIZE) throw new LinuxError(Errno.EINVAL);
    let done = 0;
    while (done + INFO_SIZE <= into.length) {
      const info = this.take();
      if (info === undefined) break;
      into.set(encodeSignalfd(info), done);
      done += INFO_SIZE;
    }
    if (done > 0) return done;
    if (this.nonBlocking) throw new LinuxError(Errno.EAGAIN);
    throw new Blocked({ on: [this.changes] });
  }

  write(): number {
    throw new LinuxError(Errno.EINVAL);
  }

  override seek(): number {
    return 0;
  }

  stat(): HostStat {
    return virtualStat(0o600, 0, 0n);
  }

  readiness(): Readiness {
    const { signals, process } = this.kernel.current;
    return { readable: ((signals.pending.set | process.signals.pending.set) & this.wanted) !== 0n, writable: false, hangUp: false };
  }
}
