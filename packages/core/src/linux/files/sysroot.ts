import type { ByteString } from '../byteString.ts';
import { LinuxError } from '../errno.ts';
import type { Host } from '../host.ts';
import { walk } from './walk.ts';

/** S_IFLNK */
const LINK = 0o120000;

/** The folder in which absolute paths are looked for first (`-L`). */
export class Sysroot {
  /** Folders that are there, by whether a symbolic link with an absolute target lies on the way to them. */
  private readonly indirect = new Map<string, boolean>();
  /** Without symbolic links; undefined as long as it is not there. */
  private real: ByteString | undefined;

  constructor(
    private readonly host: Host,
    readonly path: ByteString,
  ) {}

  /**
   * The host's path of an absolute path, where the sysroot has it. Absolute targets of symbolic links are looked for in the
   * sysroot, too; if they are not there, they are the host's.
   * @param follow whether a symbolic link as the last part is followed
   */
  find(path: ByteString, follow: boolean): ByteString | undefined {
    this.real ??= this.attempt(() => this.host.realPath(this.path));
    if (this.real === undefined) return undefined;
    const { host } = this;
    const candidate = `${this.path}${path}` as ByteString;
    const type = host.typeOf(candidate, false);
    const isIndirect = this.isIndirect(parentOf(candidate));
    if (!isIndirect && (type !== LINK || !follow)) return type === undefined ? undefined : candidate;
    const isThere = host.typeOf(candidate, follow) !== undefined;
    if (!isIndirect && isThere && this.isInside(candidate)) return candidate;
    const walked = this.attempt(() => walk(host, this.path, [], path, { follow, beyond: 'stay', lenient: true }));
    if (walked === undefined) return isThere ? candidate : undefined;
    if (host.typeOf(walked, follow) !== undefined) return walked;
    const outside = walked.slice(this.path.length) as ByteString;
    if (outside !== path && host.typeOf(outside, follow) !== undefined) return outside;
    return isThere ? candidate : undefined;
  }

  /** Whether a path that is there leads to something in the sysroot. */
  private isInside(path: ByteString): boolean {
    const found = this.attempt(() => this.host.realPath(path));
    return found !== undefined && (found === this.real || found.startsWith(`${this.real}/`));
  }

  /** Whether a symbolic link on the way to a folder leads out of the sysroot, or nowhere. */
  private isIndirect(folder: ByteString): boolean {
    if (folder.length <= this.path.length) return false;
    const known = this.indirect.get(folder);
    if (known !== undefined) return known;
    const { host } = this;
    const isThere = host.typeOf(folder, true) !== undefined;
    const isIndirect = isThere ? !this.isInside(folder) : host.typeOf(folder, false) === LINK || this.isIndirect(parentOf(folder));
    if (isThere) this.indirect.set(folder, isIndirect);
    return isIndirect;
  }

  private attempt<T>(operation: () => T): T | undefined {
    try {
      return operation();
    } catch (error) {
      if (error instanceof LinuxError) return undefined;
      throw error;
    }
  }
}

const parentOf = (path: ByteString): ByteString => path.slice(0, path.lastIndexOf('/')) as ByteString;
