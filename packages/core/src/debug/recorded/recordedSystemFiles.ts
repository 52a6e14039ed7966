import { type ByteString, decodeText, Errno, LinuxError } from '../../linux/index.ts';
import type { DebugFileStat, DebugFiles } from '../target.ts';

/** S_IFREG, and permission to read. */
const READABLE_FILE = 0o100444;
/** Links to a process's program, which debuggers open. */
const PROGRAM_LINK = /^\/proc\/\d+\/exe$/;

/** Files of a recorded system, as far as they can be had. */
export class RecordedSystemFiles implements DebugFiles {
  private readonly files = new Map<number, Uint8Array>();
  private next = 0;

  /**
   * @param program the path of the recorded program
   * @param readFile a file by its path on the recorded system; undefined: it cannot be had
   * @param mapped paths of files that processes had in memory
   */
  constructor(
    private readonly program: ByteString,
    private readonly readFile: (path: string) => Uint8Array | undefined,
    private readonly mapped: () => readonly string[],
  ) {}

  open(path: ByteString): number {
    const contents = this.readFile(this.pathOf(decodeText(PROGRAM_LINK.test(path) ? this.program : path)));
    if (contents === undefined) throw new LinuxError(Errno.ENOENT);
    this.files.set(this.next, contents);
    return this.next++;
  }

  read(file: number, length: number, offset: number): Uint8Array {
    return this.contents(file).subarray(offset, offset + length);
  }

  stat(file: number): DebugFileStat {
    return { mode: READABLE_FILE, size: BigInt(this.contents(file).length), modified: 0 };
  }

  close(file: number): void {
    this.contents(file);
    this.files.delete(file);
  }

  readLink(path: ByteString): ByteString {
    if (PROGRAM_LINK.test(path)) return this.program;
    throw new LinuxError(Errno.EINVAL);
  }

  /** The guest may have had a root of its own (-L), and links there: what it had in memory tells where that was. */
  private pathOf(path: string): string {
    const mapped = this.mapped();
    const at = path.lastIndexOf('/');
    // A library's link has a shorter version than its file.
    const isOf = (file: string): boolean => file.endsWith(path) || (file.includes(`${path}.`) && file.lastIndexOf('/') === file.lastIndexOf(path) + at);
    return mapped.find((file) => file === path) ?? mapped.find(isOf) ?? path;
  }

  private contents(file: number): Uint8Array {
    const contents = this.files.get(file);
    if (contents === undefined) throw new LinuxError(Errno.EBADF);
    return contents;
  }
}
