import { type ByteString, byteString, bytesOf } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { MemoryFile, virtualStat } from '../files/memoryFile.ts';
import { type DirectoryEntry, OpenFile, type Readiness } from '../files/openFile.ts';
import type { HostStat } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { DT, type ProcDirectoryNode, type ProcFileNode, type ProcNode } from './node.ts';

/** File types, as st_mode has them. */
const TYPES: Readonly<Record<ProcNode['kind'], number>> = { file: 0o100000, directory: 0o040000, link: 0o120000 };
/** What stat tells as the size of a link to an open file. */
const LINK_SIZE = 64;

/** A number for a path, always the same. */
function inodeOf(path: string): bigint {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  return BigInt(hash >>> 0) + 0x1_0000n;
}

/** What stat tells of a node. */
export function nodeStat({ host, identity }: LinuxProcess, node: ProcNode, path: ByteString): HostStat {
  const size = node.kind === 'link' && node.file !== undefined ? LINK_SIZE : 0;
  const stat = virtualStat(TYPES[node.kind] | node.mode, size, host.realTime());
  const links = node.kind === 'directory' ? 2 + node.entries().filter(({ type }) => type === DT.directory).length : 1;
  return { ...stat, device: procDevice(host), inode: inodeOf(path), links, uid: identity.uid, gid: identity.gid };
}

function procDevice(host: LinuxProcess['host']): bigint {
  try {
    return host.statPath('/proc' as ByteString, true).device;
  } catch (error) {
    if (error instanceof LinuxError) return 0n;
    throw error;
  }
}

/** An open file of /proc: what it holds was made when it was opened. */
export class ProcFile extends MemoryFile {
  constructor(
    private readonly process: LinuxProcess,
    private readonly node: ProcFileNode,
    path: ByteString,
    status: number,
  ) {
    super(path, status, bytesOf(node.contents()), 0n);
  }

  override write(data: Uint8Array): number {
    if (this.node.write === undefined) throw new LinuxError(Errno.EINVAL);
    this.node.write(byteString(data));
    return data.length;
  }

  override stat(): HostStat {
    return nodeStat(this.process, this.node, this.name);
  }
}

/** An open directory of /proc. */
export class ProcDirectory extends OpenFile {
  private entries: readonly DirectoryEntry[] | undefined;
  private position = 0;

  constructor(
    private readonly process: LinuxProcess,
    private readonly node: ProcDirectoryNode,
    path: ByteString,
    status: number,
  ) {
    super(path, status);
  }

  peek(): { readonly entry: DirectoryEntry; readonly next: number } | undefined {
    this.entries ??= [{ name: '.', type: DT.directory }, { name: '..', type: DT.directory }, ...this.node.entries()].map(({ name, type }) => ({
      name: name as ByteString,
      type,
      inode: inodeOf(`${this.name}/${name}`),
    }));
    const entry = this.entries[this.position];
    return entry && { entry, next: this.position + 1 };
  }

  advance(): void {
    this.position++;
  }

  read(): number {
    throw new LinuxError(Errno.EISDIR);
  }

  write(): number {
    throw new LinuxError(Errno.EBADF);
  }

  override seek(offset: number, whence: number): number {
    const position = whence === 1 ? this.position + offset : offset;
    if (whence > 1 || position < 0) throw new LinuxError(Errno.EINVAL);
    if (position === 0) this.entries = undefined;
    this.position = position;
    return position;
  }

  stat(): HostStat {
    return nodeStat(this.process, this.node, this.name);
  }

  readiness(): Readiness {
    return { readable: true, writable: false, hangUp: false };
  }
}
