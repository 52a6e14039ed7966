import { type ByteString, bytesOf } from './byteString.ts';
import type { HostFileSystemStat, HostStat, HostSystem, HostUsage, TerminalSettings } from './host.ts';

/** Nanoseconds of a second. */
export const SECOND = 1_000_000_000n;

/** Writes a C structure field after field, little-endian. */
export class StructWriter {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  u8(value: number): this {
    this.view.setUint8(this.at, value);
    this.at += 1;
    return this;
  }

  u16(value: number): this {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
    return this;
  }

  u32(value: number): this {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
    return this;
  }

  u64(value: bigint | number): this {
    this.view.setBigUint64(this.at, BigInt.asUintN(64, BigInt(value)), true);
    this.at += 8;
    return this;
  }

  raw(data: Uint8Array): this {
    this.bytes.set(data, this.at);
    this.at += data.length;
    return this;
  }

  skip(bytes: number): this {
    this.at += bytes;
    return this;
  }
}

/** An array of 64-bit numbers. */
export function longs(...values: readonly (bigint | number)[]): Uint8Array {
  const w = new StructWriter(8 * values.length);
  for (const value of values) w.u64(value);
  return w.bytes;
}

/** An array of 32-bit numbers. */
export function words(...values: readonly number[]): Uint8Array {
  const w = new StructWriter(4 * values.length);
  for (const value of values) w.u32(value);
  return w.bytes;
}

/** Seconds, rounded down, and the nanoseconds beyond. */
function splitTime(nanoseconds: bigint): readonly [seconds: bigint, rest: bigint] {
  const seconds = nanoseconds / SECOND;
  const rest = nanoseconds - seconds * SECOND;
  return rest < 0n ? [seconds - 1n, rest + SECOND] : [seconds, rest];
}

/** Two words of 64 bits, of which the second is below 2^32: a third of the time of a StructWriter. Go's compiler asks for the time 228,000 times. */
function timeWords(seconds: number, rest: number): Uint8Array {
  const bytes = new Uint8Array(16);
  putWord(bytes, 0, seconds);
  putWord(bytes, 4, Math.floor(seconds / 2 ** 32));
  putWord(bytes, 8, rest);
  return bytes;
}

/** Puts the number's lower 32 bits at `at`. */
function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** struct timespec. */
export function timespec(nanoseconds: bigint): Uint8Array {
  const [seconds, rest] = splitTime(nanoseconds);
  return timeWords(Number(seconds), Number(rest));
}

/** struct timeval. */
export function timeval(nanoseconds: bigint): Uint8Array {
  const [seconds, rest] = splitTime(nanoseconds);
  return timeWords(Number(seconds), Math.floor(Number(rest) / 1000));
}

/** struct stat (include/uapi/asm-generic/stat.h). */
export function stat(s: HostStat): Uint8Array {
  const w = new StructWriter(128).u64(s.device).u64(s.inode).u32(s.mode).u32(s.links).u32(s.uid).u32(s.gid).u64(s.rdev).u64(0);
  w.u64(s.size).u32(s.blockSize).u32(0).u64(s.blocks);
  return w.raw(timespec(s.accessTime)).raw(timespec(s.modifyTime)).raw(timespec(s.changeTime)).bytes;
}

/** Linux's dev_t keeps 12 + 20 bits of the major and 8 + 24 bits of the minor number in turn. */
export const deviceMajor = (device: bigint): number => Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n));
export const deviceMinor = (device: bigint): number => Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n));

/** STATX_BASIC_STATS and STATX_BTIME. */
const STATX_MASK = 0xfff;

/** struct statx (include/uapi/linux/stat.h). */
export function statx(s: HostStat): Uint8Array {
  const w = new StructWriter(256).u32(STATX_MASK).u32(s.blockSize).u64(0).u32(s.links).u32(s.uid).u32(s.gid).u16(s.mode).u16(0);
  w.u64(s.inode).u64(s.size).u64(s.blocks).u64(0);
  for (const time of [s.accessTime, s.birthTime, s.changeTime, s.modifyTime]) {
    const [seconds, rest] = splitTime(time);
    w.u64(seconds).u32(Number(rest)).u32(0);
  }
  return w.u32(deviceMajor(s.rdev)).u32(deviceMinor(s.rdev)).u32(deviceMajor(s.device)).u32(deviceMinor(s.device)).bytes;
}

/** Longest name in a directory. */
const NAME_LIMIT = 255;
/** Bits of f_flags: it is told at all, and nothing can be written. */
const ST_VALID = 0x20;
const ST_RDONLY = 1;

/** struct statfs (include/uapi/asm-generic/statfs.h). */
export function statfs(s: HostFileSystemStat): Uint8Array {
  const w = new StructWriter(120).u64(s.type).u64(s.blockSize).u64(s.blocks).u64(s.blocksFree).u64(s.blocksAvailable);
  return w
    .u64(s.files)
    .u64(s.filesFree)
    .u64(0)
    .u64(NAME_LIMIT)
    .u64(s.blockSize)
    .u64(ST_VALID | (s.readOnly ? ST_RDONLY : 0)).bytes;
}

/** struct linux_dirent64, padded to a multiple of 8. */
export function dirent64(inode: bigint, next: number, type: number, name: ByteString): Uint8Array {
  const length = (19 + name.length + 1 + 7) & -8;
  return new StructWriter(length).u64(inode).u64(next).u16(length).u8(type).raw(bytesOf(name)).bytes;
}

/** struct new_utsname: six names of 65 bytes. */
export function utsname(names: readonly ByteString[]): Uint8Array {
  const w = new StructWriter(6 * 65);
  for (const name of names) w.raw(bytesOf(name).subarray(0, 64)).skip(65 - Math.min(name.length, 64));
  return w.bytes;
}

/** struct sysinfo; loads are fixed-point numbers with 16 bits behind the point. */
export function sysinfo(s: HostSystem): Uint8Array {
  const w = new StructWriter(112).u64(Math.floor(s.uptimeSeconds));
  for (const load of s.loads) w.u64(Math.floor(load * 65536));
  w.u64(s.totalMemory).u64(s.freeMemory).u64(0).u64(s.bufferMemory).u64(s.totalSwap).u64(s.freeSwap);
  return w.u16(s.processes).skip(6).u64(0).u64(0).u32(1).bytes;
}

/** struct rusage. */
export function rusage(u: HostUsage): Uint8Array {
  const w = new StructWriter(144).raw(timeval(BigInt(u.userTime) * 1000n)).raw(timeval(BigInt(u.systemTime) * 1000n));
  w.u64(u.maxResidentSize).skip(24).u64(u.minorFaults).u64(u.majorFaults).u64(0).u64(u.blocksIn).u64(u.blocksOut);
  return w.skip(24).u64(u.voluntarySwitches).u64(u.involuntarySwitches).bytes;
}

export const TERMIOS_SIZE = 36;
const CONTROL_CHARACTERS = 19;

/** struct termios as the kernel has it (include/uapi/asm-generic/termbits.h). */
export function termios(t: TerminalSettings): Uint8Array {
  const w = new StructWriter(TERMIOS_SIZE).u32(t.inputFlags).u32(t.outputFlags).u32(t.controlFlags).u32(t.localFlags).u8(0);
  return w.raw(t.controlCharacters.subarray(0, CONTROL_CHARACTERS)).bytes;
}

export function readTermios(bytes: Uint8Array): TerminalSettings {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    inputFlags: view.getUint32(0, true),
    outputFlags: view.getUint32(4, true),
    controlFlags: view.getUint32(8, true),
    localFlags: view.getUint32(12, true),
    controlCharacters: bytes.slice(17, 17 + CONTROL_CHARACTERS),
  };
}
