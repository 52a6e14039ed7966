import {
  AddressSpace,
  CpuState,
  createLinearMemory,
  createMachine,
  type Machine,
  PROT_READ,
  PROT_WRITE,
  type RunEvent,
  STATE,
} from '../../packages/core/src/engine/index.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { Evaluator, type EvaluatorMemory, IrBuilder } from '../../packages/core/src/ir/index.ts';

/** `wasm` is the product; `evaluator` runs the IR op by op. A mismatch of both is the translators', one of `wasm` alone the engine's. */
export const MACHINE_KINDS = ['wasm', 'evaluator'] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

export const isMachineKind = (name: string): name is MachineKind => (MACHINE_KINDS as readonly string[]).includes(name);

/** A machine without a kernel: a system call is a test's mistake. */
export function createMachineOfKind(kind: MachineKind, disabled: ReadonlySet<string>): Machine {
  const guest = createAArch64();
  if (kind === 'wasm') return createMachine({ guest, disabled, memoryPages: 0x1000, syscall: () => ({ exit: 99 }) });
  return createEvaluatorMachine();
}

function createEvaluatorMachine(): Machine {
  const guest = createAArch64();
  const memory = createLinearMemory(0x1000);
  const space = new AddressSpace(memory);
  const cpu = new CpuState(guest.state, memory);
  const access = (address: bigint, bytes: number, prot: number): number => {
    const at = Number(address & 0xff_ffff_ffff_ffffn);
    for (let i = 0; i < bytes; i++) if (((space.protAt(at + i) ?? 0) & prot) === 0) return at + i;
    return -1;
  };
  const guestMemory: EvaluatorMemory = {
    load(address, bytes) {
      const fault = access(address, bytes, PROT_READ);
      if (fault >= 0) return { faultAddress: BigInt(fault) };
      const data = space.kernelRead(Number(address & 0xff_ffff_ffff_ffffn), bytes) as Uint8Array;
      return data.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    },
    store(address, bytes, value) {
      const fault = access(address, bytes, PROT_WRITE);
      if (fault >= 0) return { faultAddress: BigInt(fault) };
      space.pokeBytes(
        Number(address & 0xff_ffff_ffff_ffffn),
        Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
      );
      return undefined;
    },
  };
  const evaluator = new Evaluator({ layout: guest.state, state: memory.view, stateOffset: STATE, memory: guestMemory, input: () => 0n });
  const ir = new IrBuilder();
  const machine = {
    guest,
    space,
    cpu,
    pc: 0,
    steps: 0,
    setInstrument: () => undefined,
    requestStop: () => undefined,
    run(untilStep = Infinity): RunEvent {
      while (machine.steps < untilStep) {
        ir.buffer.reset();
        const { pc } = machine;
        const { insns, bytes } = guest.translateBlock(ir, { pc, maxInsns: 64, fetch: (at) => space.fetch32(at) });
        if (ir.terminator === undefined) throw new Error('no terminator');
        const outcome = evaluator.run(ir.buffer, { pc, start: 0, end: ir.buffer.length, insns, bytes, terminator: ir.terminator });
        machine.steps += outcome.completed;
        switch (outcome.kind) {
          case 'jump':
          case 'exit':
            machine.pc = Number(outcome.pc);
            break;
          case 'syscall':
            return { kind: 'exit', status: 99 };
          case 'trap':
            machine.pc = outcome.pc;
            return { kind: 'fault', address: BigInt(outcome.pc), pc: outcome.pc, ...guest.describeTrap(outcome.code, outcome.argument) };
          case 'fault':
            machine.pc = pc + 4 * outcome.completed;
            return {
              kind: 'fault',
              signal: 11,
              code: space.protAt(Number(outcome.address)) === undefined ? 1 : 2,
              address: outcome.address,
              pc: machine.pc,
              text: '',
            };
        }
      }
      return { kind: 'budget' };
    },
  };
  return machine;
}
