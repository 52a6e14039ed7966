import { ascii, type ByteString, bytesOf, encodeText } from '../byteString.ts';
import { drawPointerKeys } from '../cpuRandom.ts';
import { Errno, LinuxError } from '../errno.ts';
import { fileLimit, LIMITS, RLIMIT_NOFILE } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { longs, sysinfo, utsname, words } from '../structs.ts';
import { address, int, long, pointerIn, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** prctl's options (include/uapi/linux/prctl.h). */
const Prctl = {
  getDumpable: 3,
  setDumpable: 4,
  getKeepCapabilities: 7,
  setKeepCapabilities: 8,
  setName: 15,
  getName: 16,
  getSeccomp: 21,
  setSeccomp: 22,
  setSecureBits: 28,
  setTimerSlack: 29,
  getTimerSlack: 30,
  setNoNewPrivileges: 38,
  getNoNewPrivileges: 39,
  resetPointerKeys: 54,
  setTaggedAddress: 55,
  getTaggedAddress: 56,
  setMemoryMergeName: 0x53564d41,
} as const;

/** Bytes of a thread's name, with its NUL. */
const NAME_SIZE = 16;

const GRND_KNOWN = 7;

/** Longest piece that getrandom makes at a time. */
const RANDOM_STEP = 65536;

/** The process, or one of its threads, that a call names; 0 is the caller. @throws LinuxError ESRCH */
function processOf(process: LinuxProcess, pid: number): LinuxProcess {
  if (pid === 0) return process;
  const { processes } = process.kernel;
  const found = processes.get(pid) ?? [...processes.values()].find(({ threads }) => threads.some(({ tid }) => tid === pid));
  if (found === undefined) throw new LinuxError(Errno.ESRCH);
  return found;
}

function setProcessGroup(process: LinuxProcess, pid: number, wish: number): number {
  const target = processOf(process, pid);
  if (wish < 0) throw new LinuxError(Errno.EINVAL);
  if (target !== process && target.parent !== process) throw new LinuxError(Errno.ESRCH);
  if (target.identity.session !== process.identity.session || target.identity.session === target.pid) throw new LinuxError(Errno.EPERM);
  const group = wish === 0 ? target.pid : wish;
  const isOther = group !== target.pid && ![...process.kernel.processes.values()].some(({ identity }) => identity.processGroup === group);
  if (isOther && group !== process.identity.processGroup) throw new LinuxError(Errno.EPERM);
  target.identity = { ...target.identity, processGroup: group };
  return 0;
}

function limit(process: LinuxProcess, resource: number): readonly [bigint, bigint] {
  if (resource < 0 || resource >= LIMITS) throw new LinuxError(Errno.EINVAL);
  const [soft, hard] = process.limits.get(resource) ?? [-1n, -1n];
  return [BigInt.asUintN(64, soft), BigInt.asUintN(64, hard)];
}

function setLimit(process: LinuxProcess, target: LinuxProcess, resource: number, at: number): void {
  const view = process.view(at, 16);
  const soft = view.getBigUint64(0, true);
  const hard = view.getBigUint64(8, true);
  if (soft > hard) throw new LinuxError(Errno.EINVAL);
  if (hard > limit(target, resource)[1] && process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EPERM);
  target.limits.set(resource, [soft, hard]);
  if (resource === RLIMIT_NOFILE) target.files.limit = fileLimit(target.limits);
}

function uname(process: LinuxProcess): ByteString[] {
  const system = process.host.system();
  return ['Linux', system.nodeName, process.release ?? system.release, system.version, process.guest.linux.machine, system.domainName].map(encodeText);
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
const WITHOUT_ARGUMENTS: readonly number[] = [Prctl.getTaggedAddress];
const WITH_ONE_ARGUMENT: readonly number[] = [Prctl.resetPointerKeys, Prctl.setTaggedAddress];

function prctl(process: LinuxProcess, option: number, argument: bigint, second: bigint, third: bigint, fourth: bigint, pointer: number): number {
  const more = [second, third, fourth];
  const unused = WITHOUT_ARGUMENTS.includes(option) ? [argument, ...more] : WITH_ONE_ARGUMENT.includes(option) ? more : [];
  if (unused.some((value) => value !== 0n)) throw new LinuxError(Errno.EINVAL);
  switch (option) {
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
      return 1;
    case Prctl.getTimerSlack:
      return 50_000;
    case Prctl.getKeepCapabilities:
    case Prctl.setDumpable:
    case Prctl.setKeepCapabilities:
    case Prctl.setTimerSlack:
      return 0;
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

/** The calls that ask or set who the process is; it can become only what it is. */
const setsSame =
  (current: (process: LinuxProcess) => readonly number[]) =>
  (process: LinuxProcess, ...wishes: readonly number[]): number => {
    for (const wish of wishes) if (wish !== 0xffff_ffff && !current(process).includes(wish)) throw new LinuxError(Errno.EPERM);
    return 0;
  };

const users = ({ identity }: LinuxProcess): readonly number[] => [identity.uid, identity.effectiveUid];
const groups = ({ identity }: LinuxProcess): readonly number[] => [identity.gid, identity.effectiveGid];

export const processRows: readonly SyscallRow[] = [
  row('getpid', [], ({ pid }) => pid),
  row('gettid', [], ({ thread }) => thread.tid),
  row('getppid', [], ({ identity }) => identity.parentPid),
  row('getuid', [], ({ identity }) => identity.uid),
  row('geteuid', [], ({ identity }) => identity.effectiveUid),
  row('getgid', [], ({ identity }) => identity.gid),
  row('getegid', [], ({ identity }) => identity.effectiveGid),

  row('getresuid', [address, address, address], (process, real, effective, saved) => {
    process.write(real, words(process.identity.uid));
    process.write(effective, words(process.identity.effectiveUid));
    process.write(saved, words(process.identity.effectiveUid));
    return 0;
  }),
  row('getresgid', [address, address, address], (process, real, effective, saved) => {
    process.write(real, words(process.identity.gid));
    process.write(effective, words(process.identity.effectiveGid));
    process.write(saved, words(process.identity.effectiveGid));
    return 0;
  }),
  row('setuid', [unsigned], setsSame(users)),
  row('setgid', [unsigned], setsSame(groups)),
  row('setreuid', [unsigned, unsigned], setsSame(users)),
  row('setregid', [unsigned, unsigned], setsSame(groups)),
  row('setresuid', [unsigned, unsigned, unsigned], setsSame(users)),
  row('setresgid', [unsigned, unsigned, unsigned], setsSame(groups)),
  // These two give the old one, whether they succeed or not.
  row('setfsuid', [unsigned], ({ identity }) => identity.effectiveUid),
  row('setfsgid', [unsigned], ({ identity }) => identity.effectiveGid),

  row('getgroups', [int, address], (process, count, list) => {
    const { groups: all } = process.identity;
    if (count < 0 || (count > 0 && count < all.length)) throw new LinuxError(Errno.EINVAL);
    if (count > 0) process.write(list, words(...all));
    return all.length;
  }),

  row('getpgid', [int], (process, pid) => processOf(process, pid).identity.processGroup),
  row('getsid', [int], (process, pid) => processOf(process, pid).identity.session),
  row('setpgid', [int, int], setProcessGroup),
  row('setsid', [], (process) => {
    const { pid } = process;
    for (const { identity } of process.kernel.processes.values()) if (identity.processGroup === pid) throw new LinuxError(Errno.EPERM);
    process.identity = { ...process.identity, processGroup: pid, session: pid };
    return pid;
  }),

  row('uname', [address], (process, at) => {
    process.write(at, utsname(uname(process)));
    return 0;
  }),

  row('sysinfo', [address], (process, at) => {
    process.write(at, sysinfo(process.host.system()));
    return 0;
  }),

  row('prlimit64', [int, int, address, address], (process, pid, resource, wish, old) => {
    const target = processOf(process, pid);
    const before = limit(target, resource);
    if (wish !== 0) setLimit(process, target, resource, wish);
    process.writeIfWanted(old, longs(...before));
    return 0;
  }),
  row('getrlimit', [int, address], (process, resource, at) => {
    process.write(at, longs(...limit(process, resource)));
    return 0;
  }),
  row('setrlimit', [int, address], (process, resource, at) => {
    limit(process, resource);
    setLimit(process, process, resource, at);
    return 0;
  }),

  row('sched_yield', [], () => 0),
  row('sched_getaffinity', [int, size, address], (process, pid, length, at) => {
    processOf(process, pid);
    const { processors } = process.host.system();
    // The kernel tells as many bytes as its own masks have: whole words.
    const bytes = 8 * Math.ceil(processors / 64);
    if (length % 8 !== 0 || length < bytes) throw new LinuxError(Errno.EINVAL);
    const mask = new Uint8Array(bytes);
    for (let i = 0; i < processors; i++) mask[i >> 3] |= 1 << (i & 7);
    process.write(at, mask);
    return bytes;
  }),
  row('sched_setaffinity', [int, size, address], (process, pid, length, at) => {
    processOf(process, pid);
    process.read(at, length);
    return 0;
  }),
  row('getcpu', [address, address], (process, processor, node) => {
    process.writeIfWanted(processor, words(0));
    process.writeIfWanted(node, words(0));
    return 0;
  }),
  row('getpriority', [int, int], (_process, which) => {
    if (which < 0 || which > 2) throw new LinuxError(Errno.EINVAL);
    // The kernel's form of nice value 0.
    return 20;
  }),
  row('setpriority', [int, int, int], (_process, which) => {
    if (which < 0 || which > 2) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('getrandom', [address, size, unsigned], (process, at, length, flags) => {
    if ((flags & ~GRND_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
    const bytes = new Uint8Array(Math.min(length, 32 * 1024 * 1024));
    for (let done = 0; done < bytes.length; done += RANDOM_STEP) process.randomBytes(bytes.subarray(done, done + RANDOM_STEP));
    process.write(at, bytes);
    return bytes.length;
  }),

  row('prctl', [int, long, long, long, long, pointerIn(1)], prctl),

  row('personality', [unsigned], () => 0),
];
