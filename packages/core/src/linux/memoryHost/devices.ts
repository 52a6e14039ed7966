import { Errno, LinuxError } from '../errno.ts';

/** A device that is nothing but what reading and writing it does. */
export interface MemoryDevice {
  /** st_rdev */
  readonly number: bigint;
  read(into: Uint8Array): number;
  write(data: Uint8Array): number;
}

/** Major number of the devices that are memory, or random. */
const MEMORY_MAJOR = 1;

const device = (minor: number, read: MemoryDevice['read'], write: MemoryDevice['write'] = (data) => data.length): MemoryDevice => ({
  number: BigInt((MEMORY_MAJOR << 8) | minor),
  read,
  write,
});

function zeros(into: Uint8Array): number {
  into.fill(0);
  return into.length;
}

function noRoom(): never {
  throw new LinuxError(Errno.ENOSPC);
}

/** The devices of /dev that every program expects, by name. */
export function standardDevices(random: (into: Uint8Array) => void): ReadonlyMap<string, MemoryDevice> {
  const randomly = (into: Uint8Array): number => {
    random(into);
    return into.length;
  };
  return new Map([
    ['null', device(3, () => 0)],
    ['zero', device(5, zeros)],
    ['full', device(7, zeros, noRoom)],
    ['random', device(8, randomly)],
    ['urandom', device(9, randomly)],
  ]);
}
