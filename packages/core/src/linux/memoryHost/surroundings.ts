import type { HostHandle, HostIdentity, HostLimits, HostNetwork, HostSystem, HostUsage, TerminalSettings } from '../host.ts';

/** Where standard input comes from, and output and errors go. */
export interface StandardStreams {
  /** Reads what is there. @returns bytes read; 0 at the end. @throws LinuxError EAGAIN where nothing is there yet */
  read(into: Uint8Array): number;
  /** Takes output. @param handle 1, or 2 for errors. @returns bytes taken */
  write(handle: HostHandle, data: Uint8Array): number;
  /** As Host.readable, of standard input. */
  readable(timeout: bigint | undefined): number | undefined;
}

/** The terminal that the standard streams are. */
export interface MemoryTerminal {
  settings: TerminalSettings;
  size: { readonly rows: number; readonly columns: number };
}

/** What a host has beside its files. */
export interface Surroundings {
  readonly streams: StandardStreams;
  /** undefined: the standard streams are pipes. */
  readonly terminal?: MemoryTerminal | undefined;
  readonly network?: HostNetwork | undefined;
  /** Nanoseconds since 1970. */
  realTime(): bigint;
  /** Nanoseconds since some moment, never going back. */
  monotonicTime(): bigint;
  sleep(nanoseconds: bigint): void;
  random(into: Uint8Array): void;
  readonly identity?: Partial<HostIdentity>;
  readonly system?: Partial<HostSystem>;
  readonly limits?: HostLimits;
  usage?(): HostUsage;
  /** Sends a signal to somebody who is no guest; without, there is nobody. @throws LinuxError */
  kill?(pid: number, signal: number): void;
}

const IDENTITY: HostIdentity = {
  pid: 2,
  parentPid: 1,
  processGroup: 2,
  session: 2,
  uid: 1000,
  effectiveUid: 1000,
  gid: 1000,
  effectiveGid: 1000,
  groups: [1000],
  nice: 0,
};

const MEMORY = { totalMemory: 2 ** 32, freeMemory: 2 ** 31, bufferMemory: 0, totalSwap: 0, freeSwap: 0 };
const SYSTEM: HostSystem = {
  ...{ nodeName: 'everystep', release: '6.1.0', version: '#1 SMP', domainName: '(none)' },
  ...{ processors: 1, uptimeSeconds: 0, loads: [0, 0, 0], processes: 1 },
  ...MEMORY,
};

const NO_USAGE: HostUsage = {
  ...{ userTime: 0, systemTime: 0, maxResidentSize: 0, minorFaults: 0, majorFaults: 0 },
  ...{ blocksIn: 0, blocksOut: 0, voluntarySwitches: 0, involuntarySwitches: 0 },
};

export const identityOf = ({ identity }: Surroundings): HostIdentity => ({ ...IDENTITY, ...identity });
export const systemOf = ({ system }: Surroundings): HostSystem => ({ ...SYSTEM, ...system });
export const usageOf = (surroundings: Surroundings): HostUsage => surroundings.usage?.() ?? NO_USAGE;
