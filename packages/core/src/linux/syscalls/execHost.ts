import type { ByteString } from '../byteString.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import type { HostHandle } from '../host.ts';
import type { ProgramFile } from '../kernel/programFile.ts';
import { Blocked, WaitQueue } from '../kernel/waiting.ts';
import type { LinuxProcess, Termination } from '../process.ts';
import { continueProcess, Signal, stopProcess } from '../signals/index.ts';

/** Descriptors up to this one are the standard streams. */
const LAST_STANDARD = 2;

/** What a program gets of the process's open files. */
interface Given {
  readonly handles: Map<number, HostHandle>;
  readonly files: Map<number, { readonly handle: HostHandle; readonly position: number; readonly writes: boolean }>;
  readonly streams: Map<number, OpenFile>;
}

/** Where an ELF file tells the machine that it is for. */
const E_MACHINE = 18;

/** Whether a file is a program of another machine than the guest's, and not of the sysroot. */
function isOfHost({ guest, host, sysroot }: LinuxProcess, { bytes, path }: ProgramFile): boolean {
  const isElf = bytes.length > E_MACHINE + 2 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  const inside = sysroot !== undefined && path.startsWith(`${host.realPath(sysroot)}/`);
  return isElf && !inside && (bytes[E_MACHINE] | (bytes[E_MACHINE + 1] << 8)) !== guest.elfMachine;
}

/**
 * Lets a process become a program of the host's, where that is allowed: it runs beside the machine, and its end is the process's.
 * @returns if it is not allowed, or no program of the host's
 * @throws Blocked until it has ended; LinuxError where it cannot be started
 */
export function execHost(process: LinuxProcess, file: ProgramFile, environment: readonly ByteString[]): void {
  const { kernel, files, paths } = process;
  const start = kernel.startHostProgram;
  if (start === undefined || !isOfHost(process, file)) return;
  const { path, argv } = file;
  const given: Given = { handles: new Map(), files: new Map(), streams: new Map() };
  for (const fd of files.numbers()) if (!files.closesOnExec(fd)) give(given, fd, files.get(fd), argv);
  const directory = paths.directory;
  const ended = (termination: Termination): void => void process.terminate(termination);
  const stopped = (isStopped: boolean): void => followStop(process, isStopped);
  const program = start({ path, argv, environment, directory, ...given, ended, stopped });
  process.becomesHostProgram(program, given.streams);
  waitForHost();
}

/** The program has stopped, or goes on: so does the process. */
function followStop(process: LinuxProcess, isStopped: boolean): void {
  if (!isStopped) return continueProcess(process, Signal.SIGCONT);
  stopProcess(process, Signal.SIGSTOP);
  // Everystep stops with it, as one program to those who wait for it, and both go on together.
  if (process.kernel.isFirst(process)) process.hostProgram?.kill(Signal.SIGCONT);
}

/** Decides how the program gets an open file. */
function give({ handles, files, streams }: Given, fd: number, open: OpenFile, argv: readonly ByteString[]): void {
  const { handle } = open;
  const appends = (open.status & O.append) !== 0;
  if (handle !== undefined && (open.mayWait || (appends && !open.canRead))) {
    handles.set(fd, handle);
    return;
  }
  if (fd <= LAST_STANDARD) streams.set(fd, open);
  // The host does not know where in a regular file a guest is.
  else if (handle !== undefined && open.canRead) files.set(fd, { handle, position: open.seek(0, 1), writes: open.canWrite });
  // What is moved to a program has been read, though the program may want nothing of it: only if its arguments tell of it.
  else if (!open.canRead || argv.some((argument) => new RegExp(`(^|\\D)${fd}(\\D|$)`).test(argument))) streams.set(fd, open);
}

/** The process is a program of the host's: nothing of it here runs any more. @throws Blocked */
export function waitForHost(): never {
  throw new Blocked({ on: [new WaitQueue()] });
}
