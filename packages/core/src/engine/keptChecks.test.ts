import { describe, expect, it } from 'vitest';
import type { Guest } from '../guest/index.ts';
import { FlagKind, type IrBuilder } from '../ir/index.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { randomWords } from './randomWords.ts';
import { createToyGuest, TOY_CODE, TOY_WORDS } from './toyGuest.ts';
import { createMachine } from './wasmMachine.ts';

/*
 * Checks that are kept for accesses of later blocks (wasm/lower/keptChecks.ts): programs of a guest that goes from block to
 * block with pointers in its registers, over pages of every kind.
 *
 *     bits 31..28 operation   27..26 d   25..24 a   15..0 immediate
 */
const DATA = 0x20_0000;
const PAGES = 8;
const END = TOY_CODE + 4 * TOY_WORDS;

function pointerGuest(): Guest {
  const guest = createToyGuest();
  const named = (name: string): (typeof guest.state.flags)['a'] => guest.state.get(name) as (typeof guest.state.flags)['a'];
  const values = [0, 1, 2, 3].map((n) => named(`r${n}`));
  const pointers = [4, 5, 6, 7].map((n) => named(`r${n}`));
  const lr = named('lr');
  const insn = (ir: IrBuilder, word: number, at: number): void => {
    const imm = word & 0xffff;
    const [d, a] = [(word >>> 26) & 3, (word >>> 24) & 3];
    const target = TOY_CODE + 4 * (imm % TOY_WORDS);
    const address = ir.i64_add(ir.getReg(pointers[a]), ir.i64_const((imm & 0x3f) * 4 - 64));
    switch (word >>> 28) {
      case 0:
      case 1:
        return ir.setReg(values[d], (imm & 0x40) === 0 ? ir.i64_load(address) : ir.i64_load32_u(address));
      case 2:
      case 3:
        return void ((imm & 0x40) === 0 ? ir.i64_store(address, ir.getReg(values[d])) : ir.i64_store8(address, ir.getReg(values[d])));
      case 4:
        return ir.setReg(pointers[d], ir.i64_add(ir.getReg(pointers[a]), ir.i64_const((imm & 0x3f) - 24)));
      case 5:
        return ir.setReg(pointers[d], ir.getReg(pointers[a]));
      case 6:
        return ir.setReg(pointers[d], ir.i64_add(ir.i64_const(DATA), ir.i64_and(ir.getReg(values[a]), ir.i64_const(PAGES * 4096 - 1))));
      case 7:
        return ir.setReg(values[d], ir.i64_add(ir.i64_mul(ir.getReg(values[a]), ir.i64_const(0x9e3779b1)), ir.i64_const(imm)));
      case 8:
        return void ir.setFlags(FlagKind.SUB64, ir.getReg(values[d]), ir.getReg(values[a]));
      case 9:
      case 10:
      case 11: {
        const taken = (imm & 0x30) === 0 ? target : at + 4 * (1 + ((imm >>> 6) & 7));
        return ir.end({ kind: 'branch', condition: ir.flagTest(imm % 14), taken, fallThrough: at + 4 });
      }
      case 12:
        return ir.end({ kind: 'jump', target: (imm & 0x8000) === 0 ? at + 8 : target });
      case 13:
        ir.setReg(lr, ir.i64_const(at + 4));
        return ir.end({ kind: 'call', target, returnAddress: at + 4 });
      case 14:
        return ir.end({ kind: 'return', target: ir.getReg(lr) });
      default:
        return ir.end({ kind: 'syscall', next: at + 4 });
    }
  };
  return {
    ...guest,
    translateBlock: (ir, { pc, maxInsns, fetch }) => {
      ir.terminator = undefined;
      if (pc >= END) {
        ir.insn(0, 0);
        ir.end({ kind: 'jump', target: TOY_CODE + (pc - END) });
        return { insns: 1, bytes: 4 };
      }
      let insns = 0;
      for (let at = pc; ; at += 4) {
        if (insns === maxInsns || at >= END) ir.end({ kind: 'jump', target: at });
        else {
          const word = fetch(at) ?? 0;
          ir.insn(insns++, word);
          insn(ir, word, at);
        }
        if (ir.terminator !== undefined) return { insns, bytes: insns * 4 };
      }
    },
  };
}

type Options = Partial<MachineOptions>;

/** Pages of every kind: neighbours that may both be written, one that may not, one whose stores are slow, one that is not there. */
function mapData(machine: Machine): void {
  machine.space.map(DATA, 2 * 4096, 3);
  machine.space.map(DATA + 4 * 4096, 4096, 7);
  machine.space.map(DATA + 2 * 4096, 4096, 3);
  machine.space.map(DATA + 3 * 4096, 4096, 1);
  machine.space.map(DATA + 6 * 4096, 2 * 4096, 3);
}

/** @param changes whether system calls change what is mapped */
function pointerMachine(code: readonly number[], options: Options, changes: boolean): Machine {
  let calls = 0;
  const syscall = (machine: Machine): 'done' => {
    calls++;
    if (!changes) return 'done';
    const page = DATA + (calls % PAGES) * 4096;
    if (calls % 3 === 0) machine.space.unmap(page, 4096);
    else if (calls % 3 === 1) machine.space.map(page, 4096, 3);
    else machine.space.protect(page, 4096, calls % 2 === 0 ? 1 : 3);
    return 'done';
  };
  const machine = createMachine({ guest: pointerGuest(), memoryPages: 4096, syscall, ...options });
  machine.space.map(TOY_CODE, 4096, 5);
  mapData(machine);
  machine.space.pokeBytes(TOY_CODE, new Uint8Array(Uint32Array.from(code).buffer));
  machine.cpu.clear();
  machine.cpu.setByName('lr', BigInt(TOY_CODE));
  for (let n = 0; n < 4; n++) {
    machine.cpu.setByName(`r${n}`, BigInt(n) * 0x1234_5678_9abcn);
    machine.cpu.setByName(`r${n + 4}`, BigInt(DATA + n * 0x7f8 + 64));
  }
  machine.pc = TOY_CODE;
  return machine;
}

/** Runs up to a number of instructions, going on behind each that faults. @returns all faults, and everything that the guest can see then */
function trail(machine: Machine, steps: number): unknown {
  const faults: string[] = [];
  for (let event = machine.run(steps); event.kind !== 'budget'; event = machine.run(steps)) {
    if (event.kind !== 'fault') throw new Error(`the machine stopped: ${event.kind}`);
    faults.push(`${machine.steps}: ${event.code} ${event.address} at ${event.pc}`);
    machine.pc = event.pc + 4;
    if (faults.length > 2000) break;
  }
  const registers = machine.guest.state.registers.filter(({ visible }) => visible).map((register) => machine.cpu.get(register).toString(16));
  let hash = 0;
  for (let page = 0; page < PAGES; page++) {
    for (const byte of machine.space.peek(DATA + page * 4096, 4096) ?? []) hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return { faults, steps: machine.steps, pc: machine.pc, registers, hash };
}

const WEIGHTS = [
  [0, 0, 1, 2, 2, 4, 5, 8, 9, 10],
  [0, 1, 2, 3, 4, 6, 7, 8, 9, 12],
  [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 1, 2, 6, 7, 8, 9, 15],
];

describe('random ways of pointers: the same faults and the same state as one instruction a block', () => {
  const modes: [string, Options][] = [
    ['regions', { disabled: new Set(['cold-code']) }],
    ['cold code that becomes hot', { firstSlice: 50, runsUntilHot: 3 }],
    ['loops entered anew', { firstSlice: 50, disabled: new Set(['cold-code']) }],
    ['no copies of blocks', { disabled: new Set(['cold-code', 'split-entries']) }],
    ['each check made', { disabled: new Set(['cold-code', 'kept-checks']) }],
  ];
  for (let seed = 1; seed <= 16; seed++) {
    it(`program ${seed}`, () => {
      const random = randomWords(seed);
      const weights = WEIGHTS[seed % WEIGHTS.length] as readonly number[];
      const code = Array.from({ length: TOY_WORDS }, () => ((random() & 0x0fff_ffff) | ((weights[random() % weights.length] as number) << 28)) >>> 0);
      const changes = seed % 8 >= 4;
      const stops = [300, 1500];
      const reference = pointerMachine(code, { oneInsnPerBlock: true, noChain: true }, changes);
      const expected = stops.map((steps) => trail(reference, steps));
      for (const [name, options] of modes) {
        const machine = pointerMachine(code, options, changes);
        expect(
          stops.map((steps) => trail(machine, steps)),
          name,
        ).toEqual(expected);
      }
    });
  }
});

const op = (operation: number, d: number, a: number, imm: number): number => ((operation << 28) | (d << 26) | (a << 24) | imm) >>> 0;
/** Immediate of an access to a pointer plus `displacement`. */
const at = (displacement: number): number => (displacement + 64) / 4;
const NEXT_BLOCK = op(12, 0, 0, 0);

describe('accesses of later blocks', () => {
  // In three blocks: load r0 at r4, store r1 beside it, load r2 beside that.
  const STORE_BETWEEN = [op(0, 0, 0, at(0)), NEXT_BLOCK, 0, op(2, 1, 0, at(8)), NEXT_BLOCK, 0, op(0, 2, 0, at(16)), op(12, 0, 0, 0x8000)];
  const LOADS = [op(0, 0, 0, at(0)), NEXT_BLOCK, 0, op(0, 1, 0, at(8)), NEXT_BLOCK, 0, op(0, 2, 0, at(16)), op(12, 0, 0, 0x8000)];
  const CALL_BETWEEN = [op(0, 0, 0, at(0)), op(15, 0, 0, 0), op(0, 1, 0, at(8)), op(12, 0, 0, 0x8000)];

  const bytesOf = (code: readonly number[], disabled: readonly string[]): number => {
    const machine = pointerMachine(code, { disabled: new Set(['cold-code', ...disabled]) }, false);
    expect(machine.run(100)).toEqual({ kind: 'budget' });
    return machine.statistics.wasmBytes;
  };

  it('need no check of their own, but for stores behind loads, and behind calls', () => {
    const spared = (code: readonly number[]): number => bytesOf(code, ['kept-checks']) - bytesOf(code, []);
    expect(spared(LOADS)).toBeGreaterThan(80);
    expect(spared(CALL_BETWEEN)).toBe(0);
    // The store has a check, which the last load uses.
    expect(spared(STORE_BETWEEN)).toBeGreaterThan(40);
    expect(spared(STORE_BETWEEN)).toBeLessThan(spared(LOADS));
  });

  it('fault where they are, at the end of what is mapped', () => {
    for (const code of [LOADS, STORE_BETWEEN]) {
      const machine = pointerMachine(code, { disabled: new Set(['cold-code']) }, false);
      machine.cpu.setByName('r4', BigInt(DATA + 5 * 4096 - 16));
      expect(machine.run(100)).toMatchObject({ kind: 'fault', pc: TOY_CODE + 24, address: BigInt(DATA + 5 * 4096) });
      expect(machine.steps).toBe(4);
      const other = pointerMachine(code, { disabled: new Set(['cold-code']) }, false);
      other.cpu.setByName('r4', BigInt(DATA + 5 * 4096 - 8));
      expect(other.run(100)).toMatchObject({ kind: 'fault', pc: TOY_CODE + 12, address: BigInt(DATA + 5 * 4096) });
      expect(other.steps).toBe(2);
    }
  });

  it('are as far from what was checked as the way there has moved the pointer', () => {
    // Load r0 at r4; if it is not 0 (EQ is condition 0), add 8 to r4; load r2 beside it, and go round.
    const code = [op(0, 0, 0, at(0)), op(8, 0, 3, 0), op(9, 0, 0, 0x40 + 0x30), op(4, 0, 0, 32), op(12, 0, 0, 0x8005), op(0, 2, 0, at(8)), op(15, 0, 0, 0)];
    for (const [first, expected] of [
      [0, 8n],
      [1, 16n],
    ] as const) {
      const machine = pointerMachine([...code, op(12, 0, 0, 0x8007)], { disabled: new Set(['cold-code']) }, false);
      machine.cpu.setByName('r3', 0n);
      machine.cpu.setByName('r4', BigInt(DATA));
      machine.space.kernelWrite(DATA, Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 16));
      expect(machine.run(40)).toEqual({ kind: 'budget' });
      expect(machine.cpu.get(machine.guest.state.get('r2'))).toBe(expected);
    }
  });

  it('see that a call has unmapped or protected a page since', () => {
    for (const [change, code] of [
      [(machine: Machine) => machine.space.unmap(DATA, 4096), 1],
      [(machine: Machine) => machine.space.protect(DATA, 4096, 0), 2],
    ] as const) {
      let calls = 0;
      const syscall = (machine: Machine): 'done' => {
        if (++calls === 20) change(machine);
        return 'done';
      };
      const machine = pointerMachine(CALL_BETWEEN, { disabled: new Set(['cold-code']), syscall }, false);
      expect(machine.run(1000)).toMatchObject({ kind: 'fault', pc: TOY_CODE + 8, address: BigInt(DATA + 72), code });
      expect(machine.steps).toBe(19 * 4 + 2);
    }
  });

  // What a load before the store has checked is elsewhere then.
  it('see memory that the first store since a fork has moved', () => {
    for (const disabled of [['cold-code'], ['cold-code', 'kept-checks']]) {
      const machine = pointerMachine(STORE_BETWEEN, { disabled: new Set(disabled) }, false);
      const parent = machine.space;
      machine.cpu.setByName('r4', BigInt(DATA));
      machine.cpu.setByName('r1', 0x77n);
      expect(machine.run(40)).toEqual({ kind: 'budget' });
      const child = machine.forkSpace();
      machine.enter(child);
      machine.cpu.setByName('r1', 0x1234n);
      expect(machine.run(80)).toEqual({ kind: 'budget' });
      parent.kernelWrite(DATA + 16, Uint8Array.of(1, 2, 3));
      child.kernelWrite(DATA + 16, Uint8Array.of(9));
      expect(machine.run(160)).toEqual({ kind: 'budget' });
      expect(machine.cpu.get(machine.guest.state.get('r2'))).toBe(9n);
      expect([...(child.kernelRead(DATA + 8, 2) as Uint8Array)]).toEqual([0x34, 0x12]);
      expect([...(parent.kernelRead(DATA + 8, 2) as Uint8Array)]).toEqual([0x77, 0]);
    }
  });

  // The stores' page is executable, so that they are slow; the check of the load before is not theirs.
  it('see what slow stores have written', () => {
    const machine = pointerMachine(STORE_BETWEEN, { disabled: new Set(['cold-code']) }, false);
    machine.cpu.setByName('r4', BigInt(DATA + 4 * 4096 - 8));
    machine.cpu.setByName('r1', 0x99n);
    machine.space.protect(DATA + 3 * 4096, 4096, 3);
    expect(machine.run(80)).toEqual({ kind: 'budget' });
    expect([...(machine.space.kernelRead(DATA + 4 * 4096, 1) as Uint8Array)]).toEqual([0x99]);
  });
});

/** A guest whose only instruction loads both words at r0 and, between, those at r1; it goes on to itself. */
function interleavedGuest(): Guest {
  const guest = createToyGuest();
  const [r0, r1, r2] = ['r0', 'r1', 'r2'].map((name) => guest.state.get(name) as (typeof guest.state.flags)['a']);
  return {
    ...guest,
    translateBlock: (ir, { pc }) => {
      ir.terminator = undefined;
      ir.insn(0, 0);
      const word = (register: typeof r0, offset: number): ReturnType<typeof ir.i64_load> => ir.i64_load(ir.i64_add(ir.getReg(register), ir.i64_const(offset)));
      const first = [word(r0, 0), word(r1, 0)];
      const second = [word(r0, 8), word(r1, 8)];
      ir.setReg(r2, ir.i64_add(ir.i64_shl(ir.i64_add(first[0], first[1]), ir.i64_const(32)), ir.i64_add(second[0], second[1])));
      ir.end({ kind: 'jump', target: pc });
      return { insns: 1, bytes: 4 };
    },
  };
}

// The second group's words went over the first's in the buffer for what straddles, before all of those had been read.
it('two groups of loads straddle arenas at once', () => {
  for (const option of ['kept-checks', 'access-groups']) {
    const machine = createMachine({ guest: interleavedGuest(), memoryPages: 4096, syscall: () => 'done', disabled: new Set(['cold-code', option]) });
    machine.space.map(TOY_CODE, 4096, 5);
    // In an order in which neighbours do not become neighbours in storage
    for (const page of [0, 9, 1, 11, 2, 13, 3]) machine.space.map(0x66_0000_0000 + page * 4096, 4096, 3);
    machine.cpu.clear();
    for (const [n, page] of [0, 2].entries()) {
      const address = 0x66_0000_0000 + page * 4096 + 4088;
      machine.cpu.setByName(`r${n}`, BigInt(address));
      machine.space.kernelWrite(address, Uint8Array.of(n + 1, 0, 0, 0, 0, 0, 0, 0, 16 * (n + 1)));
    }
    machine.pc = TOY_CODE;
    expect(machine.run(3)).toEqual({ kind: 'budget' });
    expect(machine.cpu.get(machine.guest.state.get('r2'))).toBe((3n << 32n) + 48n);
  }
});
