import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import type { MappedRange } from '../memory/fileMappings.ts';
import type { LinuxProcess } from '../process.ts';
import { deviceMajor, deviceMinor } from '../structs.ts';

/** Column at which names begin. */
const NAME_COLUMN = 73;

const hex = (n: number): string => n.toString(16).padStart(8, '0');

function line({ start, end, prot, name, offset, device, inode, shared }: MappedRange): string {
  const rights = `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}${shared ? 's' : 'p'}`;
  const numbers = [deviceMajor(device), deviceMinor(device)].map((n) => n.toString(16).padStart(2, '0')).join(':');
  const facts = `${hex(start)}-${hex(end)} ${rights} ${hex(offset)} ${numbers} ${inode}`;
  return name === '' ? `${facts} \n` : `${facts.padEnd(NAME_COLUMN)}${name}\n`;
}

/** /proc/PID/maps: one line a mapping. */
export const mapsText = (process: LinuxProcess): string => process.mappings.ranges().map(line).join('');

/** /proc/PID/smaps, as if all pages were in memory and nobody else had them. */
export function smapsText(process: LinuxProcess): string {
  return process.mappings
    .ranges()
    .map((range) => {
      const size = (range.end - range.start) / 1024;
      const resident = range.prot === 0 ? 0 : size;
      const isWritten = (range.prot & PROT_WRITE) !== 0;
      const sizes: readonly (readonly [string, number])[] = [
        ['Size', size],
        ['KernelPageSize', 4],
        ['MMUPageSize', 4],
        ['Rss', resident],
        ['Pss', resident],
        ['Shared_Clean', 0],
        ['Shared_Dirty', 0],
        ['Private_Clean', isWritten ? 0 : resident],
        ['Private_Dirty', isWritten ? resident : 0],
        ['Referenced', resident],
        ['Anonymous', range.name.startsWith('/') ? 0 : resident],
        ['Swap', 0],
        ['SwapPss', 0],
        ['Locked', 0],
      ];
      return line(range) + sizes.map(([name, kib]) => `${`${name}:`.padEnd(16)}${`${kib}`.padStart(8)} kB\n`).join('');
    })
    .join('');
}
