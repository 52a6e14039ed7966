import { UserError } from '../base/index.ts';
import { createMachine as createWasmMachine, type Machine, type MachineOptions } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type ByteString, decodeText, encodeText } from './byteString.ts';
import { createCpuRandom, createInputs } from './cpuRandom.ts';
import { LinuxError } from './errno.ts';
import { KernelFiles } from './files/kernelFiles.ts';
import { join, REGULAR, TYPE_MASK } from './files/pathLookup.ts';
import { GuestRandom } from './guestRandom.ts';
import type { Host } from './host.ts';
import { Kernel } from './kernel/kernel.ts';
import { enterImage, loadImage } from './kernel/loadImage.ts';
import { type ProgramFile, readProgramFile } from './kernel/programFile.ts';
import { RLIMIT_STACK } from './limits.ts';
import { DEFAULT_STACK_SIZE } from './loader/loadProgram.ts';
import { LinuxProcess } from './process.ts';
import { createStrace } from './strace/index.ts';

export interface ProcessOptions {
  /** `-s`, in bytes. Default: the host's limit where that is above 8 MiB, else 8 MiB. */
  readonly stackSize?: number;
  /** `-seed`: makes the guest's random numbers reproducible; 0 to 2^64 - 1. */
  readonly seed?: bigint;
  /** `-L`: where absolute paths are looked for first. */
  readonly sysroot?: string;
  /** `-r`: what uname tells as the release. */
  readonly release?: string;
  /** Most bytes of memory that all processes have at a time. Default: what the machine can hold. */
  readonly memoryLimit?: number;
  /** System calls that fail with ENOSYS, as on a kernel that lacks them. */
  readonly withoutCalls?: ReadonlySet<string>;
  /** What runs the guest; default: the WebAssembly machine. */
  readonly createMachine?: (options: MachineOptions) => Machine;
  /** Options of the machine: hooks, one instruction a block, no chaining, … */
  readonly machine?: Omit<MachineOptions, 'guest' | 'syscall'>;
  readonly log?: ProcessLog;
}

/** Where the logs of `-d` go; one that is not given is not wanted. */
export interface ProcessLog {
  /** `-d page`: pieces of text. */
  page?(text: string): void;
  /** `-d unimp`: lines without their newline. */
  unimplemented?(line: string): void;
  /** `-strace`: pieces of text. */
  strace?(text: string): void;
}

export interface ProcessRequest {
  readonly guest: Guest;
  readonly host: Host;
  /** The program, as the user names it; relative to the host's working directory. */
  readonly program: string;
  /** argv[0] included. */
  readonly argv: readonly string[];
  /** NAME=value in the guest's order, see Environment. */
  readonly environment: readonly string[];
  readonly options?: ProcessOptions;
}

/** Reads the program that the user named. @throws UserError if that fails */
function readProgram(host: Host, named: ByteString, argv: readonly ByteString[], lookUp: (path: ByteString) => ByteString): ProgramFile {
  try {
    if ((host.statPath(lookUp(named), true).mode & TYPE_MASK) !== REGULAR) throw new UserError(`${decodeText(named)}: is not a regular file`);
    return readProgramFile(host, named, argv, lookUp);
  } catch (error) {
    if (error instanceof LinuxError) throw new UserError(`${decodeText(named)}: ${error.message}`);
    throw error;
  }
}

/**
 * Makes a process out of a program: a machine whose memory and registers are those of the program's start, and the
 * kernel's side of it, joined.
 * @throws UserError if the program cannot be read or run
 */
export function createProcess(request: ProcessRequest): { readonly machine: Machine; readonly process: LinuxProcess; readonly kernel: Kernel } {
  const { guest, host, options = {} } = request;
  const directory = host.workingDirectory();
  const sysroot = options.sysroot === undefined || options.sysroot === '' ? undefined : absolutePath(directory, encodeText(options.sysroot));
  const file = readProgram(host, encodeText(request.program), request.argv.map(encodeText), (path) => absolutePath(directory, path));
  const cpuRandom = options.seed === undefined ? (into: Uint8Array): void => host.random(into) : createCpuRandom(options.seed);

  // The machine calls the kernel, and the kernel works on the machine's memory.
  let kernel: Kernel | undefined;
  const machine = createMachine(options.createMachine ?? createWasmMachine, {
    ...options.machine,
    hooks: { input: createInputs(guest, host, cpuRandom), ...options.machine?.hooks },
    guest,
    syscall: () => (kernel as Kernel).syscall(),
  });
  const { memoryLimit } = options;
  if (memoryLimit !== undefined && memoryLimit < machine.space.capacity) machine.space.limitMemory(memoryLimit);
  const identity = host.identity();
  const stackSize = options.stackSize ?? defaultStackSize(host);
  const page = options.log?.page;
  const environment = request.environment.map(encodeText);
  const files = new KernelFiles(host);
  const log = page && ((text: string): void => page(text));
  const image = loadImage(machine.space, { guest, host, file, environment, stackSize, identity, sysroot, cpuRandom, mapped: files.mapped, log });
  if (machine.space.exhausted) throw new UserError(`${request.program}: does not fit into memory: ${memoryLimit} bytes are too little`);
  enterImage({ machine }, guest, image, cpuRandom);
  kernel = new Kernel(machine, host, identity.pid, files);
  if (memoryLimit !== undefined) kernel.memoryLimit = machine.space.capacity;
  const unimplemented = options.log?.unimplemented;
  const process = new LinuxProcess({
    kernel,
    guest,
    host,
    cpu: machine.cpu,
    image,
    identity,
    sysroot,
    release: options.release,
    stackSize,
    withoutCalls: options.withoutCalls,
    cpuRandom,
    random: options.seed === undefined ? undefined : new GuestRandom(~options.seed),
    unimplemented: unimplemented && ((line) => unimplemented(line)),
  });
  kernel.start(process);
  const strace = options.log?.strace;
  if (strace !== undefined) kernel.observers.push(createStrace((text) => strace(text)));
  return { machine, process, kernel };
}

/** Pages of linear memory that are tried, of 64 KiB: those of 4 GiB, and, where the host has no room for them, half as many, and so on. */
const MOST_PAGES = 65536;
const LEAST_PAGES = 4096;

/** @throws UserError if the host has no room for any */
function createMachine(create: (options: MachineOptions) => Machine, options: MachineOptions): Machine {
  if (options.memoryPages !== undefined) return create(options);
  for (let memoryPages = MOST_PAGES; memoryPages >= LEAST_PAGES; memoryPages /= 2) {
    try {
      return create({ ...options, memoryPages });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new UserError('there is not enough address space for the memory of a guest (ulimit -v)');
}

const absolutePath = (directory: ByteString, path: ByteString): ByteString => (path.startsWith('/') ? path : join(directory, path));

/** QEMU takes the host's limit where it is larger than its own default. */
function defaultStackSize(host: Host): number {
  const soft = host.limits().get(RLIMIT_STACK)?.[0] ?? -1n;
  return soft < 0n ? DEFAULT_STACK_SIZE : Math.max(DEFAULT_STACK_SIZE, Number(soft));
}
