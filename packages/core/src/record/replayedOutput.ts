import type { Replayer, ReplayObserver } from './replayer.ts';

/** What a system call wrote to the run's standard output or error, or a part of it. */
export interface ReplayedOutput {
  /** 1: standard output; 2: standard error. */
  readonly stream: number;
  /** Of the instruction that made the call. */
  readonly step: number;
  readonly length: number;
  /** What it wrote, taken from the guest's memory; undefined: the call (sendfile, splice) took it from elsewhere. */
  readonly bytes: Uint8Array | undefined;
}

/** Calls with the bytes' address and count, or with a list of both, as arguments 1 and 2. */
const PLAIN: ReadonlySet<string> = new Set(['write', 'pwrite64', 'sendto']);
const GATHERING: ReadonlySet<string> = new Set(['writev', 'pwritev', 'pwritev2']);
/** Bytes of an entry of such a list: address and length. */
const VECTOR = 16;

/** Tells of a replay's output, write by write. @param told is told of each when registers and memory are as the call found them */
export function outputObserver(replayer: Replayer, told: (output: ReplayedOutput) => void): ReplayObserver {
  let name: string | undefined;
  let args: readonly bigint[] = [];
  /** Bytes of the call that have been told. */
  let done = 0;
  return {
    enterCall(number) {
      const { cpu, guest } = replayer.machine;
      name = guest.linux.syscalls.get(number);
      args = guest.linux.syscallArguments.map((register) => cpu.getByName(register));
      done = 0;
    },
    output(stream, length) {
      told({ stream, step: replayer.steps - 1, length, bytes: writtenBytes(replayer, name ?? '', args, done, length) });
      done += length;
    },
  };
}

/** The bytes from number `from` on that a call has written. */
function writtenBytes({ machine: { space } }: Replayer, name: string, args: readonly bigint[], from: number, length: number): Uint8Array | undefined {
  const [, address, count] = args.map(Number);
  if (PLAIN.has(name)) return space.kernelRead(address + from, length);
  if (!GATHERING.has(name)) return undefined;
  const bytes = new Uint8Array(length);
  let passed = 0;
  for (let i = 0; i < count && passed < from + length; i++) {
    const vector = space.kernelRead(address + i * VECTOR, VECTOR);
    if (vector === undefined) return undefined;
    const view = new DataView(vector.buffer, vector.byteOffset);
    const [start, size] = [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))];
    const [first, end] = [Math.max(passed, from), Math.min(passed + size, from + length)];
    if (end > first) {
      const part = space.kernelRead(start + first - passed, end - first);
      if (part === undefined) return undefined;
      bytes.set(part, first - from);
    }
    passed += size;
  }
  return bytes;
}
