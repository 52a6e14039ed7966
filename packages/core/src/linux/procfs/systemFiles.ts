import type { ByteString } from '../byteString.ts';
import type { LinuxProcess } from '../process.ts';
import { hostText } from './hostText.ts';
import { memoryInfo } from './memoryInfo.ts';
import { fileSystems } from './mounts.ts';
import { file, link, type ProcEntry, type ProcNode, typeOf } from './node.ts';

/** /proc/cpuinfo: a paragraph a processor. */
function cpuInfo({ guest, host }: LinuxProcess): string {
  const { processors } = host.system();
  const facts = guest.linux.cpuInfo.map(([name, value]) => `${name}: ${value}\n`).join('');
  return Array.from({ length: processors }, (_, i) => `processor\t: ${i}\n${facts}\n`).join('');
}

/** /proc/loadavg; the last number is that of the newest process. */
function loads({ host, kernel }: LinuxProcess): string {
  const { processes } = kernel;
  const averages = host.system().loads.map((load) => load.toFixed(2));
  return `${averages.join(' ')} 1/${kernel.threadCount} ${Math.max(...processes.keys())}\n`;
}

function version({ host, release }: LinuxProcess): string {
  const system = host.system();
  return `Linux version ${release ?? system.release} ${system.version}\n`;
}

/** What of /proc tells of the machine and must tell of the guest's. */
function ownFile(process: LinuxProcess, path: string): ProcNode | undefined {
  const { release, guest, kernel, host } = process;
  switch (path) {
    case 'cpuinfo':
      return file(() => cpuInfo(process));
    case 'meminfo':
      return kernel.memoryLimit === undefined ? undefined : file(() => memoryInfo(kernel));
    case 'mounts':
      return host.mounts() === undefined ? undefined : link('self/mounts');
    case 'sys/kernel/arch':
      return file(() => `${guest.linux.machine}\n`);
    case 'sys/kernel/osrelease':
      return release === undefined ? undefined : file(() => `${release}\n`);
    default:
      return undefined;
  }
}

/** What stands for the host's file, where the guest does not see one. */
function substitute(process: LinuxProcess, path: string): ProcNode | undefined {
  const { host, kernel } = process;
  switch (path) {
    case 'filesystems':
      return file(() => fileSystems(host));
    case 'loadavg':
      return file(() => loads(process));
    case 'meminfo':
      return file(() => memoryInfo(kernel));
    case 'sys/kernel/osrelease':
      return file(() => `${host.system().release}\n`);
    case 'uptime':
      // Nobody knows how long the processors had nothing to do.
      return file(() => `${host.system().uptimeSeconds.toFixed(2)} 0.00\n`);
    case 'version':
      return file(() => version(process));
    default:
      return undefined;
  }
}

/** What of /proc is not a process's, by its path there. @returns undefined for what the host has right */
export function systemFile(process: LinuxProcess, path: string): ProcNode | undefined {
  const own = ownFile(process, path);
  if (own !== undefined) return own;
  const { host, release } = process;
  const onHost = `/proc/${path}` as ByteString;
  if (host.typeOf(onHost, true) === undefined) return substitute(process, path);
  if (path !== 'version' || release === undefined) return undefined;
  return file(() => hostText(process, onHost).replace(/^(Linux version )\S+/, `$1${release}`));
}

/** The files in /proc itself that the virtual kernel makes. */
export function madeSystemFiles(process: LinuxProcess): readonly ProcEntry[] {
  return ['cpuinfo', 'filesystems', 'loadavg', 'meminfo', 'mounts', 'uptime', 'version'].flatMap((name) => {
    const node = systemFile(process, name);
    return node === undefined ? [] : [{ name, type: typeOf(node) }];
  });
}
