import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import type { HostHandle } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { readTermios, TERMIOS_SIZE, termios, words } from '../structs.ts';
import { address, int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { opened } from './transfer.ts';

/** Requests that everystep knows (include/uapi/asm-generic/ioctls.h). */
const Ioctl = {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TCSETSW: 0x5403,
  TCSETSF: 0x5404,
  TCSBRK: 0x5409,
  TCXONC: 0x540a,
  TCFLSH: 0x540b,
  TIOCEXCL: 0x540c,
  TIOCNXCL: 0x540d,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x540f,
  TIOCSPGRP: 0x5410,
  TIOCOUTQ: 0x5411,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  FIONREAD: 0x541b,
  FIONBIO: 0x5421,
  TIOCNOTTY: 0x5422,
  TIOCGETD: 0x5424,
  TCSBRKP: 0x5425,
  TIOCGSID: 0x5429,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
} as const;

const known: ReadonlySet<number> = new Set(Object.values(Ioctl));

/** Requests that no file here answers, with what they fail as on Linux where a file's driver does not know them. */
const REFUSED: ReadonlyMap<number, number> = new Map([
  // FIGETBSZ, BLKGETSIZE64, BLKSSZGET
  ...[2, 0x8008_1272, 0x1268].map((request) => [request, Errno.ENOTTY] as const),
  // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_GETVERSION
  ...[0x8008_6601, 0x4008_6602, 0x8008_7601].map((request) => [request, Errno.ENOTTY] as const),
  // TCGETA, TIOCSTI, TIOCMGET, TIOCSETD, TIOCGPTN, TIOCSPTLCK
  ...[0x5405, 0x5412, 0x5415, 0x5423, 0x8004_5430, 0x4004_5431].map((request) => [request, Errno.ENOTTY] as const),
  // FICLONE, FICLONERANGE
  ...[0x4004_9409, 0x4020_940d].map((request) => [request, Errno.EOPNOTSUPP] as const),
]);

function terminal(process: LinuxProcess, file: OpenFile): HostHandle {
  if (file.handle === undefined || !process.host.isTerminal(file.handle)) throw new LinuxError(Errno.ENOTTY);
  return file.handle;
}

/** Requests of terminals; those that only tell the driver what to do with its queues have nothing to do here. */
function terminalControl(process: LinuxProcess, file: OpenFile, request: number, at: number): number {
  const { host } = process;
  const handle = terminal(process, file);
  switch (request) {
    case Ioctl.TCGETS:
      process.write(at, termios(host.terminalSettings(handle)));
      return 0;
    case Ioctl.TCSETS:
    case Ioctl.TCSETSW:
    case Ioctl.TCSETSF:
      process.kernel.terminals.remember(handle);
      host.setTerminalSettings(handle, readTermios(process.read(at, TERMIOS_SIZE)), request - Ioctl.TCSETS);
      return 0;
    case Ioctl.TIOCGPGRP:
      process.write(at, words(process.kernel.foregroundGroup));
      return 0;
    case Ioctl.TIOCGSID:
      process.write(at, words(process.identity.session));
      return 0;
    case Ioctl.TIOCSPGRP:
      process.kernel.foregroundGroup = process.view(at, 4).getInt32(0, true);
      return 0;
    case Ioctl.TIOCGWINSZ: {
      const { rows, columns } = host.windowSize(handle);
      process.write(at, words(rows | (columns << 16), 0));
      return 0;
    }
    case Ioctl.TIOCSWINSZ: {
      const view = process.view(at, 8);
      host.setWindowSize(handle, { rows: view.getUint16(0, true), columns: view.getUint16(2, true) });
      return 0;
    }
    // What was written has gone to the host, and there is only one line discipline.
    case Ioctl.TIOCOUTQ:
    case Ioctl.TIOCGETD:
      process.write(at, words(0));
      return 0;
    default:
      return 0;
  }
}

function control(process: LinuxProcess, fd: number, request: number, at: number): number {
  const refusal = REFUSED.get(request);
  if (refusal !== undefined) {
    opened(process, fd);
    throw new LinuxError(refusal);
  }
  if (!known.has(request)) {
    process.unimplemented(`Unsupported ioctl: cmd=0x${request.toString(16).padStart(4, '0')}`);
    throw new LinuxError(Errno.ENOSYS);
  }
  const { files } = process;
  const file = opened(process, fd);
  switch (request) {
    case Ioctl.FIONREAD:
      process.write(at, words(file.bytesReadable()));
      return 0;
    case Ioctl.FIONBIO:
      file.setStatus(process.view(at, 4).getInt32(0, true) === 0 ? file.status & ~O.nonBlock : file.status | O.nonBlock);
      return 0;
    case Ioctl.FIOASYNC:
      file.setStatus(process.view(at, 4).getInt32(0, true) === 0 ? file.status & ~O.async : file.status | O.async);
      return 0;
    case Ioctl.FIOCLEX:
    case Ioctl.FIONCLEX:
      files.setCloseOnExec(fd, request === Ioctl.FIOCLEX);
      return 0;
    default:
      return terminalControl(process, file, request, at);
  }
}

export const terminalRows: readonly SyscallRow[] = [row('ioctl', [int, unsigned, address], control)];
