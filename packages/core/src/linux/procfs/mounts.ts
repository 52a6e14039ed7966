import { type ByteString, encodeText } from '../byteString.ts';
import type { Host, HostMount } from '../host.ts';
import type { ProcFileNode } from './node.ts';

/** Files of /proc/PID that tell what is mounted. */
export const MOUNT_NAMES: readonly string[] = ['mountinfo', 'mounts'];

/** File systems that need no device. */
const WITHOUT_DEVICE: ReadonlySet<string> = new Set(['proc', 'tmpfs', 'devtmpfs', 'overlay', 'fuse', 'nfs']);

const PROC: Omit<HostMount, 'path'> = { source: 'proc', type: 'proc', device: 0n, readOnly: false };

/** What is mounted, /proc among it; undefined where the host tells. */
function allMounts(host: Host): readonly HostMount[] | undefined {
  const mounts = host.mounts();
  return mounts && [...mounts, { path: '/proc' as ByteString, ...PROC }];
}

/** Spaces and the like in names, as the kernel writes them. */
const escaped = (path: ByteString): string => path.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

const rights = ({ readOnly }: HostMount): string => `${readOnly ? 'ro' : 'rw'},relatime`;

const mountLine = (mount: HostMount): string => `${mount.source} ${escaped(mount.path)} ${mount.type} ${rights(mount)} 0 0\n`;

/** Numbers of mounts begin here; the root's parent is the number before. */
const FIRST = 20;

function infoLine(mount: HostMount, index: number): string {
  const { path, source, type, device } = mount;
  const major = (device >> 8n) & 0xfffn;
  const minor = (device & 0xffn) | ((device >> 12n) & 0xfff00n);
  const parent = index === 0 ? FIRST - 1 : FIRST;
  return `${FIRST + index} ${parent} ${major}:${minor} / ${escaped(path)} ${rights(mount)} - ${type} ${source} ${mount.readOnly ? 'ro' : 'rw'}\n`;
}

/** A file of /proc/PID that tells what is mounted; undefined for others, and where the host tells it. */
export function mountNode(host: Host, name: string): ProcFileNode | undefined {
  if (!MOUNT_NAMES.includes(name) || host.mounts() === undefined) return undefined;
  const line = name === 'mounts' ? mountLine : infoLine;
  return { kind: 'file', mode: 0o444, contents: () => (allMounts(host) ?? []).map(line).join('') as ByteString };
}

/** /proc/filesystems: those that are in use. */
export function fileSystems(host: Host): ByteString {
  const types = [...new Set(['proc', 'tmpfs', ...(allMounts(host) ?? []).map(({ type }) => type)])];
  return encodeText(types.map((type) => `${WITHOUT_DEVICE.has(type) ? 'nodev' : ''}\t${type}\n`).join(''));
}
