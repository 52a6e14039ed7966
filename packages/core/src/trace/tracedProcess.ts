import { decodeText, type LinuxProcess } from '../linux/index.ts';
import type { TracedProcess } from './codeMappings.ts';

/** What a trace tells of the process that runs. @param buildId of the file with this path, in hexadecimal; empty where it has none */
export function tracedProcess({ process, tid }: { readonly process: LinuxProcess; readonly tid: number }, buildId: (path: string) => string): TracedProcess {
  return {
    pid: process.pid,
    tid,
    image: process.program,
    program: decodeText(process.programPath),
    mappings: () =>
      process.mappings
        .ranges()
        .filter(({ inode }) => inode !== 0n)
        .map(({ start, end, offset, name }) => ({ start, end, offset, path: name, buildId: buildId(name) })),
  };
}

/** System calls after which a process may have other code in memory. */
export const REMAPPING_CALLS: ReadonlySet<string> = new Set(['mmap', 'munmap', 'mprotect', 'mremap', 'shmat', 'shmdt', 'execve', 'execveat']);
