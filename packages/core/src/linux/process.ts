import type { AddressSpace, CpuState, Mapping } from '../engine/index.ts';
import { PROT_WRITE } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type ByteString, byteString } from './byteString.ts';
import type { FillRandom } from './cpuRandom.ts';
import { Errno, LinuxError } from './errno.ts';
import { FileTable } from './files/fileTable.ts';
import { HostFile } from './files/openFile.ts';
import { O } from './files/openFlags.ts';
import { PATH_LIMIT, PathLookup } from './files/pathLookup.ts';
import { Sysroot } from './files/sysroot.ts';
import type { GuestRandom } from './guestRandom.ts';
import type { Host, HostIdentity, HostLimits } from './host.ts';
import type { HostProgram } from './kernel/hostProgram.ts';
import type { Image } from './kernel/image.ts';
import type { Kernel } from './kernel/kernel.ts';
import { releaseRobustList } from './kernel/robustList.ts';
import type { Thread } from './kernel/thread.ts';
import { WaitQueue } from './kernel/waiting.ts';
import { fileLimit, RLIMIT_STACK } from './limits.ts';
import type { LoadedProgram } from './loader/loadProgram.ts';
import type { FileMappings } from './memory/fileMappings.ts';
import type { ProcessMemory } from './memory/processMemory.ts';
import { ProcessAttributes } from './processAttributes.ts';
import {
  ProcessSignals,
  SIG_IGN,
  Signal,
  SignalCode,
  SignalFlag,
  type SignalInfo,
  type SignalSender,
  sendToProcess,
  sendToThread,
  wakeOrphan,
} from './signals/index.ts';
import { ProcessTimers } from './signals/timers.ts';
import { SyscallArguments } from './syscalls/arguments.ts';
import type { SyscallResult, SyscallRow } from './syscalls/row.ts';
import { createSyscallTable } from './syscalls/table.ts';

/** How a process ended. */
export type Termination =
  | { readonly kind: 'exit'; readonly status: number }
  /** Ended by a signal that it did not handle. */
  | { readonly kind: 'signal'; readonly signal: number };

/** A system call as observers see it. */
export interface SyscallCall {
  readonly process: LinuxProcess;
  readonly number: number;
  /** The kernel's name; undefined where there is none. */
  readonly name: string | undefined;
  /** Valid until the next call. */
  readonly given: SyscallArguments;
}

/** Is told of each system call: strace, trace. */
export interface SyscallObserver {
  /** Before anything happens. */
  enter?(call: SyscallCall): void;
  /** After it: the value of the result register, -errno for failures; undefined if the registers were set otherwise or the call does not return; whether it will be made again, after a signal's handler. */
  leave?(call: SyscallCall, result: bigint | undefined, restarts: boolean): void;
  /** A signal reaches a process. @param info all that is known of it */
  signal?(signal: RaisedSignal, process: LinuxProcess, info: SignalInfo): void;
}

/** A signal with what siginfo_t says of it: who sent it, or which address an instruction failed at. */
export interface RaisedSignal {
  readonly signal: number;
  /** si_code: SI_USER is 0, SI_TKILL is -6. */
  readonly code: number;
  readonly origin: SignalSender | { readonly address: bigint };
}

/** What a process is made of; see createProcess. */
export interface ProcessParts {
  readonly kernel: Kernel;
  readonly guest: Guest;
  readonly host: Host;
  readonly cpu: CpuState;
  readonly image: Image;
  readonly identity: HostIdentity;
  readonly sysroot: ByteString | undefined;
  /** `-r`: what uname tells as the release. */
  readonly release: string | undefined;
  /** In bytes. */
  readonly stackSize: number;
  /** System calls that fail with ENOSYS. */
  readonly withoutCalls: ReadonlySet<string> | undefined;
  /** The CPU's random numbers: keys, RNDR. */
  readonly cpuRandom: FillRandom;
  /** With `-seed`, what getrandom gives: a stream of its own, so that it takes nothing from the CPU's random numbers. */
  readonly random: GuestRandom | undefined;
  /** Takes lines of `-d unimp`, without their newline. */
  readonly unimplemented: ((line: string) => void) | undefined;
}

/** What a forked process takes from its parent. */
export interface ForkParts {
  readonly pid: number;
  readonly image: Image;
  readonly files: FileTable;
  /** The signal that its parent gets when it ends; 0: none. */
  readonly exitSignal: number;
  /** What one does with signals holds for both (CLONE_SIGHAND). */
  readonly sharesHandlers: boolean;
}

/** Most bytes that one read or write moves, as in Linux. */
const TRANSFER_LIMIT = 0x7fff_f000;

/** Buffers up to this size are kept for the next call. */
const SCRATCH = 0x4_0000;

/** One guest process as the kernel sees it, and its system calls. */
export class LinuxProcess {
  readonly kernel: Kernel;
  readonly guest: Guest;
  readonly host: Host;
  readonly cpu: CpuState;
  readonly release: string | undefined;
  readonly stackSize: number;
  readonly cpuRandom: FillRandom;
  readonly random: GuestRandom | undefined;
  readonly given: SyscallArguments;
  readonly threads: Thread[] = [];
  readonly children = new Set<LinuxProcess>();
  /** Woken when a child ends, stops or goes on. */
  readonly childChanged = new WaitQueue();
  identity: HostIdentity;
  image: Image;
  files: FileTable;
  paths: PathLookup;
  signals: ProcessSignals;
  readonly timers = new ProcessTimers();
  limits: Map<number, readonly [soft: bigint, hard: bigint]>;
  /** The soft RLIMIT_STACK that the first process began with: then `stackSize` holds. */
  readonly firstStackLimit: bigint | undefined;
  /** undefined: the parent is no guest, or has ended. */
  parent: LinuxProcess | undefined;
  exitSignal: number;
  /** Of new files; the host has it while this process runs. */
  umask: number;
  /** PR_SET_NAME. */
  threadName: ByteString;
  attributes: ProcessAttributes;
  /** PR_SET_NO_NEW_PRIVS. */
  noNewPrivileges = false;
  /** How the process ended, once it has. */
  termination: Termination | undefined;
  /** The signal that stopped it last. */
  stopSignal = 0;
  /** What its parent has not been told yet. */
  changeUntold: 'stopped' | 'continued' | undefined;
  /** The thread that waits until this process, made by vfork, has a program of its own. */
  vforkParent: Thread | undefined;

  /** The host's program that the process has become. */
  hostProgram: HostProgram | undefined;

  private readonly parts: ProcessParts;
  private readonly rows: readonly (SyscallRow | undefined)[];
  private readonly numberAt: number;
  private readonly resultAt: number;
  private readonly words: Int32Array;
  private readonly scratch: Uint8Array;
  /** By number. */
  private readonly calls: (SyscallCall | undefined)[] = [];
  private scratchView: Uint8Array | undefined;

  /** @param from with `fork`: the process that it is a copy of */
  constructor(parts: ProcessParts, from?: { readonly parent: LinuxProcess; readonly fork: ForkParts }) {
    this.parts = parts;
    this.kernel = parts.kernel;
    this.guest = parts.guest;
    this.host = parts.host;
    this.cpu = parts.cpu;
    this.release = parts.release;
    this.stackSize = parts.stackSize;
    this.cpuRandom = parts.cpuRandom;
    this.random = parts.random;
    this.image = from?.fork.image ?? parts.image;
    const abi = this.guest.linux;
    this.words = this.kernel.machine.space.memory.i32;
    this.given = new SyscallArguments(this.cpu, this.words, abi);
    this.numberAt = this.cpu.offset(this.cpu.layout.get(abi.syscallNumber)) >>> 2;
    this.resultAt = this.cpu.offset(this.cpu.layout.get(abi.syscallResult)) >>> 2;
    if (from === undefined) {
      this.rows = createSyscallTable(abi.syscalls, parts.withoutCalls);
      this.scratch = new Uint8Array(SCRATCH);
      this.identity = parts.identity;
      this.limits = new Map(this.host.limits() as HostLimits);
      this.firstStackLimit = this.limits.get(RLIMIT_STACK)?.[0];
      this.files = new FileTable(fileLimit(this.limits));
      const sysroot = parts.sysroot === undefined ? undefined : new Sysroot(this.host, parts.sysroot);
      this.paths = new PathLookup(this.host, this.files, sysroot, this.host.workingDirectory());
      this.signals = new ProcessSignals();
      this.exitSignal = Signal.SIGCHLD;
      this.umask = this.host.setUmask(0);
      this.host.setUmask(this.umask);
      this.threadName = nameOf(this.programPath);
      this.attributes = new ProcessAttributes(this.identity);
      this.openStandardFiles();
      return;
    }
    const { parent, fork } = from;
    this.rows = parent.rows;
    this.scratch = parent.scratch;
    this.identity = { ...parent.identity, pid: fork.pid, parentPid: parent.pid };
    this.limits = new Map(parent.limits);
    this.firstStackLimit = parent.firstStackLimit;
    this.files = fork.files;
    this.paths = parent.paths.fork(this.files);
    this.signals = parent.signals.fork(fork.sharesHandlers);
    this.exitSignal = fork.exitSignal;
    this.umask = parent.umask;
    this.threadName = parent.threadName;
    this.attributes = parent.attributes.fork(this.identity);
    this.noNewPrivileges = parent.noNewPrivileges;
    this.given.tagged = parent.given.tagged;
    this.parent = parent;
    parent.children.add(this);
  }

  /** A copy of the process, its child, still without threads. */
  fork(fork: ForkParts): LinuxProcess {
    const child = new LinuxProcess(this.parts, { parent: this, fork });
    this.kernel.addProcess(child);
    return child;
  }

  get pid(): number {
    return this.identity.pid;
  }

  /** The thread that runs: in a system call, the one that makes it. */
  get thread(): Thread {
    return this.kernel.current;
  }

  get space(): AddressSpace {
    return this.image.parts.space;
  }

  get memory(): ProcessMemory {
    return this.image.parts.memory;
  }

  get mappings(): FileMappings {
    return this.image.parts.mappings;
  }

  get program(): LoadedProgram {
    return this.image.parts.program;
  }

  /** The program's absolute path. */
  get programPath(): ByteString {
    return this.image.parts.programPath;
  }

  get sysroot(): ByteString | undefined {
    return this.parts.sysroot;
  }

  get argv(): readonly ByteString[] {
    return this.image.parts.argv;
  }

  /** Another program takes the place of this one, with another memory. The thread that runs is the only one left. */
  becomes(image: Image): void {
    const { thread } = this;
    for (const other of this.threads.filter((each) => each !== thread)) this.endThread(other);
    thread.clearChildTid = 0;
    thread.robustList = 0;
    const before = this.image;
    this.image = image;
    if (before.leave()) this.kernel.release(before.parts.space);
    this.unshareFiles();
    this.files.closeOnExec();
    this.signals.exec();
    this.timers.exec();
    thread.signals.disarm();
    this.given.tagged = false;
    this.threadName = nameOf(this.programPath);
    this.releaseVforkParent();
    this.kernel.events.executed?.(this);
  }

  /**
   * A program of the host's takes the place of this one. The thread that runs stays, and waits.
   * @param kept descriptors that the program uses by way of everystep
   */
  becomesHostProgram(program: HostProgram, kept: { has(fd: number): boolean }): void {
    const { thread } = this;
    this.hostProgram = program;
    for (const other of this.threads.filter((each) => each !== thread)) this.endThread(other);
    thread.clearChildTid = 0;
    thread.robustList = 0;
    this.unshareFiles();
    for (const fd of this.files.numbers()) if (!kept.has(fd)) this.files.close(fd);
    this.signals.exec();
    this.timers.exec();
    this.releaseVforkParent();
  }

  /** From now on the process has open files of its own. */
  unshareFiles(): void {
    if (!this.files.isShared) return;
    const own = this.files.copy();
    this.files.leave();
    this.files = own;
    this.paths = this.paths.fork(own);
  }

  private releaseVforkParent(): void {
    const { vforkParent } = this;
    this.vforkParent = undefined;
    if (vforkParent === undefined) return;
    this.kernel.resume(vforkParent);
    this.kernel.events.vforkDone?.(vforkParent);
  }

  /** Descriptors 0, 1 and 2, as far as the host has them. */
  private openStandardFiles(): void {
    for (const fd of [0, 1, 2]) {
      try {
        const mode = this.host.openMode(fd);
        const access = mode.write ? (mode.read ? O.readWrite : O.writeOnly) : 0;
        const status = access | (mode.append ? O.append : 0) | (mode.nonBlocking ? O.nonBlock : 0);
        this.files.place(fd, new HostFile(this.host, fd, this.host.handleName(fd), status, true));
      } catch (error) {
        if (!(error instanceof LinuxError)) throw error;
      }
    }
  }

  /** @returns the umask before */
  setUmask(mask: number): number {
    const before = this.umask;
    this.umask = mask;
    this.kernel.useUmask(mask);
    return before;
  }

  /** A line of `-d unimp`. */
  unimplemented(line: string): void {
    this.parts.unimplemented?.(line);
  }

  /** Number of the system call that the registers ask for. */
  get syscallNumber(): number {
    return this.words[this.numberAt];
  }

  /** Puts a system call's result into its register. */
  setResult(value: number | bigint): void {
    if (typeof value === 'number') {
      this.words[this.resultAt] = value;
      this.words[this.resultAt + 1] = Math.floor(value / 0x1_0000_0000);
      return;
    }
    this.words[this.resultAt] = Number(BigInt.asIntN(32, value));
    this.words[this.resultAt + 1] = Number(BigInt.asIntN(32, value >> 32n));
  }

  /** What observers are told of a call: the same each time, but for the arguments. */
  describeCall(number: number): SyscallCall {
    const known = this.calls[number];
    if (known !== undefined) return known;
    const call = { process: this, number, name: this.guest.linux.syscalls.get(number), given: this.given };
    // Guests may ask for any number.
    if (call.name !== undefined) this.calls[number] = call;
    return call;
  }

  /** Does a system call of the thread that runs. @throws Blocked if it must wait */
  perform(number: number): SyscallResult {
    const row = this.rows[number];
    if (row === undefined) {
      this.unimplemented(`Unsupported syscall: ${number}`);
      return -Errno.ENOSYS;
    }
    const result = this.attempt(row);
    return this.space.exhausted && this.termination === undefined ? this.kernel.outOfMemory(this) : result;
  }

  private attempt(row: SyscallRow): SyscallResult {
    try {
      return row.run(this, this.given);
    } catch (error) {
      if (error instanceof LinuxError) return -error.errno;
      // The host has no room for a buffer of ours.
      if (error instanceof RangeError && /allocation failed|typed array length/.test(error.message)) return -Errno.ENOMEM;
      throw error;
    }
  }

  /** Copies guest memory out. @throws LinuxError EFAULT */
  read(address: number, length: number): Uint8Array {
    const bytes = this.space.kernelRead(address, length);
    if (bytes === undefined) throw new LinuxError(Errno.EFAULT);
    return bytes;
  }

  /** Copies to guest memory. @throws LinuxError EFAULT; then nothing is written */
  write(address: number, data: Uint8Array): void {
    if (!this.space.kernelWrite(address, data)) throw new LinuxError(Errno.EFAULT);
  }

  /** Copies to guest memory unless `address` is 0. */
  writeIfWanted(address: number, data: Uint8Array): void {
    if (address !== 0) this.write(address, data);
  }

  /** A view of guest memory, copied. */
  view(address: number, length: number): DataView {
    return new DataView(this.read(address, length).buffer);
  }

  /** A string of the guest's. @throws LinuxError EFAULT, or ENAMETOOLONG from `limit` bytes on */
  string(address: number, limit = PATH_LIMIT): ByteString {
    const bytes = this.space.kernelReadString(address, limit - 1);
    if (bytes !== undefined) return byteString(bytes);
    throw new LinuxError(this.space.firstDenied(address, limit, 1) < 0 ? Errno.ENAMETOOLONG : Errno.EFAULT);
  }

  /**
   * Moves data from a file to guest memory.
   * @param read fills a buffer and tells how much
   * @throws LinuxError EFAULT before anything is read
   */
  fill(address: number, length: number, read: (into: Uint8Array) => number): number {
    const count = Math.min(length, TRANSFER_LIMIT);
    if (count > 0 && this.space.firstDenied(address, count, PROT_WRITE) >= 0) throw new LinuxError(Errno.EFAULT);
    const buffer = count <= SCRATCH ? this.scratchOf(count) : new Uint8Array(count);
    const done = read(buffer);
    if (done > 0) this.write(address, done === count ? buffer : buffer.subarray(0, done));
    return done;
  }

  /** A buffer until the next call: the same view again for the same size. */
  private scratchOf(count: number): Uint8Array {
    if (this.scratchView?.length !== count) this.scratchView = this.scratch.subarray(0, count);
    return this.scratchView;
  }

  /** The part of guest memory that a write takes. */
  outgoing(address: number, length: number): Uint8Array {
    return this.read(address, Math.min(length, TRANSFER_LIMIT));
  }

  /**
   * As `outgoing`, but only until the next call: who keeps the bytes makes a copy. New buffers, call after call, fill the caches,
   * and large ones have the engine collect garbage most of the time.
   */
  lent(address: number, length: number): Uint8Array {
    if (length > SCRATCH) return this.outgoing(address, length);
    const bytes = this.space.kernelRead(address, length, this.scratchOf(length));
    if (bytes === undefined) throw new LinuxError(Errno.EFAULT);
    return bytes;
  }

  /** Real, or as `-seed` has it. */
  randomBytes(into: Uint8Array): void {
    if (this.random === undefined) this.host.random(into);
    else this.random.fill(into);
  }

  /** Sends the thread that runs a signal, as if from its process. */
  raise(signal: number): void {
    sendToThread(this.thread, { signal, code: SignalCode.user, origin: { kind: 'sender', pid: this.pid, uid: this.identity.uid } });
  }

  /** Ends the process: shared mappings and files are written back and closed, and its parent learns of it. */
  terminate(termination: Termination): 'ended' {
    if (this.termination !== undefined) return 'ended';
    this.termination = termination;
    this.timers.end();
    if (termination.kind === 'signal') this.hostProgram?.kill(termination.signal);
    if (termination.kind === 'signal' && !this.kernel.isFirst(this)) this.kernel.events.uncaught?.(this, termination.signal);
    for (const thread of [...this.threads]) this.endThread(thread);
    if (this.image.leave() && !this.kernel.isFirst(this)) this.kernel.release(this.space);
    this.files.leave();
    this.releaseVforkParent();
    for (const child of this.children) {
      child.parent = undefined;
      child.identity = { ...child.identity, parentPid: 1 };
      if (child.termination !== undefined) this.kernel.forget(child);
      else wakeOrphan(child);
    }
    this.children.clear();
    this.kernel.processEnded(this, termination);
    const { parent } = this;
    if (parent === undefined) this.kernel.forget(this);
    else {
      if (this.exitSignal !== 0) parent.childSignal(this);
      parent.childChanged.wake();
    }
    return 'ended';
  }

  /** A child has ended. */
  private childSignal(child: LinuxProcess): void {
    const { exitSignal: signal, termination } = child;
    const { handler, flags } = this.signals.actions.get(signal);
    if (signal === Signal.SIGCHLD && (handler === SIG_IGN || (flags & SignalFlag.noChildWait) !== 0n)) this.reap(child);
    const how =
      termination?.kind === 'signal'
        ? { code: SignalCode.childKilled, status: termination.signal }
        : { code: SignalCode.childExited, status: termination?.status ?? 0 };
    sendToProcess(this, { signal, code: how.code, origin: { kind: 'child', pid: child.pid, uid: child.identity.uid, status: how.status } });
  }

  /** A child's end has been asked for, or nobody will. */
  reap(child: LinuxProcess): void {
    this.children.delete(child);
    this.kernel.forget(child);
  }

  /** Ends one thread; the others go on. */
  endThread(thread: Thread): void {
    const { clearChildTid, robustList } = thread;
    if (this.termination === undefined || this.image.isShared) {
      if (robustList !== 0) releaseRobustList(this, robustList, thread.tid);
      if (clearChildTid !== 0 && this.space.kernelWrite(clearChildTid, new Uint8Array(4))) this.kernel.futexes.wake(this, clearChildTid, 1);
    }
    this.kernel.threadEnded(thread);
  }

  /** The process's mappings, for /proc/self/maps. */
  get mapped(): readonly Mapping[] {
    return this.space.mappings();
  }
}

/** What the kernel keeps as a thread's name: the file's name, cut. */
const nameOf = (path: ByteString): ByteString => path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('/') + 16) as ByteString;
