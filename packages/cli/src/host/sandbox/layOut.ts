import fs from 'node:fs';
import { type MountRequest, MountTable } from './mountTable.ts';

/** Devices of the host that do nothing but what their names say. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
/** Symbolic links in /dev, as Linux systems have them. */
export const STREAMS = ['stdin', 'stdout', 'stderr'];
const DEVICE_LINKS: Readonly<Record<string, string>> = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };

/**
 * Puts together what a guest sees.
 * @param root the host's directory that becomes the root, read-only; '': the root is empty
 * @param temporary what becomes /tmp, unless `directories` have one
 * @throws UserError
 */
export function layOut(root: string, directories: readonly MountRequest[], temporary: Pick<MountRequest, 'host' | 'space'>): MountTable {
  const table = new MountTable();
  for (const path of ['/dev', '/proc', '/sys']) table.addDirectory(path);
  if (root !== '') table.add({ host: root, guest: '/', readOnly: true });
  for (const request of directories) table.add(request);
  for (const name of DEVICES) if (fs.existsSync(`/dev/${name}`)) table.add({ host: `/dev/${name}`, guest: `/dev/${name}`, readOnly: false, device: true });
  for (const [name, target] of Object.entries(DEVICE_LINKS)) table.addLink(`/dev/${name}`, target);
  if (!directories.some(({ guest }) => guest === '/tmp')) table.add({ ...temporary, guest: '/tmp', readOnly: false });
  return table;
}
