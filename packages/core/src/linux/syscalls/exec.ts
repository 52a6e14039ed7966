import { UserError } from '../../base/index.ts';
import { type ByteString, decodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { hostPath } from '../files/locate.ts';
import { AT_FDCWD } from '../files/pathLookup.ts';
import type { Image } from '../kernel/image.ts';
import { enterImage, loadImage } from '../kernel/loadImage.ts';
import { type ProgramFile, readProgramFile } from '../kernel/programFile.ts';
import type { LinuxProcess } from '../process.ts';
import { ARGUMENT_LIMIT, argumentsLimit, stackSizeOf } from '../processLimits.ts';
import { address, int } from './arguments.ts';
import { execHost, waitForHost } from './execHost.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** What a program has of its stack at least, besides its arguments (fs/exec.c). */
const LEAST_LEFT = 131072;

/** Bytes that strings take on the stack, with their pointers. */
const sizeOf = (texts: readonly ByteString[]): number => texts.reduce((sum, { length }) => sum + length + 9, 0);

/** The strings that an array of pointers in guest memory names; 0 stands for an empty one. */
function strings(process: LinuxProcess, at: number, limit: number): ByteString[] {
  const result: ByteString[] = [];
  let total = 0;
  for (let i = 0; at !== 0; i++) {
    const pointer = process.view(at + 8 * i, 8).getBigUint64(0, true);
    if (pointer === 0n) break;
    const text = process.string(Number(BigInt.asUintN(52, pointer)), ARGUMENT_LIMIT);
    total += text.length + 9;
    if (total > limit) throw new LinuxError(Errno.E2BIG);
    result.push(text);
  }
  return result;
}

function programFile(process: LinuxProcess, dirfd: number, path: ByteString, argv: readonly ByteString[], flags: number): ProgramFile {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) throw new LinuxError(Errno.EINVAL);
  const { host, paths, files } = process;
  const executable = (found: ByteString): ByteString => {
    host.access(found, 1);
    return found;
  };
  if (path === '' && (flags & AT_EMPTY_PATH) !== 0) {
    const file = files.get(dirfd);
    const place = (name: ByteString): ByteString => (name === file.name ? (paths.handlePath(file) ?? name) : hostPath(process, AT_FDCWD, name));
    return readProgramFile(host, file.name, argv, (name) => executable(place(name)));
  }
  return readProgramFile(host, path, argv, (name) => executable(hostPath(process, dirfd, name)));
}

/** Replaces the process's program. All its threads but the calling one end. */
function exec(process: LinuxProcess, dirfd: number, pathAt: number, argvAt: number, environmentAt: number, flags: number): SyscallResult {
  const { kernel, guest, host, cpuRandom } = process;
  if (process.hostProgram !== undefined) waitForHost();
  const path = process.string(pathAt);
  const most = argumentsLimit(process);
  const argv = strings(process, argvAt, most);
  const environment = strings(process, environmentAt, most - sizeOf(argv));
  const file = programFile(process, dirfd, path, argv.length === 0 ? ['' as ByteString] : argv, flags);
  execHost(process, file, environment);
  const space = kernel.machine.createSpace();
  const { identity, sysroot } = process;
  let image: Image;
  try {
    image = loadImage(space, {
      guest,
      host,
      file,
      environment,
      stackSize: Math.max(stackSizeOf(process), sizeOf(argv) + sizeOf(environment) + LEAST_LEFT),
      identity,
      sysroot,
      cpuRandom,
      mapped: kernel.files.mapped,
      libraries: kernel.libraries,
    });
  } catch (error) {
    kernel.machine.releaseSpace(space);
    if (!(error instanceof UserError)) throw error;
    process.unimplemented(`execve: ${error.message} (${decodeText(file.path)})`);
    throw new LinuxError(Errno.ENOEXEC);
  }
  kernel.machine.enter(space);
  process.becomes(image);
  enterImage(kernel, guest, image, cpuRandom);
  return 'changed';
}

export const execRows: readonly SyscallRow[] = [
  row('execve', [address, address, address], (process, path, argv, environment) => exec(process, AT_FDCWD, path, argv, environment, 0)),
  row('execveat', [int, address, address, address, int], exec),
];
