import { describe, expect, it } from 'vitest';
import type { IrBuilder } from '../ir/index.ts';
import { EvaluatorMachine } from './evaluatorMachine.ts';
import { Cell, RING } from './linearMemory.ts';
import type { Machine, MachineOptions } from './machine.ts';
import type { BlockInfo, Instrument, MachineHooks, SyscallOutcome } from './seams.ts';
import { createToyGuest, TOY_CODE, TOY_DATA, TOY_STACK, TOY_WORDS } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

type Options = Omit<MachineOptions, 'guest' | 'syscall'> & { readonly syscall?: (machine: Machine) => SyscallOutcome };

const optionsOf = (options: Options): MachineOptions => ({ guest: createToyGuest(), memoryPages: 4096, syscall: () => 'done', ...options });

function load<M extends Machine>(machine: M, code: ArrayLike<number>): M {
  machine.space.map(TOY_CODE, 4096, 5);
  machine.space.map(TOY_DATA, 0x3000, 3);
  machine.space.map(TOY_STACK, 0x2000, 3);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(Uint32Array.from(code).buffer));
  machine.cpu.clear();
  machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x1000));
  machine.cpu.setByName('lr', BigInt(TOY_CODE));
  machine.pc = TOY_CODE;
  return machine;
}

const evaluate = (code: ArrayLike<number>, options: Options = {}): EvaluatorMachine => load(new EvaluatorMachine(optionsOf(options)), code);

// The toy guest's instructions
const addi = (d: number, a: number, imm: number): number => (d << 25) | (a << 22) | imm;
const loadFrom = (d: number, a: number): number => (4 << 28) | (d << 25) | (a << 22);
const storeTo = (a: number, b: number): number => (5 << 28) | (a << 22) | (b << 19);
const pushPop = (d: number, b: number): number => ((6 << 28) | (d << 25) | (b << 19)) >>> 0;
const jump = (index: number): number => ((10 << 28) | index) >>> 0;
const ret = (): number => (13 << 28) >>> 0;
const syscall = (): number => (15 << 28) >>> 0;

/** Everything the guest can see. */
function view(machine: Machine) {
  const registers = machine.guest.state.registers.filter(({ visible }) => visible).map((register) => machine.cpu.get(register).toString(16));
  return {
    steps: machine.steps,
    pc: machine.pc,
    nzcv: machine.cpu.nzcv,
    registers,
    data: machine.space.kernelRead(TOY_DATA, 0x3000),
    stack: machine.space.kernelRead(TOY_STACK, 0x2000),
  };
}

describe('agrees with the WebAssembly machine', () => {
  for (let seed = 1; seed <= 8; seed++) {
    it(`on random program ${seed}`, () => {
      let x = seed * 2654435761 + 1;
      const random = (): number => {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        return x >>> 0;
      };
      const code = Array.from({ length: TOY_WORDS }, random);
      const registers = Array.from({ length: 8 }, () => BigInt(random()) * BigInt(random()));
      const machines = [new EvaluatorMachine(optionsOf({})), new EvaluatorMachine(optionsOf({ oneInsnPerBlock: true })), createMachine(optionsOf({}))];
      for (const machine of machines) {
        load(machine, code);
        for (const [i, value] of registers.entries()) machine.cpu.setByName(`r${i}`, value);
      }
      for (const until of [1, 7, 100, 2500]) {
        const [slow, single, fast] = machines.map((machine) => ({ event: machine.run(until), ...view(machine) }));
        expect(single).toEqual(slow);
        expect(fast).toEqual(slow);
      }
    });
  }
});

describe('stops', () => {
  it('exactly at a budget, in the middle of a block', () => {
    const machine = evaluate([addi(1, 1, 1), addi(1, 1, 1), addi(1, 1, 1), jump(0)]);
    for (const until of [1, 2, 5, 6, 4001]) {
      expect(machine.run(until)).toEqual({ kind: 'budget' });
      expect(machine.steps).toBe(until);
      expect(machine.cpu.getByName('r1')).toBe(BigInt(until - Math.floor(until / 4)));
      expect(machine.pc).toBe(TOY_CODE + (until % 4) * 4);
    }
  });

  it('at a fault, before the instruction', () => {
    const machine = evaluate([addi(1, 1, 1), loadFrom(2, 3), storeTo(3, 1)]);
    machine.space.protect(TOY_DATA, 0x1000, 1);
    const address = BigInt(TOY_DATA);
    const pc = TOY_CODE + 8;
    expect(machine.run()).toEqual({ kind: 'fault', signal: 11, code: 2, address, pc, text: 'access not permitted' });
    expect(machine.steps).toBe(2);
    expect(machine.pc).toBe(pc);
    machine.space.unmap(TOY_DATA, 0x1000);
    expect(machine.run()).toMatchObject({ signal: 11, code: 1, address, pc, text: 'address not mapped' });
    machine.space.map(TOY_DATA, 0x1000, 3);
    expect(machine.run(3)).toEqual({ kind: 'budget' });
    expect(machine.space.kernelRead(TOY_DATA, 1)).toEqual(Uint8Array.of(1));
  });

  it('at a fault beyond 2^53, or in the second page of an access', () => {
    const machine = evaluate([pushPop(1, 2)]);
    machine.cpu.setByName('sp', 0xffff_0000_0000_0001n);
    expect(machine.run()).toMatchObject({ kind: 'fault', signal: 11, code: 1, address: 0xffff_0000_0000_0001n, pc: TOY_CODE });
    machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x2000 - 20));
    expect(machine.run()).toMatchObject({ kind: 'fault', address: BigInt(TOY_STACK + 0x2000), pc: TOY_CODE });
    machine.cpu.setByName('sp', BigInt(TOY_STACK + 0x2000 - 24));
    expect(machine.run(1)).toEqual({ kind: 'budget' });
  });

  it('where there is no code, below and above 2^53', () => {
    const machine = evaluate([ret()]);
    machine.cpu.setByName('lr', 0x4000n);
    expect(machine.run()).toMatchObject({ kind: 'fault', signal: 4, address: 0x4000n, pc: 0x4000 });
    machine.pc = TOY_CODE;
    machine.cpu.setByName('lr', 0xfedc_ba98_7654_3210n);
    expect(machine.run()).toMatchObject({ kind: 'fault', address: 0xfedc_ba98_7654_3210n });
    expect(machine.steps).toBe(2);
    machine.pc = 0x4000;
    machine.space.map(0x4000, 0x1000, 5);
    machine.space.pokeBytes(0x4000, new Uint8Array(Uint32Array.of(syscall()).buffer));
    expect(machine.run(3)).toEqual({ kind: 'budget' });
  });

  it('when a system call or a hook wants it', () => {
    const outcomes: SyscallOutcome[] = ['done', 'changed', { exit: 7 }];
    const pcs: number[] = [];
    const machine = evaluate([syscall(), addi(1, 1, 1), jump(0)], {
      syscall: (m) => {
        pcs.push(m.pc);
        const outcome = outcomes.shift() ?? 'done';
        if (outcome === 'changed') m.pc = TOY_CODE + 8;
        return outcome;
      },
    });
    expect(machine.run()).toEqual({ kind: 'exit', status: 7 });
    expect(pcs).toEqual([TOY_CODE + 4, TOY_CODE + 4, TOY_CODE + 4]);
    // syscall addi jump, syscall jump, syscall
    expect(machine.steps).toBe(6);
    machine.requestStop();
    expect(machine.run()).toEqual({ kind: 'stop' });
    expect(machine.run(8)).toEqual({ kind: 'budget' });
    const entered: number[] = [];
    const stopping: EvaluatorMachine = evaluate([jump(0)], {
      hooks: {
        entered: () => {
          if (entered.push(stopping.steps) === 3) stopping.requestStop();
        },
      },
    });
    expect(stopping.run()).toEqual({ kind: 'stop' });
    expect(entered).toEqual([0, 1, 2]);
  });
});

it('translates anew what is overwritten', () => {
  const machine = evaluate([addi(1, 1, 1), jump(0)]);
  machine.run(2);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(Uint32Array.of(addi(1, 1, 100)).buffer));
  machine.run(4);
  expect(machine.cpu.getByName('r1')).toBe(101n);
});

it('shows blocks to the hooks, and runs instrumented ones', () => {
  const log: string[] = [];
  const hooks: MachineHooks = {
    translated: (info) => log.push(`translated ${info.id}: ${info.pc.toString(16)} ${info.insns} ${info.bytes} ${[...info.words].map((w) => w.toString(16))}`),
    ir: (stage, info, buffer, block) => log.push(`${stage} ${info.id}: ${block.end - block.start} of ${buffer.length}`),
    entered: (info) => log.push(`entered ${info.id}`),
    blockCutShort: (completed) => log.push(`cut after ${completed}`),
    ringFull: () => {
      log.push('full');
      machine.memory.view.setUint32(Cell.ringPointer, RING, true);
    },
  };
  const instrument: Instrument = {
    wish: 'count',
    instrument(from, block, info: BlockInfo, to: IrBuilder) {
      to.ringReserve(info.id, 8);
      // Nothing in these blocks refers to a constant or a helper.
      for (let i = block.start; i < block.end; i++) {
        const renamed = (value: number): number => (value < 0 ? value : value + 1);
        to.buffer.push(from.op[i], from.type[i], renamed(from.a[i]), renamed(from.b[i]), renamed(from.c[i]), from.imm[i], from.imm2[i]);
      }
      to.ringStore(to.i32_const(0x55), 4, 4);
      to.ringCommit(8);
      return { ...block, start: 0, end: to.buffer.length };
    },
  };
  const machine = evaluate([jump(1), storeTo(3, 1), jump(0)], { hooks });
  machine.memory.view.setUint32(Cell.ringPointer, RING, true);
  machine.memory.view.setUint32(Cell.ringLimit, RING + 8, true);
  machine.setInstrument(instrument);
  machine.run(3);
  expect(log.splice(0)).toEqual([
    'translated 1: 10000 1 4 a0000001',
    'op 1: 1 of 1',
    'op_opt 1: 5 of 5',
    'entered 1',
    `translated 2: 10004 2 8 ${storeTo(3, 1).toString(16)},a0000000`,
    'op 2: 9 of 9',
    'op_opt 2: 13 of 13',
    'entered 2',
  ]);
  expect([...machine.memory.u32.subarray(RING / 4, RING / 4 + 4)]).toEqual([1, 0x55, 2, 0x55]);
  machine.space.protect(TOY_DATA, 0x1000, 1);
  expect(machine.run(10)).toMatchObject({ kind: 'fault' });
  expect(log).toEqual(['entered 1', 'full', 'entered 2', 'cut after 0']);
  expect(machine.memory.view.getUint32(Cell.ringPointer, true)).toBe(RING + 8);
  machine.setInstrument(undefined);
  machine.pc = TOY_CODE;
  machine.run(5);
  expect(log.slice(4, 6)).toEqual(['translated 3: 10000 1 4 a0000001', 'op 3: 1 of 1']);
});
