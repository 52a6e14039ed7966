import fs from 'node:fs';
import type { ByteString, HostMount } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import type { Mount, MountTable } from './mountTable.ts';
import { itself } from './pathWalk.ts';

/** Names of file systems by what statfs has as their type (include/uapi/linux/magic.h); others are told as FUSE's. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
]);

const deviceOf = (path: string): bigint => asLinux(() => fs.statSync(path, { bigint: true })).dev;

/** A name that says nothing of the host's paths and devices stands for where it comes from. */
function toldMount({ guest, fd, readOnly, space }: Mount): HostMount {
  const place = itself(fd);
  const type = space === undefined ? (TYPES.get(asLinux(() => fs.statfsSync(place)).type) ?? 'fuse') : 'tmpfs';
  return { path: guest, source: space === undefined ? 'sandbox' : 'tmpfs', type, device: deviceOf(place), readOnly };
}

/** What a sandbox's guest is told as mounted. @param own the sandbox's own directory, where an empty root is */
export function toldMounts(table: MountTable, own: string): readonly HostMount[] {
  const shown = table.mounts.filter(({ device }) => !device).map(toldMount);
  if (table.root.mount !== undefined) return shown;
  return [{ path: '/' as ByteString, source: 'sandbox', type: 'tmpfs', device: deviceOf(own), readOnly: true }, ...shown];
}
