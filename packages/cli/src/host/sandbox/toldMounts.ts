import fs from 'node:fs';
import type { ByteString, HostMount } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import type { MountTable } from './mountTable.ts';
import { itself } from './pathWalk.ts';

/** Names of file systems by what statfs has as their type (include/uapi/linux/magic.h); others are like FUSE's. */
const TYPES: ReadonlyMap<number, string> = new Map([
  ...([
    [0xef53, 'ext4'],
    [0x01021994, 'tmpfs'],
    [0x58465342, 'xfs'],
    [0x9123683e, 'btrfs'],
    [0x794c7630, 'overlay'],
    [0x6969, 'nfs'],
  ] as const),
]);

/** What a sandbox's guest is told as mounted: nothing of the host's paths and devices. @param own the sandbox's own directory */
export function toldMounts(table: MountTable, own: string): readonly HostMount[] {
  const told = (path: ByteString, place: string, readOnly: boolean): HostMount => {
    const type = TYPES.get(asLinux(() => fs.statfsSync(place)).type) ?? 'fuse';
    const { dev } = asLinux(() => fs.statSync(place, { bigint: true }));
    return { path, source: 'sandbox', type, device: dev, readOnly };
  };
  const shown = table.mounts.filter(({ device }) => !device).map(({ guest, fd, readOnly }) => told(guest, itself(fd), readOnly));
  return table.root.mount === undefined ? [told('/' as ByteString, own, true), ...shown] : shown;
}
