import { AddressSpaces, CpuState, createLinearMemory, EngineStatistics, type Machine, type MachineOptions, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { createAArch64 } from '../../guest/index.ts';
import { createProcess, type ProcessOptions } from '../createProcess.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { LinuxProcess } from '../process.ts';
import { buildElf } from './buildElf.ts';
import { TestHost } from './testHost.ts';

/** Where tests keep data in guest memory: 64 KiB that the process can read and write. */
export const DATA = 0x10_0000;

/** A machine whose registers and memory are there, but that runs nothing. */
function idleMachine(options: MachineOptions): Machine {
  const memory = createLinearMemory(0x4000, false);
  const { guest } = options;
  const unused = (): never => {
    throw new Error('this machine does not run');
  };
  const spaces = new AddressSpaces(
    memory,
    {
      arenasChanged: () => {},
      codeReplaced: () => {},
      dropped: () => {},
      dropCold: () => false,
      fingerprint: unused,
      codeChanged: () => {},
      codeOpened: () => {},
      codeClosed: () => {},
    },
    false,
  );
  return {
    guest,
    get space() {
      return spaces.current;
    },
    createSpace: () => spaces.create(),
    forkSpace: () => spaces.fork(),
    releaseSpace: (space) => spaces.release(space),
    enter: (space) => spaces.enter(space),
    cpu: new CpuState(guest.state, memory),
    pc: 0,
    steps: 0,
    setInstrument: unused,
    retranslate: unused,
    run: unused,
    longestSlice: 1,
    requestStop: () => {},
    statistics: new EngineStatistics(),
    saveTranslations: () => false,
  };
}

/** A process whose system calls a test makes itself. */
export class SyscallBench {
  readonly host = new TestHost();
  readonly process: LinuxProcess;
  readonly machine: Machine;
  readonly kernel: Kernel;
  /** Text of `-strace` and `-d unimp`. */
  log = '';
  private readonly numbers: ReadonlyMap<string, number>;
  private at = DATA;

  constructor(options: ProcessOptions = {}) {
    this.host.addFile('/bin/prog', buildElf({}), 0o755);
    const guest = createAArch64();
    const write = (text: string): void => {
      this.log += text;
    };
    const request = { guest, host: this.host, program: '/bin/prog', argv: ['prog', 'argument'], environment: ['A=1'] };
    const log = { strace: write, unimplemented: (line: string) => write(`${line}\n`) };
    const { machine, process, kernel } = createProcess({ ...request, options: { createMachine: idleMachine, log, ...options } });
    this.machine = machine;
    this.process = process;
    this.kernel = kernel;
    this.numbers = new Map([...guest.linux.syscalls].map(([number, name]) => [name, number]));
    machine.space.map(DATA, 0x1_0000, PROT_READ | PROT_WRITE);
  }

  /** Puts bytes or a string with its NUL into guest memory. @returns its address */
  put(data: string | Uint8Array): number {
    const bytes = typeof data === 'string' ? Uint8Array.from([...`${data}\0`].map((c) => c.charCodeAt(0))) : data;
    const address = this.at;
    this.machine.space.pokeBytes(address, bytes);
    this.at += (bytes.length + 15) & -16;
    return address;
  }

  /** Room for `length` bytes in guest memory. */
  room(length: number): number {
    return this.put(new Uint8Array(length));
  }

  bytes(address: number, length: number): Uint8Array {
    return this.process.read(address, length);
  }

  view(address: number, length: number): DataView {
    return new DataView(this.bytes(address, length).buffer);
  }

  /** Makes a call; strings are put into memory. @returns the result register, 'blocked' if it waits, or the process's exit status as text */
  call(name: string, ...values: readonly (number | bigint | string)[]): number | string {
    const { linux } = this.machine.guest;
    values.forEach((value, i) => {
      this.machine.cpu.setByName(linux.syscallArguments[i], BigInt(typeof value === 'string' ? this.put(value) : value));
    });
    this.machine.cpu.setByName(linux.syscallNumber, BigInt(this.numbers.get(name) ?? 9999));
    this.kernel.syscall();
    const { termination } = this.process;
    if (termination !== undefined) return `exit ${termination.kind === 'exit' ? termination.status : 128 + termination.signal}`;
    if (this.kernel.current.pending !== undefined) return 'blocked';
    return Number(BigInt.asIntN(64, this.machine.cpu.getByName(linux.syscallResult)));
  }
}
