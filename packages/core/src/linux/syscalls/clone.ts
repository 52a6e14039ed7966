import { Errno, LinuxError } from '../errno.ts';
import { Thread } from '../kernel/thread.ts';
import { Blocked } from '../kernel/waiting.ts';
import { limitOf, RLIMIT_CPU } from '../limits.ts';
import type { LinuxProcess } from '../process.ts';
import { checkTasks, watchCpu } from '../processLimits.ts';
import { words } from '../structs.ts';
import { address, int, long, size } from './arguments.ts';
import { row, type SyscallResult, type SyscallRow } from './row.ts';
import { Clock, clockTime } from './time.ts';

/** CLONE_* (include/uapi/linux/sched.h). */
const Clone = {
  signalMask: 0xffn,
  memory: 0x100n,
  files: 0x400n,
  signalHandlers: 0x800n,
  pidfd: 0x1000n,
  vfork: 0x4000n,
  parent: 0x8000n,
  thread: 0x1_0000n,
  setTls: 0x8_0000n,
  parentSetTid: 0x10_0000n,
  childClearTid: 0x20_0000n,
  childSetTid: 0x100_0000n,
  /** Namespaces, which there are none of. */
  namespaces: 0x7e02_0080n,
} as const;

/** Sizes that struct clone_args has had; the first is the least. */
const CLONE_ARGS_SIZE = 64;

interface CloneRequest {
  /** Without the signal. */
  readonly flags: bigint;
  readonly exitSignal: number;
  /** Stack pointer of the new thread; 0: that of the caller. */
  readonly stack: number;
  readonly parentTid: number;
  readonly childTid: number;
  readonly tls: bigint;
}

/** Puts a value into a register among saved ones. */
function setSaved(process: LinuxProcess, saved: Uint8Array, name: string, value: bigint): void {
  const { offset } = process.cpu.layout.get(name);
  new DataView(saved.buffer, saved.byteOffset).setBigUint64(offset, BigInt.asUintN(64, value), true);
}

function clone(process: LinuxProcess, request: CloneRequest): SyscallResult {
  const { kernel, cpu, guest } = process;
  const { flags } = request;
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const isThread = has(Clone.thread);
  if (isThread && !(has(Clone.signalHandlers) && has(Clone.memory))) throw new LinuxError(Errno.EINVAL);
  if (has(Clone.signalHandlers) && !has(Clone.memory)) throw new LinuxError(Errno.EINVAL);
  if (has(Clone.namespaces)) throw new LinuxError(Errno.EPERM);
  if (has(Clone.pidfd)) throw new LinuxError(Errno.EINVAL);
  checkTasks(process, !isThread);
  const tid = kernel.nextId();
  if (has(Clone.parentSetTid)) process.write(request.parentTid, words(tid));
  const caller = process.thread;
  const child = isThread
    ? process
    : process.fork({
        pid: tid,
        image: has(Clone.memory) ? process.image.share() : process.image.fork(kernel.machine),
        files: has(Clone.files) ? process.files.share() : process.files.copy(),
        exitSignal: request.exitSignal,
        sharesHandlers: has(Clone.signalHandlers),
      });
  const saved = cpu.save();
  setSaved(process, saved, guest.linux.syscallResult, 0n);
  if (request.stack !== 0) setSaved(process, saved, guest.roles.stackPointer, BigInt(request.stack));
  if (has(Clone.setTls)) setSaved(process, saved, guest.roles.threadPointer, request.tls);
  const thread = new Thread(kernel, child, tid, { saved, pc: kernel.machine.pc });
  thread.signals.inherit(caller.signals, !has(Clone.memory) || has(Clone.vfork));
  if (has(Clone.childSetTid)) child.space.kernelWrite(request.childTid, words(tid));
  if (has(Clone.childClearTid)) thread.clearChildTid = request.childTid;
  kernel.addThread(thread);
  if (!isThread && limitOf(process.limits, RLIMIT_CPU) !== undefined) watchCpu(child, clockTime(process, Clock.processCpu));
  if (!has(Clone.vfork) || isThread) return tid;
  child.vforkParent = caller;
  kernel.setAside(caller, 'suspended');
  return tid;
}

function clone3(process: LinuxProcess, at: number, length: number): SyscallResult {
  if (length < CLONE_ARGS_SIZE) throw new LinuxError(Errno.EINVAL);
  if (length > 4096) throw new LinuxError(Errno.E2BIG);
  const view = process.view(at, length);
  // flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup
  const field = (i: number): bigint => (8 * i + 8 <= length ? view.getBigUint64(8 * i, true) : 0n);
  for (let i = 8; 8 * i + 8 <= length; i++) if (field(i) !== 0n) throw new LinuxError(i > 10 ? Errno.E2BIG : Errno.EINVAL);
  if ((field(0) & Clone.signalMask) !== 0n || field(4) > 64n) throw new LinuxError(Errno.EINVAL);
  if ((field(5) === 0n) !== (field(6) === 0n)) throw new LinuxError(Errno.EINVAL);
  return clone(process, {
    flags: field(0),
    exitSignal: Number(field(4)),
    stack: Number(field(5) + field(6)),
    parentTid: Number(field(3)),
    childTid: Number(field(2)),
    tls: field(7),
  });
}

// Waiting for children

const WNOHANG = 1;
const WUNTRACED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
const WNOWAIT = 0x100_0000;
/** __WNOTHREAD, __WALL and __WCLONE ask for what is so anyway. */
const WAIT4_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED | 0xe000_0000;

const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;

/** Signals that leave a core file behind, if the shell's limits let them. */
const SIGCHLD = 17;
const CLD_EXITED = 1;
const CLD_KILLED = 2;
const CLD_STOPPED = 5;
const CLD_CONTINUED = 6;

/** A change of a child that wait tells of. */
interface ChildChange {
  readonly child: LinuxProcess;
  /** si_code of siginfo, and its si_status. */
  readonly code: number;
  readonly status: number;
}

/** What a wait finds. @throws LinuxError ECHILD; Blocked */
function findChange(process: LinuxProcess, matches: (child: LinuxProcess) => boolean, options: number): ChildChange | undefined {
  const children = [...process.children].filter(matches);
  if (children.length === 0) throw new LinuxError(Errno.ECHILD);
  for (const child of children) {
    const { termination, stopSignal } = child;
    if (termination !== undefined && (options & WEXITED) !== 0) {
      if ((options & WNOWAIT) === 0) process.reap(child);
      return termination.kind === 'exit' ? { child, code: CLD_EXITED, status: termination.status } : { child, code: CLD_KILLED, status: termination.signal };
    }
    if (child.changeUntold === 'stopped' && (options & WUNTRACED) !== 0) {
      if ((options & WNOWAIT) === 0) child.changeUntold = undefined;
      return { child, code: CLD_STOPPED, status: stopSignal };
    }
    if (child.changeUntold === 'continued' && (options & WCONTINUED) !== 0) {
      if ((options & WNOWAIT) === 0) child.changeUntold = undefined;
      return { child, code: CLD_CONTINUED, status: 18 };
    }
  }
  if ((options & WNOHANG) !== 0) return undefined;
  throw new Blocked({ on: [process.childChanged] });
}

/** A status as wait4 tells it. */
function waitStatus({ code, status }: ChildChange): number {
  switch (code) {
    case CLD_EXITED:
      return (status & 0xff) << 8;
    case CLD_STOPPED:
      return (status << 8) | 0x7f;
    case CLD_CONTINUED:
      return 0xffff;
    default:
      return status;
  }
}

function wait4(process: LinuxProcess, pid: number, statusAt: number, options: number, usageAt: number): SyscallResult {
  if ((options & ~WAIT4_OPTIONS) !== 0) throw new LinuxError(Errno.EINVAL);
  const group = pid === 0 ? process.identity.processGroup : -pid;
  const matches = (child: LinuxProcess): boolean => pid === -1 || (pid > 0 ? child.pid === pid : child.identity.processGroup === group);
  const change = findChange(process, matches, (options & (WNOHANG | WUNTRACED | WCONTINUED)) | WEXITED);
  if (change === undefined) return 0;
  process.writeIfWanted(statusAt, words(waitStatus(change)));
  process.writeIfWanted(usageAt, new Uint8Array(144));
  return change.child.pid;
}

function waitid(process: LinuxProcess, type: number, id: number, infoAt: number, options: number, usageAt: number): SyscallResult {
  if ((options & (WEXITED | WUNTRACED | WCONTINUED)) === 0 || type < P_ALL || type > P_PGID) throw new LinuxError(Errno.EINVAL);
  const group = type === P_PGID && id === 0 ? process.identity.processGroup : id;
  const matches = (child: LinuxProcess): boolean => type === P_ALL || (type === P_PID ? child.pid === id : child.identity.processGroup === group);
  const change = findChange(process, matches, options);
  // si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status
  const info = new Uint8Array(128);
  if (change !== undefined) info.set(words(SIGCHLD, 0, change.code, 0, change.child.pid, change.child.identity.uid, change.status));
  process.writeIfWanted(infoAt, info);
  if (change !== undefined) process.writeIfWanted(usageAt, new Uint8Array(144));
  return 0;
}

export const cloneRows: readonly SyscallRow[] = [
  // arm64 and riscv: flags, stack, parent_tid, tls, child_tid
  row('clone', [long, address, address, long, address], (process, flags, stack, parentTid, tls, childTid) =>
    clone(process, { flags: flags & ~Clone.signalMask, exitSignal: Number(flags & Clone.signalMask), stack, parentTid, childTid, tls }),
  ),
  row('clone3', [address, size], clone3),
  row('exit', [int], (process, status) => {
    if (process.threads.length === 1) return process.terminate({ kind: 'exit', status: status & 0xff });
    process.endThread(process.thread);
    return 'ended';
  }),
  row('exit_group', [int], (process, status) => process.terminate({ kind: 'exit', status: status & 0xff })),
  row('wait4', [int, address, int, address], wait4),
  row('waitid', [int, int, address, int, address], waitid),
];
