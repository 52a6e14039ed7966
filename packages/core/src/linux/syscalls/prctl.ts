import { ascii, bytesOf } from '../byteString.ts';
import { drawPointerKeys } from '../cpuRandom.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { LAST_SIGNAL } from '../signals/index.ts';
import { longs, words } from '../structs.ts';
import { int, long, pointerIn, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** prctl's options (include/uapi/linux/prctl.h). */
const Prctl = {
  setParentDeathSignal: 1,
  getParentDeathSignal: 2,
  getDumpable: 3,
  setDumpable: 4,
  getKeepCapabilities: 7,
  setKeepCapabilities: 8,
  getTiming: 13,
  setTiming: 14,
  setName: 15,
  getName: 16,
  getSeccomp: 21,
  setSeccomp: 22,
  readBoundingCapability: 23,
  dropBoundingCapability: 24,
  getSecureBits: 27,
  setSecureBits: 28,
  setTimerSlack: 29,
  getTimerSlack: 30,
  setChildSubreaper: 36,
  getChildSubreaper: 37,
  setNoNewPrivileges: 38,
  getNoNewPrivileges: 39,
  getTidAddress: 40,
  setHugePages: 41,
  getHugePages: 42,
  ambientCapabilities: 47,
  getSpeculation: 52,
  resetPointerKeys: 54,
  setTaggedAddress: 55,
  getTaggedAddress: 56,
  setMemoryName: 0x53564d41,
} as const;

/** Bytes of a thread's name, with its NUL. */
const NAME_SIZE = 16;

/** The highest capability there is. */
const LAST_CAPABILITY = 40n;

/** PR_CAP_AMBIENT_RAISE, and the last of its kind: nothing is ever ambient. */
const AMBIENT_RAISE = 2n;
const AMBIENT_CLEAR_ALL = 4n;

/** In nanoseconds. */
const DEFAULT_SLACK = 50_000n;

/** @throws LinuxError EINVAL for what is neither 0 nor 1 */
function isSwitchedOn(argument: bigint): boolean {
  if (argument > 1n) throw new LinuxError(Errno.EINVAL);
  return argument === 1n;
}

/** PR_PAC_RESET_KEYS: bit n names key n, 0 all of them. */
function resetPointerKeys(process: LinuxProcess, wish: bigint): number {
  const { pointerKeys } = process.guest.linux;
  const all = (1n << BigInt(pointerKeys.length)) - 1n;
  if (pointerKeys.length === 0 || (wish & ~all) !== 0n) throw new LinuxError(Errno.EINVAL);
  const selected = wish === 0n ? all : wish;
  drawPointerKeys(
    process.cpu,
    pointerKeys.filter((_, i) => ((selected >> BigInt(i)) & 1n) !== 0n),
    process.cpuRandom,
  );
  return 0;
}

/** The options whose further arguments must be 0. */
const WITHOUT_ARGUMENTS: readonly number[] = [Prctl.getTaggedAddress, Prctl.getNoNewPrivileges, Prctl.getHugePages];
const WITH_ONE_ARGUMENT: readonly number[] = [Prctl.resetPointerKeys, Prctl.setTaggedAddress, Prctl.setNoNewPrivileges];

function prctl(process: LinuxProcess, option: number, argument: bigint, second: bigint, third: bigint, fourth: bigint, pointer: number): number {
  const more = [second, third, fourth];
  const unused = WITHOUT_ARGUMENTS.includes(option) ? [argument, ...more] : WITH_ONE_ARGUMENT.includes(option) ? more : [];
  if (unused.some((value) => value !== 0n)) throw new LinuxError(Errno.EINVAL);
  const { attributes } = process;
  switch (option) {
    case Prctl.setParentDeathSignal:
      if (argument > BigInt(LAST_SIGNAL)) throw new LinuxError(Errno.EINVAL);
      attributes.parentDeathSignal = Number(argument);
      return 0;
    case Prctl.getParentDeathSignal:
      process.write(pointer, words(attributes.parentDeathSignal));
      return 0;
    case Prctl.setName: {
      const name = process.space.kernelReadString(pointer, NAME_SIZE - 1) ?? process.read(pointer, NAME_SIZE - 1);
      process.threadName = ascii(String.fromCharCode(...name));
      return 0;
    }
    case Prctl.getName: {
      const name = new Uint8Array(NAME_SIZE);
      name.set(bytesOf(process.threadName));
      process.write(pointer, name);
      return 0;
    }
    case Prctl.getDumpable:
      return attributes.dumpable ? 1 : 0;
    case Prctl.setDumpable:
      attributes.dumpable = isSwitchedOn(argument);
      return 0;
    case Prctl.getKeepCapabilities:
      return attributes.keepsCapabilities ? 1 : 0;
    case Prctl.setKeepCapabilities:
      attributes.keepsCapabilities = isSwitchedOn(argument);
      return 0;
    case Prctl.getTimerSlack:
      return Number(attributes.timerSlack);
    case Prctl.setTimerSlack:
      attributes.timerSlack = argument === 0n ? DEFAULT_SLACK : argument;
      return 0;
    case Prctl.getTiming:
    case Prctl.getSecureBits:
    case Prctl.setHugePages:
    case Prctl.getHugePages:
    case Prctl.getSpeculation:
      return 0;
    case Prctl.setTiming:
      if (argument !== 0n) throw new LinuxError(Errno.EINVAL);
      return 0;
    case Prctl.setSecureBits:
    case Prctl.dropBoundingCapability:
      throw new LinuxError(Errno.EPERM);
    case Prctl.readBoundingCapability:
      if (argument > LAST_CAPABILITY) throw new LinuxError(Errno.EINVAL);
      return 1;
    case Prctl.ambientCapabilities:
      if (argument > AMBIENT_CLEAR_ALL || second > LAST_CAPABILITY) throw new LinuxError(Errno.EINVAL);
      if (argument === AMBIENT_RAISE) throw new LinuxError(Errno.EPERM);
      return 0;
    case Prctl.setChildSubreaper:
      attributes.adoptsOrphans = argument !== 0n;
      return 0;
    case Prctl.getChildSubreaper:
      process.write(pointer, words(attributes.adoptsOrphans ? 1 : 0));
      return 0;
    case Prctl.getTidAddress:
      process.write(pointer, longs(process.thread.clearChildTid));
      return 0;
    // Names of anonymous memory: a kernel built without them says so.
    case Prctl.setMemoryName:
      throw new LinuxError(Errno.EINVAL);
    case Prctl.setNoNewPrivileges:
      if (argument !== 1n) throw new LinuxError(Errno.EINVAL);
      process.noNewPrivileges = true;
      return 0;
    case Prctl.getNoNewPrivileges:
      return process.noNewPrivileges ? 1 : 0;
    case Prctl.getSeccomp:
    case Prctl.setSeccomp:
      throw new LinuxError(Errno.EINVAL);
    case Prctl.resetPointerKeys:
      return resetPointerKeys(process, argument);
    case Prctl.setTaggedAddress:
      if ((argument & ~1n) !== 0n) throw new LinuxError(Errno.EINVAL);
      process.given.tagged = argument === 1n;
      return 0;
    case Prctl.getTaggedAddress:
      return process.given.tagged ? 1 : 0;
    default:
      process.unimplemented(`Unsupported prctl: ${option}`);
      throw new LinuxError(Errno.EINVAL);
  }
}

/** What a personality is asked for without being set. */
const ASK = 0xffff_ffff;

export const prctlRows: readonly SyscallRow[] = [
  row('prctl', [int, long, long, long, long, pointerIn(1)], prctl),

  row('personality', [unsigned], ({ attributes }, wish) => {
    const before = attributes.personality;
    if (wish !== ASK) attributes.personality = wish;
    return before;
  }),
];
