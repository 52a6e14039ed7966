import type { MemoryPlace } from '../sharedHistory.ts';
import { type Probe, ProbeCall } from './probes.ts';

/** Something that was looked for, and where it was found. */
export interface Hit {
  /** Instructions completed before the one that did it: the state at `step` is the one before, at `step` + 1 the one behind. */
  readonly step: number;
  /** Of the instruction; of what the kernel did, where the thread went on. */
  readonly pc: number;
  readonly pid: number;
  readonly tid: number;
  /** `kernel`: a system call, or a signal's delivery, wrote the memory or register; the last four, too, come behind an instruction. */
  readonly kind: 'execute' | 'read' | 'write' | 'register' | 'call' | 'return' | 'kernel' | 'syscall' | 'signal' | 'output' | 'thread';
  /** Of an access: where the memory was then, if it was another process's, or at another address, than asked. */
  readonly memory?: MemoryPlace;
}

/** A write to the run's output. */
export interface OutputHit extends Hit {
  /** Number, in all that the stream got, of the first byte that it wrote. */
  readonly first: number;
  readonly length: number;
}

/** What is found by a callback of code, by the callback's number. */
export const KINDS: Readonly<Record<number, Hit['kind']>> = {
  [ProbeCall.execute]: 'execute',
  [ProbeCall.read]: 'read',
  [ProbeCall.write]: 'write',
  [ProbeCall.register]: 'register',
  [ProbeCall.call]: 'call',
  [ProbeCall.return]: 'return',
};
/** What the kernel does, and nobody else. */
export const KERNEL_KINDS: ReadonlySet<Hit['kind']> = new Set(['kernel', 'syscall', 'signal', 'output', 'thread']);
/** How what the kernel does is called in a hit, by what is looked for. */
export const kernelKind = ({ kind }: Probe): Hit['kind'] => (kind === 'access' || kind === 'register' ? 'kernel' : kind);
