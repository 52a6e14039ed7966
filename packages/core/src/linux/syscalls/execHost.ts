import type { ByteString } from '../byteString.ts';
import type { OpenFile } from '../files/openFile.ts';
import type { ProgramFile } from '../kernel/programFile.ts';
import { Blocked, WaitQueue } from '../kernel/waiting.ts';
import type { LinuxProcess } from '../process.ts';

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
  const handles = new Map<number, number>();
  const streams = new Map<number, OpenFile>();
  for (const fd of files.numbers()) {
    if (files.closesOnExec(fd)) continue;
    const open = files.get(fd);
    // The host does not know where in a regular file a guest is.
    if (open.handle !== undefined && open.mayWait) handles.set(fd, open.handle);
    else if (fd <= 2) streams.set(fd, open);
  }
  const { path, argv } = file;
  const directory = paths.directory;
  const program = start({ path, argv, environment, directory, handles, streams, ended: (termination) => process.terminate(termination) });
  process.becomesHostProgram(program, streams);
  waitForHost();
}

/** The process is a program of the host's: nothing of it here runs any more. @throws Blocked */
export function waitForHost(): never {
  throw new Blocked({ on: [new WaitQueue()] });
}
