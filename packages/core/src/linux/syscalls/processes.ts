import { ascii, type ByteString, bytesOf, encodeText } from '../byteString.ts';
import { drawPointerKeys } from '../cpuRandom.ts';
import { Errno, LinuxError } from '../errno.ts';
import { fileLimit, LIMITS, RLIMIT_NOFILE } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { longs, sysinfo, utsname, words } from '../structs.ts';
import { address, int, long, pointerIn, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';
import { Clock, clockTime, readTime } from './time.ts';

/** FUTEX_* operations, and the flags beside them. */
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_COMMAND_MASK = 0x7f;
const FUTEX_CLOCK_REALTIME = 0x100;

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

function checkOwn(process: LinuxProcess, pid: number): void {
  if (pid !== 0 && pid !== process.identity.pid) throw new LinuxError(Errno.ESRCH);
}

function limit(process: LinuxProcess, resource: number): readonly [bigint, bigint] {
  if (resource < 0 || resource >= LIMITS) throw new LinuxError(Errno.EINVAL);
  const [soft, hard] = process.limits.get(resource) ?? [-1n, -1n];
  return [BigInt.asUintN(64, soft), BigInt.asUintN(64, hard)];
}

function setLimit(process: LinuxProcess, resource: number, at: number): void {
  const view = process.view(at, 16);
  const soft = view.getBigUint64(0, true);
  const hard = view.getBigUint64(8, true);
  if (soft > hard) throw new LinuxError(Errno.EINVAL);
  if (hard > limit(process, resource)[1] && process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EPERM);
  process.limits.set(resource, [soft, hard]);
  if (resource === RLIMIT_NOFILE) process.files.limit = fileLimit(process.limits);
}

function uname(process: LinuxProcess): ByteString[] {
  const system = process.host.system();
  return ['Linux', system.nodeName, process.release ?? system.release, system.version, process.guest.linux.machine, system.domainName].map(encodeText);
}

/**
 * With one thread, a futex that must be waited for is never woken: the time runs out, or, where Linux would wait for ever,
 * the call fails with EDEADLK.
 */
function futex(process: LinuxProcess, at: number, operation: number, value: number, timeout: number, _other: number, bits: number): number {
  const command = operation & FUTEX_COMMAND_MASK;
  const clock = (operation & FUTEX_CLOCK_REALTIME) === 0 ? Clock.monotonic : Clock.realTime;
  if (clock === Clock.realTime && command !== FUTEX_WAIT_BITSET) throw new LinuxError(Errno.ENOSYS);
  if ((command === FUTEX_WAIT_BITSET || command === FUTEX_WAKE_BITSET) && bits === 0) throw new LinuxError(Errno.EINVAL);
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      const end = timeout === 0 ? undefined : readTime(process, timeout);
      if (process.view(at, 4).getInt32(0, true) !== value) throw new LinuxError(Errno.EAGAIN);
      if (end === undefined) throw new LinuxError(Errno.EDEADLK);
      const duration = command === FUTEX_WAIT ? end : end - clockTime(process, clock);
      if (duration > 0n) process.host.sleep(duration);
      throw new LinuxError(Errno.ETIMEDOUT);
    }
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
    case FUTEX_WAKE_OP:
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      process.read(at, 4);
      return 0;
    default:
      throw new LinuxError(Errno.ENOSYS);
  }
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
  row('exit', [int], (process, status) => process.terminate({ kind: 'exit', status: status & 0xff })),
  row('exit_group', [int], (process, status) => process.terminate({ kind: 'exit', status: status & 0xff })),

  row('getpid', [], ({ identity }) => identity.pid),
  row('gettid', [], ({ identity }) => identity.pid),
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

  row('getpgid', [int], (process, pid) => {
    checkOwn(process, pid);
    return process.identity.processGroup;
  }),
  row('getsid', [int], (process, pid) => {
    checkOwn(process, pid);
    return process.identity.session;
  }),
  row('setpgid', [int, int], (process, pid, group) => {
    checkOwn(process, pid);
    checkOwn(process, group);
    return 0;
  }),
  row('setsid', [], ({ identity }) => identity.pid),

  row('uname', [address], (process, at) => {
    process.write(at, utsname(uname(process)));
    return 0;
  }),

  row('sysinfo', [address], (process, at) => {
    process.write(at, sysinfo(process.host.system()));
    return 0;
  }),

  row('prlimit64', [int, int, address, address], (process, pid, resource, wish, old) => {
    checkOwn(process, pid);
    const before = limit(process, resource);
    if (wish !== 0) setLimit(process, resource, wish);
    process.writeIfWanted(old, longs(...before));
    return 0;
  }),
  row('getrlimit', [int, address], (process, resource, at) => {
    process.write(at, longs(...limit(process, resource)));
    return 0;
  }),
  row('setrlimit', [int, address], (process, resource, at) => {
    limit(process, resource);
    setLimit(process, resource, at);
    return 0;
  }),

  row('sched_yield', [], () => 0),
  row('sched_getaffinity', [int, size, address], (process, pid, length, at) => {
    checkOwn(process, pid);
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
    checkOwn(process, pid);
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

  row('set_tid_address', [address], ({ identity }) => identity.pid),
  // QEMU has neither, and tells it to nobody.
  row('set_robust_list', [], () => -Errno.ENOSYS),
  row('get_robust_list', [], () => -Errno.ENOSYS),
  row('futex', [address, int, int, address, address, int], futex),
  row('prctl', [int, long, long, long, long, pointerIn(1)], prctl),

  row('personality', [unsigned], () => 0),

  // There are no children as long as there is no clone.
  row('wait4', [int, address, int, address], (_process, _pid, _status, options) => {
    if ((options & ~0xe000_000b) !== 0) throw new LinuxError(Errno.EINVAL);
    throw new LinuxError(Errno.ECHILD);
  }),
  row('waitid', [int, int, address, int, address], () => {
    throw new LinuxError(Errno.ECHILD);
  }),
];
