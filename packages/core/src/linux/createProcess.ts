import { UserError } from '../base/index.ts';
import { createMachine as createWasmMachine, type Machine, type MachineOptions } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type ByteString, decodeText, encodeText } from './byteString.ts';
import { createCpuRandom, createInputs, drawPointerKeys } from './cpuRandom.ts';
import { LinuxError } from './errno.ts';
import { join, REGULAR, TYPE_MASK } from './files/pathLookup.ts';
import { GuestRandom } from './guestRandom.ts';
import type { Host } from './host.ts';
import { RLIMIT_STACK } from './limits.ts';
import { DEFAULT_STACK_SIZE, loadProgram } from './loader/loadProgram.ts';
import { FileMappings } from './memory/fileMappings.ts';
import { ProcessMemory } from './memory/processMemory.ts';
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

/** Reads a file that the user named. @throws UserError if that fails */
function readProgram(host: Host, path: ByteString, named: ByteString): Uint8Array {
  try {
    if ((host.statPath(path, true).mode & TYPE_MASK) !== REGULAR) throw new UserError(`${decodeText(named)}: is not a regular file`);
    return host.readFile(path);
  } catch (error) {
    if (error instanceof LinuxError) throw new UserError(`${decodeText(named)}: ${error.message}`);
    throw error;
  }
}

/** The dynamic linker, from the sysroot if there is one. */
function readLinker(host: Host, sysroot: ByteString | undefined, program: string, path: ByteString): { path: ByteString; bytes: Uint8Array } {
  const candidates = sysroot === undefined ? [path] : [join(sysroot, path.replace(/^\//, '') as ByteString), path];
  for (const candidate of candidates) {
    try {
      return { path: candidate, bytes: host.readFile(candidate) };
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
    }
  }
  throw new UserError(
    `${program}: is dynamically linked, and its linker ${decodeText(path)} is not here: ` +
      `${sysroot === undefined ? 'name a folder that holds it with -L' : `nor is it in ${decodeText(sysroot)}`}`,
  );
}

/**
 * Makes a process out of a program: a machine whose memory and registers are those of the program's start, and the
 * kernel's side of it, joined.
 * @throws UserError if the program cannot be read or run
 */
export function createProcess(request: ProcessRequest): { readonly machine: Machine; readonly process: LinuxProcess } {
  const { guest, host, options = {} } = request;
  const named = encodeText(request.program);
  const directory = host.workingDirectory();
  const sysroot = options.sysroot === undefined || options.sysroot === '' ? undefined : absolutePath(directory, encodeText(options.sysroot));
  const bytes = readProgram(host, absolutePath(directory, named), named);
  const cpuRandom = options.seed === undefined ? (into: Uint8Array): void => host.random(into) : createCpuRandom(options.seed);
  const randomBytes = new Uint8Array(16);
  cpuRandom(randomBytes);

  // The machine calls the process, and the process works on the machine's memory.
  let process: LinuxProcess | undefined;
  const createMachine = options.createMachine ?? createWasmMachine;
  const machine = createMachine({
    ...options.machine,
    hooks: { input: createInputs(guest, host, cpuRandom), ...options.machine?.hooks },
    guest,
    syscall: (m) => (process as LinuxProcess).syscall(m),
  });
  const page = options.log?.page;
  const memory = new ProcessMemory(machine.space, guest.linux.mmapBase, page && ((text) => page(text)));
  const identity = host.identity();
  const programPath = host.realPath(absolutePath(directory, named));
  const argv = request.argv.map(encodeText);
  const program = loadProgram(memory, {
    guest,
    filename: named,
    path: programPath,
    bytes,
    argv,
    environment: request.environment.map(encodeText),
    stackSize: options.stackSize ?? defaultStackSize(host),
    random: randomBytes,
    identity,
    readInterpreter: (path) => readLinker(host, sysroot, request.program, path),
  });
  for (const [name, value] of guest.initialRegisters(program.entry, program.stack.stackPointer)) machine.cpu.setByName(name, value);
  drawPointerKeys(machine.cpu, guest.linux.pointerKeys, cpuRandom);
  machine.pc = program.entry;
  const unimplemented = options.log?.unimplemented;
  process = new LinuxProcess({
    guest,
    host,
    space: machine.space,
    cpu: machine.cpu,
    memory,
    mappings: new FileMappings(machine.space),
    program,
    programPath,
    argv,
    identity,
    sysroot,
    release: options.release,
    cpuRandom,
    random: options.seed === undefined ? undefined : new GuestRandom(~options.seed),
    unimplemented: unimplemented && ((line) => unimplemented(line)),
  });
  const strace = options.log?.strace;
  if (strace !== undefined) process.observe(createStrace(process, (text) => strace(text)));
  return { machine, process };
}

const absolutePath = (directory: ByteString, path: ByteString): ByteString => (path.startsWith('/') ? path : join(directory, path));

/** QEMU takes the host's limit where it is larger than its own default. */
function defaultStackSize(host: Host): number {
  const soft = host.limits().get(RLIMIT_STACK)?.[0] ?? -1n;
  return soft < 0n ? DEFAULT_STACK_SIZE : Math.max(DEFAULT_STACK_SIZE, Number(soft));
}
