import type { AddressSpace } from '../../engine/index.ts';
import type { Register } from '../../ir/index.ts';
import type { Replayer, ReplayObserver } from '../replayer.ts';
import type { Probe } from './probes.ts';

/** A register's value, of the thread that runs; N Z C V in bits 3 to 0 of `flags`. */
export function registerValue({ machine: { cpu } }: Replayer, register: Register | 'flags'): bigint {
  return register === 'flags' ? BigInt(cpu.nzcv) : cpu.get(register);
}

/** Of what something was found that the kernel did. */
export interface Found {
  /** If it is not the process that runs. */
  readonly pid?: number;
  /** If it is not that of the process that runs. */
  readonly space?: AddressSpace;
}

/**
 * Finds what is looked for in what the kernel does.
 * @param add is told that it has been found
 * @param settle is called before registers change
 */
export function probeObserver(replayer: Replayer, probe: Probe, add: (found?: Found) => void, settle: () => void): ReplayObserver {
  switch (probe.kind) {
    case 'access':
      return probe.writes ? writeObserver(probe.address, probe.bytes, add) : {};
    case 'register':
      return registerObserver(replayer, probe.register, add, settle);
    case 'syscall':
      return { enterCall: (number) => void ((probe.number === undefined || probe.number === number) && add()) };
    case 'signal':
      return { signal: (pid, signal) => void ((probe.signal === undefined || probe.signal === signal) && add({ pid })) };
    case 'output':
      return { output: (stream) => void (stream === probe.stream && add()) };
    case 'thread':
      return { thread: (_, tid) => void (tid === probe.tid && add()) };
    default:
      return {};
  }
}

function writeObserver(from: number, length: number, add: (found?: Found) => void): ReplayObserver {
  return {
    wrote(space, address, bytes) {
      if (address < from + length && from < address + bytes) add({ space });
    },
  };
}

function registerObserver(replayer: Replayer, register: Register | 'flags', add: () => void, settle: () => void): ReplayObserver {
  let before: { readonly tid: number; readonly value: bigint } | undefined;
  return {
    beforeChanges() {
      settle();
      before = { tid: replayer.tid, value: registerValue(replayer, register) };
    },
    afterChanges() {
      if (before?.tid === replayer.tid && before.value !== registerValue(replayer, register)) add();
    },
  };
}
