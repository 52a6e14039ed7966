import type { AddressSpace, CpuState, Machine, Mapping, SyscallOutcome } from '../engine/index.ts';
import { PROT_WRITE } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type ByteString, byteString } from './byteString.ts';
import type { FillRandom } from './cpuRandom.ts';
import { Errno, LinuxError } from './errno.ts';
import { FileTable } from './files/fileTable.ts';
import { HostFile } from './files/openFile.ts';
import { O } from './files/openFlags.ts';
import { PATH_LIMIT, PathLookup } from './files/pathLookup.ts';
import type { GuestRandom } from './guestRandom.ts';
import type { Host, HostIdentity, HostLimits } from './host.ts';
import { fileLimit } from './limits.ts';
import type { LoadedProgram } from './loader/loadProgram.ts';
import type { FileMappings } from './memory/fileMappings.ts';
import type { ProcessMemory } from './memory/processMemory.ts';
import { SIG_DFL, SIG_IGN, Signal, SignalState, signalDefault } from './signals.ts';
import { SyscallArguments } from './syscalls/arguments.ts';
import type { ProcessEnd, SyscallResult, SyscallRow } from './syscalls/row.ts';
import { createSyscallTable } from './syscalls/table.ts';

/** How a process ended. */
export type Termination =
  | { readonly kind: 'exit'; readonly status: number }
  /** Ended by a signal that it did not handle. */
  | { readonly kind: 'signal'; readonly signal: number };

/** A system call as observers see it. */
export interface SyscallCall {
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
  /** After it: the value of the result register, -errno for failures; undefined if the registers were set otherwise or the call does not return. */
  leave?(call: SyscallCall, result: bigint | undefined): void;
  /** A signal reaches the process. */
  signal?(signal: RaisedSignal): void;
}

/** A signal with what siginfo_t says of it: who sent it, or which address an instruction failed at. */
export interface RaisedSignal {
  readonly signal: number;
  /** si_code: SI_USER is 0, SI_TKILL is -6. */
  readonly code: number;
  readonly origin: { readonly pid: number; readonly uid: number } | { readonly address: bigint };
}

/** What a process is made of; see createProcess. */
export interface ProcessParts {
  readonly guest: Guest;
  readonly host: Host;
  readonly space: AddressSpace;
  readonly cpu: CpuState;
  readonly memory: ProcessMemory;
  readonly mappings: FileMappings;
  readonly program: LoadedProgram;
  /** The program's absolute path. */
  readonly programPath: ByteString;
  readonly argv: readonly ByteString[];
  readonly identity: HostIdentity;
  readonly sysroot: ByteString | undefined;
  /** `-r`: what uname tells as the release. */
  readonly release: string | undefined;
  /** The CPU's random numbers: keys, RNDR. */
  readonly cpuRandom: FillRandom;
  /** With `-seed`, what getrandom gives: a stream of its own, so that it takes nothing from the CPU's random numbers. */
  readonly random: GuestRandom | undefined;
  /** Takes lines of `-d unimp`, without their newline. */
  readonly unimplemented: ((line: string) => void) | undefined;
}

/** Most bytes that one read or write moves, as in Linux. */
const TRANSFER_LIMIT = 0x7fff_f000;

/** Buffers up to this size are kept for the next call. */
const SCRATCH = 65536;

/** One guest process as the kernel sees it, and its system calls. */
export class LinuxProcess {
  readonly guest: Guest;
  readonly host: Host;
  readonly space: AddressSpace;
  readonly cpu: CpuState;
  readonly memory: ProcessMemory;
  readonly mappings: FileMappings;
  readonly program: LoadedProgram;
  readonly programPath: ByteString;
  readonly argv: readonly ByteString[];
  readonly identity: HostIdentity;
  readonly release: string | undefined;
  readonly cpuRandom: FillRandom;
  readonly random: GuestRandom | undefined;
  readonly files: FileTable;
  readonly paths: PathLookup;
  readonly signals = new SignalState();
  readonly limits: Map<number, readonly [soft: bigint, hard: bigint]>;
  readonly given: SyscallArguments;
  /** PR_SET_NAME. */
  threadName: ByteString;
  /** PR_SET_NO_NEW_PRIVS. */
  noNewPrivileges = false;
  /** How the process ended, once it has. */
  termination: Termination | undefined;
  /** Number of pipes made, for their names. */
  pipes = 0;

  private readonly rows: readonly (SyscallRow | undefined)[];
  private readonly observers: SyscallObserver[] = [];
  /** Signals of the present call. */
  private readonly raised: RaisedSignal[] = [];
  private readonly log: ((line: string) => void) | undefined;
  private readonly numberAt: number;
  private readonly resultAt: number;
  private readonly words: Int32Array;
  private readonly scratch = new Uint8Array(SCRATCH);

  constructor(parts: ProcessParts) {
    this.guest = parts.guest;
    this.host = parts.host;
    this.space = parts.space;
    this.cpu = parts.cpu;
    this.memory = parts.memory;
    this.mappings = parts.mappings;
    this.program = parts.program;
    this.programPath = parts.programPath;
    this.argv = parts.argv;
    this.identity = parts.identity;
    this.release = parts.release;
    this.cpuRandom = parts.cpuRandom;
    this.random = parts.random;
    this.log = parts.unimplemented;
    this.limits = new Map(this.host.limits() as HostLimits);
    this.files = new FileTable(fileLimit(this.limits));
    this.paths = new PathLookup(this.host, this.files, parts.sysroot, this.identity.pid, this.host.workingDirectory());
    this.threadName = this.programPath.slice(this.programPath.lastIndexOf('/') + 1, this.programPath.lastIndexOf('/') + 16) as ByteString;
    const abi = this.guest.linux;
    this.words = this.space.memory.i32;
    this.given = new SyscallArguments(this.cpu, this.words, abi);
    this.numberAt = this.cpu.offset(this.cpu.layout.get(abi.syscallNumber)) >>> 2;
    this.resultAt = this.cpu.offset(this.cpu.layout.get(abi.syscallResult)) >>> 2;
    this.rows = createSyscallTable(abi.syscalls);
    this.openStandardFiles();
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

  /** Adds an observer of system calls. */
  observe(observer: SyscallObserver): void {
    this.observers.push(observer);
  }

  /** A line of `-d unimp`. */
  unimplemented(line: string): void {
    this.log?.(line);
  }

  /** Does the system call that the registers ask for. Registers and memory are exact when the engine calls this. */
  syscall(_machine: Machine): SyscallOutcome {
    const number = this.words[this.numberAt];
    this.given.load();
    const call: SyscallCall | undefined = this.observers.length === 0 ? undefined : { number, name: this.guest.linux.syscalls.get(number), given: this.given };
    if (call !== undefined) for (const observer of this.observers) observer.enter?.(call);
    const result = this.perform(number);
    const value = resultValue(result);
    if (call !== undefined) for (const observer of this.observers) observer.leave?.(call, value);
    this.tellSignals();
    if (typeof result === 'object') return { exit: result.exit };
    if (value === undefined) return 'changed';
    this.words[this.resultAt] = Number(BigInt.asIntN(32, value));
    this.words[this.resultAt + 1] = Number(BigInt.asIntN(32, value >> 32n));
    return 'done';
  }

  /** Tells observers of the signals that the call brought, in order. */
  private tellSignals(): void {
    for (const raised of this.raised.splice(0)) for (const observer of this.observers) observer.signal?.(raised);
  }

  private perform(number: number): SyscallResult {
    const row = this.rows[number];
    if (row === undefined) {
      this.unimplemented(`Unsupported syscall: ${number}`);
      return -Errno.ENOSYS;
    }
    try {
      return row.run(this, this.given);
    } catch (error) {
      if (error instanceof LinuxError) return -error.errno;
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
    const buffer = count <= SCRATCH ? this.scratch.subarray(0, count) : new Uint8Array(count);
    const done = read(buffer);
    if (done > 0) this.write(address, buffer.subarray(0, done));
    return done;
  }

  /** The part of guest memory that a write takes. */
  outgoing(address: number, length: number): Uint8Array {
    return this.read(address, Math.min(length, TRANSFER_LIMIT));
  }

  /** Real, or as `-seed` has it. */
  randomBytes(into: Uint8Array): void {
    if (this.random === undefined) this.host.random(into);
    else this.random.fill(into);
  }

  /**
   * Sends the process a signal, from itself.
   * @param code si_code
   * @param result what the call that does so gives, if the process goes on
   */
  raise(signal: number, code: number, result = 0): SyscallResult {
    if (this.signals.isBlocked(signal)) {
      this.signals.add(signal, code);
      return result;
    }
    // Nobody sees SIGKILL come, and the call does not return.
    if (signal === Signal.SIGKILL) return this.terminate({ kind: 'signal', signal });
    const { handler } = this.signals.action(signal);
    const effect = signalDefault(signal);
    if (handler === SIG_IGN || (handler === SIG_DFL && (effect === 'ignore' || effect === 'continue'))) return result;
    this.raised.push({ signal, code, origin: { pid: this.identity.pid, uid: this.identity.uid } });
    if (handler !== SIG_DFL || effect === 'stop') {
      this.unimplemented(`Unsupported delivery of signal ${signal}`);
      return result;
    }
    return { ...this.terminate({ kind: 'signal', signal }), result };
  }

  /** An instruction of the guest's failed, which ends the process: what a machine's run tells of it. */
  fault({ signal, code, address }: { readonly signal: number; readonly code: number; readonly address: bigint }): void {
    this.raised.push({ signal, code, origin: { address } });
    this.tellSignals();
    this.terminate({ kind: 'signal', signal });
  }

  /** Signals that came while they were blocked. */
  raisePending(): SyscallResult {
    for (let next = this.signals.takePending(); next !== undefined; next = this.signals.takePending()) {
      const result = this.raise(next.signal, next.code);
      if (typeof result === 'object') return result;
    }
    return 0;
  }

  /** Ends the process: shared mappings and files are written back and closed. */
  terminate(termination: Termination): ProcessEnd {
    this.termination = termination;
    this.mappings.writeBackAll();
    this.files.closeAll();
    return { exit: termination.kind === 'exit' ? termination.status : 128 + termination.signal };
  }

  /** The process's mappings, for /proc/self/maps. */
  get mapped(): readonly Mapping[] {
    return this.space.mappings();
  }
}

/** What a call leaves in the result register; undefined if it does not. */
function resultValue(result: SyscallResult): bigint | undefined {
  if (result === 'changed') return undefined;
  if (typeof result === 'object') return result.result === undefined ? undefined : BigInt(result.result);
  return BigInt(result);
}
