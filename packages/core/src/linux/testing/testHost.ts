import { ascii, byteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostHandle, HostNetwork, HostSystem, HostUsage, TerminalSettings } from '../host.ts';
import type { MemoryTerminal, StandardStreams, Surroundings } from '../memoryHost/index.ts';
import { MemoryHost } from '../memoryHost/index.ts';

/** What surrounds the files of a test: a clock that moves when it is looked at, and streams that the test fills and reads. */
class TestSurroundings implements Surroundings {
  time = 1_600_000_000_000_000_000n;
  input = new Uint8Array(0);
  output = '';
  slept = 0n;
  readonly kills: (readonly [pid: number, signal: number])[] = [];
  terminal: MemoryTerminal | undefined;
  network: HostNetwork | undefined;
  readonly identity = { pid: 4242, parentPid: 4241, processGroup: 4242, session: 4200, groups: [4, 24, 1000] };
  readonly system: Partial<HostSystem> = {
    ...{ nodeName: 'memory', version: '#1', processors: 2, uptimeSeconds: 12.5, loads: [0.5, 1, 1.5], processes: 3 },
    ...{ totalMemory: 2 ** 33, freeMemory: 2 ** 32, bufferMemory: 4096 },
  };
  readonly limits = new Map([
    [3, [8388608n, -1n]],
    [7, [1024n, 4096n]],
  ] as const);

  readonly streams: StandardStreams = {
    read: (into) => {
      const part = this.input.subarray(0, into.length);
      into.set(part);
      this.input = this.input.slice(part.length);
      return part.length;
    },
    write: (_handle: HostHandle, data) => {
      this.output += byteString(data);
      return data.length;
    },
    readable: (timeout) => {
      if (this.input.length === 0) this.sleep(timeout ?? 0n);
      return this.input.length;
    },
  };

  realTime(): bigint {
    this.time += 1000n;
    return this.time;
  }

  monotonicTime(): bigint {
    return this.realTime() - 1_500_000_000_000_000_000n;
  }

  sleep(nanoseconds: bigint): void {
    this.slept += nanoseconds;
    this.time += nanoseconds;
  }

  random(into: Uint8Array): void {
    into.fill(0x5a);
  }

  usage(): HostUsage {
    const counts = { maxResidentSize: 1000, minorFaults: 5, majorFaults: 1, blocksIn: 2, blocksOut: 3, voluntarySwitches: 7, involuntarySwitches: 8 };
    return { userTime: 2_500_000, systemTime: 250_000, ...counts };
  }

  kill(pid: number, signal: number): void {
    if (pid === 1) throw new LinuxError(Errno.EPERM);
    this.kills.push([pid, signal]);
  }
}

/** A host in memory whose surroundings a test plays. Everything belongs to user 1000. */
export class TestHost extends MemoryHost {
  private readonly played: TestSurroundings;

  constructor() {
    const played = new TestSurroundings();
    super(played, { directory: '/tmp', device: 0x805n });
    this.played = played;
  }

  /** What is still to be read from standard input. */
  get input(): Uint8Array<ArrayBuffer> {
    return this.played.input;
  }

  set input(bytes: Uint8Array<ArrayBuffer>) {
    this.played.input = bytes;
  }

  /** What was written to standard output and error. */
  get output(): string {
    return this.played.output;
  }

  /** Time slept, in nanoseconds. */
  get slept(): bigint {
    return this.played.slept;
  }

  /** Signals sent to other processes. */
  get kills(): readonly (readonly [pid: number, signal: number])[] {
    return this.played.kills;
  }

  /** Settings of the terminal that the standard streams are; undefined: they are pipes. */
  get terminal(): TerminalSettings | undefined {
    return this.played.terminal?.settings;
  }

  set terminal(settings: TerminalSettings | undefined) {
    this.played.terminal = settings && { settings, size: { rows: 24, columns: 80 } };
  }

  override get network(): HostNetwork | undefined {
    return this.played.network;
  }

  override set network(network: HostNetwork | undefined) {
    this.played.network = network;
  }

  /** A file's contents, one character a byte. */
  contents(path: string): string {
    return byteString(this.readFile(ascii(path)));
  }
}
