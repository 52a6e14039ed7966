import { decodeText, type LinuxProcess, PROT_EXEC, type TracedProcess } from '@everystep/core';

/** What a trace tells of the process that runs. */
export function tracedProcess({ process, tid }: { readonly process: LinuxProcess; readonly tid: number }, buildId: (path: string) => string): TracedProcess {
  return {
    pid: process.pid,
    tid,
    image: process.program,
    program: decodeText(process.programPath),
    mappings: () =>
      process.mappings
        .ranges()
        .filter(({ prot, inode }) => (prot & PROT_EXEC) !== 0 && inode !== 0n)
        .map(({ start, end, offset, name }) => ({ start, end, offset, path: name, buildId: buildId(name) })),
  };
}
