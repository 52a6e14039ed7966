import { AddressSpace, CpuState, createLinearMemory, type Machine, type MachineOptions, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { createAArch64 } from '../../guest/index.ts';
import { createProcess, type ProcessOptions } from '../createProcess.ts';
import type { LinuxProcess } from '../process.ts';
import { buildElf } from './buildElf.ts';
import { MemoryHost } from './memoryHost.ts';

/** Where tests keep data in guest memory: 64 KiB that the process can read and write. */
export const DATA = 0x10_0000;

/** A machine whose registers and memory are there, but that runs nothing. */
function idleMachine(options: MachineOptions): Machine {
  const memory = createLinearMemory(0x4000, false);
  const { guest } = options;
  const unused = (): never => {
    throw new Error('this machine does not run');
  };
  return {
    guest,
    space: new AddressSpace(memory),
    cpu: new CpuState(guest.state, memory),
    pc: 0,
    steps: 0,
    setInstrument: unused,
    run: unused,
    requestStop: unused,
  };
}

/** A process whose system calls a test makes itself. */
export class SyscallBench {
  readonly host = new MemoryHost();
  readonly process: LinuxProcess;
  readonly machine: Machine;
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
    const { machine, process } = createProcess({ ...request, options: { createMachine: idleMachine, log, ...options } });
    this.machine = machine;
    this.process = process;
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

  /** Makes a call; strings are put into memory. @returns the result register, or the process's exit status as text */
  call(name: string, ...values: readonly (number | bigint | string)[]): number | string {
    const { linux } = this.machine.guest;
    values.forEach((value, i) => {
      this.machine.cpu.setByName(linux.syscallArguments[i], BigInt(typeof value === 'string' ? this.put(value) : value));
    });
    this.machine.cpu.setByName(linux.syscallNumber, BigInt(this.numbers.get(name) ?? 9999));
    const outcome = this.process.syscall(this.machine);
    if (typeof outcome === 'object') return `exit ${outcome.exit}`;
    return Number(BigInt.asIntN(64, this.machine.cpu.getByName(linux.syscallResult)));
  }
}
