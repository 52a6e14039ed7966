import fs from 'node:fs';
import type { HostStat } from '@everystep/core';
import type { MountNode } from './mountTable.ts';

const { S_IFDIR, S_IFLNK, S_IFCHR } = fs.constants;

/** Device number of what is nothing of the host's. */
const NOTHING = 0n;

/** What st_mode is of what the sandbox makes: of a mount, as directories tell it. */
export function nodeMode({ mount, link }: MountNode): number {
  if (link !== undefined) return S_IFLNK | 0o777;
  return mount?.device ? S_IFCHR | 0o666 : S_IFDIR | 0o755;
}

/** What stat tells of a directory or link that the sandbox makes. */
export function nodeStat(node: MountNode): HostStat {
  return {
    device: NOTHING,
    inode: node.inode,
    mode: nodeMode(node),
    links: 1,
    uid: 0,
    gid: 0,
    rdev: 0n,
    size: BigInt(node.link?.length ?? 0),
    blockSize: 4096,
    blocks: 0n,
    accessTime: 0n,
    modifyTime: 0n,
    changeTime: 0n,
    birthTime: 0n,
  };
}
