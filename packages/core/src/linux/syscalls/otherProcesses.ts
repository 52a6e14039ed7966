import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { address, int } from './arguments.ts';
import { processOf } from './processes.ts';
import { row, type SyscallRow } from './row.ts';
import { vector } from './transfer.ts';

/** What kcmp compares. */
const KCMP = { file: 0, memory: 1, files: 2, fileSystem: 3, signalHandlers: 4, io: 5, semaphores: 6 } as const;

interface Part {
  readonly base: number;
  readonly length: number;
}

/** Moves bytes between two lists of parts, up to the end of one of them, or to the first part that `move` refuses. */
function moveParts(local: readonly Part[], remote: readonly Part[], move: (local: number, remote: number, length: number) => boolean): number {
  let done = 0;
  let [i, from] = [0, 0];
  for (const part of remote) {
    for (let at = 0; at < part.length && i < local.length; ) {
      const length = Math.min(part.length - at, local[i].length - from);
      if (length > 0 && !move(local[i].base + from, part.base + at, length)) {
        if (done === 0) throw new LinuxError(Errno.EFAULT);
        return done;
      }
      done += length;
      at += length;
      from += length;
      if (from === local[i].length) [i, from] = [i + 1, 0];
    }
  }
  return done;
}

const moving =
  (toRemote: boolean) =>
  (process: LinuxProcess, pid: number, localAt: number, locals: number, remoteAt: number, remotes: number, flags: number): number => {
    if (flags !== 0) throw new LinuxError(Errno.EINVAL);
    const local = vector(process, localAt, locals);
    const remote = vector(process, remoteAt, remotes);
    const other = processOf(process, pid).space;
    const [source, target] = toRemote ? [process.space, other] : [other, process.space];
    return moveParts(local, remote, (near, far, length) => {
      const bytes = source.kernelRead(toRemote ? near : far, length);
      return bytes !== undefined && target.kernelWrite(toRemote ? far : near, bytes);
    });
  };

/** Whether two processes have the same thing; 1 stands for any order of different ones. */
function compare(process: LinuxProcess, first: number, second: number, type: number, i: number, j: number): number {
  const [a, b] = [processOf(process, first), processOf(process, second)];
  const same = (x: unknown, y: unknown): number => (x === y ? 0 : 1);
  switch (type) {
    case KCMP.file:
      return same(a.files.get(i), b.files.get(j));
    case KCMP.memory:
      return same(a.image, b.image);
    case KCMP.files:
      return same(a.files, b.files);
    case KCMP.signalHandlers:
      return same(a.signals.actions, b.signals.actions);
    case KCMP.fileSystem:
    case KCMP.io:
    case KCMP.semaphores:
      return same(a, b);
    default:
      throw new LinuxError(Errno.EINVAL);
  }
}

export const otherProcessRows: readonly SyscallRow[] = [
  row('process_vm_readv', [int, address, int, address, int, int], moving(false)),
  row('process_vm_writev', [int, address, int, address, int, int], moving(true)),
  row('kcmp', [int, int, int, int, int], compare),
];
