import fs from 'node:fs';
import { type ByteString, byteString, decodeText, encodeText, UserError } from '@everystep/core';
import type { DiskSpace } from './diskSpace.ts';

/** Linux's flag for a descriptor that only names a file; Node does not name it. */
export const O_PATH = 0o10000000;

/**
 * File systems whose files are the kernel and its processes, everystep's own memory among them (include/uapi/linux/magic.h):
 * proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, bpf, configfs, efivarfs, devpts, nsfs.
 */
const KERNEL_INTERFACES = new Set([
  0x9fa0, 0x62656572, 0x64626720, 0x74726163, 0x73636673, 0x27e0eb, 0x63677270, 0xcafe4a11, 0x62656570, 0xde5e81e4, 0x1cd1, 0x6e736673,
]);

/** Whether what a descriptor is of is no file system of files. */
export const isKernelInterface = (fd: number): boolean => KERNEL_INTERFACES.has(fs.statfsSync(`/proc/${process.pid}/fd/${fd}`).type);

/** What the guest is to see of the host. Paths are text as Node takes it. */
export interface MountRequest {
  /** A directory or file of the host's. */
  readonly host: string;
  /** Where the guest sees it: absolute, without `.`, `..` and a slash at the end, but for the root. */
  readonly guest: string;
  readonly readOnly: boolean;
  /** It is a device that the guest may open: elsewhere devices cannot be opened. */
  readonly device?: boolean;
  /** What bounds the files in it. */
  readonly space?: DiskSpace;
}

/** A directory or file of the host's that the guest sees. */
export interface Mount {
  /** Without symbolic links. */
  readonly host: ByteString;
  readonly guest: ByteString;
  readonly readOnly: boolean;
  readonly device: boolean;
  readonly space: DiskSpace | undefined;
  /** A descriptor of it, open as long as the sandbox is. */
  readonly fd: number;
}

/** A name that the sandbox itself puts into a directory: a mount, a symbolic link, or a directory on the way to them. */
export interface MountNode {
  readonly children: Map<ByteString, MountNode>;
  /** Its inode, where it is nothing of the host's. */
  readonly inode: bigint;
  mount: Mount | undefined;
  link: ByteString | undefined;
  /** What the host has there is not seen. */
  hides: boolean;
}

/** What the guest sees of the host, as a tree of names. */
export class MountTable {
  private inodes = 1n;
  readonly root = this.node();
  readonly mounts: Mount[] = [];

  private node(): MountNode {
    return { children: new Map(), inode: this.inodes++, mount: undefined, link: undefined, hides: false };
  }

  private at(path: string): MountNode {
    let node = this.root;
    for (const part of path.split('/').filter((each) => each !== '')) {
      const name = encodeText(part);
      let next = node.children.get(name);
      if (next === undefined) {
        next = this.node();
        node.children.set(name, next);
      }
      node = next;
    }
    return node;
  }

  /** Makes a directory that holds nothing of the host's. */
  addDirectory(path: string): void {
    this.at(path).hides = true;
  }

  addLink(path: string, target: string): void {
    this.at(path).link = encodeText(target);
  }

  /** @throws UserError if the host has it not, or the guest's place is taken */
  add({ host, guest, readOnly, device = false, space }: MountRequest): Mount {
    let real: Buffer;
    let fd: number;
    try {
      real = fs.realpathSync.native(host, { encoding: 'buffer' });
      fd = fs.openSync(real, O_PATH | fs.constants.O_NOFOLLOW);
    } catch (error) {
      throw new UserError(`--sandbox: cannot open ${host}: ${(error as NodeJS.ErrnoException).code ?? 'it fails'}`);
    }
    if (isKernelInterface(fd)) throw new UserError(`--sandbox: ${host} is no directory of files but a view of the host's kernel: leave it out`);
    const node = this.at(guest);
    if (node.mount !== undefined) throw new UserError(`--sandbox: ${guest} would be both ${decodeText(node.mount.host)} and ${host}`);
    const mount = { host: byteString(real), guest: encodeText(guest), readOnly, device, space, fd };
    node.mount = mount;
    this.mounts.push(mount);
    return mount;
  }

  /** The guest's path of something of the host's, given by its path without symbolic links; undefined where it does not see it. */
  guestPath(host: ByteString): ByteString | undefined {
    let best: Mount | undefined;
    for (const mount of this.mounts) {
      const isInside = host === mount.host || host.startsWith(mount.host === '/' ? '/' : `${mount.host}/`);
      if (isInside && (best === undefined || mount.host.length > best.host.length)) best = mount;
    }
    if (best === undefined) return undefined;
    const below = best.host === '/' ? host : host.slice(best.host.length);
    const path = best.guest === '/' ? below : `${best.guest}${below}`;
    return (path === '' ? '/' : path) as ByteString;
  }
}
