import type { LinuxProcess } from '../process.ts';
import { hostText } from './hostText.ts';
import { memoryInfo } from './memoryInfo.ts';
import { file, type ProcNode } from './node.ts';

/** /proc/cpuinfo: a paragraph a processor. */
function cpuInfo({ guest, host }: LinuxProcess): string {
  const { processors } = host.system();
  const facts = guest.linux.cpuInfo.map(([name, value]) => `${name}: ${value}\n`).join('');
  return Array.from({ length: processors }, (_, i) => `processor\t: ${i}\n${facts}\n`).join('');
}

/** What of /proc tells of the machine and must tell of the guest's. @returns undefined for what the host has right */
export function systemFile(process: LinuxProcess, path: string): ProcNode | undefined {
  const { release, guest, kernel } = process;
  switch (path) {
    case 'cpuinfo':
      return file(() => cpuInfo(process));
    case 'meminfo':
      return kernel.memoryLimit === undefined ? undefined : file(() => memoryInfo(kernel));
    case 'sys/kernel/arch':
      return file(() => `${guest.linux.machine}\n`);
    case 'sys/kernel/osrelease':
      return release === undefined ? undefined : file(() => `${release}\n`);
    case 'version':
      return release === undefined ? undefined : file(() => hostText(process, '/proc/version').replace(/^(Linux version )\S+/, `$1${release}`));
    default:
      return undefined;
  }
}
