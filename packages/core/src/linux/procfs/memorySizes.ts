import { PROT_EXEC, PROT_WRITE } from '../../engine/index.ts';
import type { LinuxProcess } from '../process.ts';

/** How much memory a process has, in bytes. */
export interface MemorySizes {
  readonly size: number;
  readonly resident: number;
  readonly shared: number;
  readonly code: number;
  readonly data: number;
  readonly stack: number;
  readonly library: number;
}

/** Sums of the process's mappings; pages count as resident if they can be used at all. */
export function memorySizes(process: LinuxProcess): MemorySizes {
  const sum = (ranges: readonly { readonly start: number; readonly end: number }[]): number => ranges.reduce((all, { start, end }) => all + (end - start), 0);
  const ranges = process.mappings.ranges();
  const code = ranges.filter(({ prot }) => (prot & PROT_EXEC) !== 0);
  return {
    size: sum(ranges),
    resident: sum(ranges.filter(({ prot }) => prot !== 0)),
    shared: sum(ranges.filter(({ prot, name }) => prot !== 0 && name.startsWith('/'))),
    code: sum(code.filter(({ name }) => name === process.programPath)),
    library: sum(code.filter(({ name }) => name !== process.programPath && name.startsWith('/'))),
    data: sum(ranges.filter(({ prot, shared }) => (prot & PROT_WRITE) !== 0 && !shared)),
    stack: sum(ranges.filter(({ name }) => name === '[stack]')),
  };
}
