import { type ByteString, encodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { fileLimit, LIMITS, MOST_FILES, RLIMIT_CPU, RLIMIT_NOFILE } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { watchCpu } from '../processLimits.ts';
import { longs, sysinfo, utsname, words } from '../structs.ts';
import { systemMemory } from '../systemMemory.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

const GRND_KNOWN = 7;

/** Longest piece that getrandom makes at a time. */
const RANDOM_STEP = 65536;

/** The process, or one of its threads, that a call names; 0 is the caller. @throws LinuxError ESRCH */
export function processOf(process: LinuxProcess, pid: number): LinuxProcess {
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
  if (resource === RLIMIT_NOFILE && hard > BigInt(MOST_FILES)) throw new LinuxError(Errno.EPERM);
  target.limits.set(resource, [soft, hard]);
  if (resource === RLIMIT_CPU) watchCpu(target);
  if (resource === RLIMIT_NOFILE) target.files.limit = fileLimit(target.limits);
}

function uname(process: LinuxProcess): ByteString[] {
  const system = process.host.system();
  return ['Linux', system.nodeName, process.release ?? system.release, system.version, process.guest.linux.machine, system.domainName].map(encodeText);
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
    const { host, kernel } = process;
    process.write(at, sysinfo({ ...host.system(), ...systemMemory(kernel) }));
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

  row('getrandom', [address, size, unsigned], (process, at, length, flags) => {
    if ((flags & ~GRND_KNOWN) !== 0) throw new LinuxError(Errno.EINVAL);
    const bytes = new Uint8Array(Math.min(length, 32 * 1024 * 1024));
    for (let done = 0; done < bytes.length; done += RANDOM_STEP) process.randomBytes(bytes.subarray(done, done + RANDOM_STEP));
    process.write(at, bytes);
    return bytes.length;
  }),
];
