import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../packages/core/src/base/index.ts';
import type { Machine } from '../../packages/core/src/engine/index.ts';
import { createMachineOfKind, type MachineKind } from './machines.ts';

// What cold code does by one record for several, and where it must not: against the evaluator, which goes through the IR op by op.

const CODE = 0x40_0000;
const DATA = 0x50_0000;
const PAGE = 4096;
const UDF = 0;
const [READ, WRITE, EXECUTE] = [1, 2, 4];

/** Conditions of B.cond besides AL and NV. */
const CONDITIONS = Array.from({ length: 14 }, (_, condition) => condition);
const VALUES = [0n, 1n, 3n, 8n, -1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 1n << 63n, (1n << 63n) - 1n];

/** Behind each comparison: B.cond over an instruction (MOV X3, #5). */
const COMPARISONS = {
  'CMP X': 0xeb02003f,
  'CMP W': 0x6b02003f,
  'TST X': 0xea02003f,
  'TST W': 0x6a02003f,
  'CMN X': 0xab02003f,
  'CMP immediate': 0xf1000c3f,
};
const MOV_X3_5 = 0xd28000a3;
const BRANCHES = { CBZ: 0xb4000041, CBNZ: 0xb5000041, 'CBZ W': 0x34000041, 'CBNZ W': 0x35000041, TBZ: 0xb6f80041, TBNZ: 0x37180041 };

const ACCESSES = {
  'LDP X1, X2, [X0]': [0xa9400801],
  'LDP X1, X0, [X0, #8]': [0xa9408001],
  'LDP X1, X1, [X0]': [0xa9400401],
  'LDP X2, X1, [X0], #16': [0xa8c10402],
  'LDP X2, X1, [X0, #-16]!': [0xa9ff0402],
  'STP X1, X2, [X0]': [0xa9000801],
  'STP X1, X2, [X0, #-16]!': [0xa9bf0801],
  'LDR X0, [X0]; LDR X1, [X0, #8]': [0xf9400000, 0xf9400401],
  'LDR X1, [X0]; LDR X1, [X0, #8]': [0xf9400001, 0xf9400401],
  'STR X1, [X0]; STR X2, [X0, #8]': [0xf9000001, 0xf9000402],
  'STR X1, [X0, #8]!': [0xf8008c01],
};
/** Words, and moves that swap registers: `ADD W3, W1, W2; SUB W4, W3, #1; AND W5, W4, W1; MOV W6, W1; EOR X7, X3, X4; ADD X8, X3, W1, SXTW; …`. */
const REGISTERS = [0x0b020023, 0x51000464, 0x0a010085, 0x2a0103e6, 0xca040067, 0x8b21c068, 0xaa0103e3, 0xaa0203e1, 0xaa0303e2, 0x2a020021];

/** What is in both pages: some bytes, and where a load reads it for the next, an address. */
const BYTES = Uint8Array.from({ length: 2 * PAGE }, (_, i) => i * 7 + (i >>> 8));
for (const at of [PAGE - 8, PAGE - 16, 256, PAGE]) new DataView(BYTES.buffer).setBigUint64(at, BigInt(DATA + PAGE - 16), true);

function machineOf(kind: MachineKind, words: readonly number[], second: number): Machine {
  const machine = createMachineOfKind(kind, 'max', new Set());
  machine.space.map(CODE, PAGE, READ | EXECUTE);
  machine.space.pokeBytes(CODE, new Uint8Array(Uint32Array.of(...words, UDF).buffer));
  machine.space.map(DATA, PAGE, READ | WRITE);
  if (second !== 0) machine.space.map(DATA + PAGE, PAGE, second);
  return machine;
}

/** Runs the code from its start to where it faults, at its end if not before. @returns all that it has changed */
function outcome(machine: Machine, registers: readonly bigint[], second: number): unknown {
  const { cpu, space } = machine;
  space.pokeBytes(DATA, second === 0 ? BYTES.subarray(0, PAGE) : BYTES);
  cpu.clear();
  registers.forEach((value, n) => {
    cpu.setByName(`x${n}`, BigInt.asUintN(64, value));
  });
  machine.pc = CODE;
  const before = machine.steps;
  const event = machine.run();
  const data = space.kernelRead(DATA, second === 0 ? PAGE : 2 * PAGE) as Uint8Array;
  return {
    event,
    steps: machine.steps - before,
    pc: machine.pc,
    nzcv: cpu.nzcv,
    registers: machine.guest.state.registers.filter(({ visible }) => visible).map((each) => `${each.name} ${cpu.get(each).toString(16)}`),
    data: fingerprint(new Uint32Array(data.slice().buffer)),
  };
}

function compare(words: readonly number[], inputs: readonly (readonly bigint[])[], second = READ): void {
  const [cold, evaluator] = (['cold', 'evaluator'] as const).map((kind) => machineOf(kind, words, second)) as [Machine, Machine];
  for (const input of inputs) expect(outcome(cold, input, second), `inputs ${input.join()}`).toEqual(outcome(evaluator, input, second));
}

const PAIRS = VALUES.flatMap((a) => VALUES.map((b) => [0n, a, b]));

describe('cold code compares and branches as the evaluator', () => {
  for (const [name, word] of Object.entries(COMPARISONS)) {
    it(name, () => {
      for (const condition of CONDITIONS) compare([word, 0x5400_0040 | condition, MOV_X3_5], PAIRS);
    });
  }

  for (const [name, word] of Object.entries(BRANCHES)) {
    it(name, () =>
      compare(
        [word, MOV_X3_5],
        VALUES.map((value) => [0n, value]),
      ),
    );
  }
});

describe('cold code accesses pairs as the evaluator, where their pages are', () => {
  const addresses = [256, 260, PAGE - 16, PAGE - 12, PAGE - 8, PAGE - 4, PAGE, PAGE + 8].map((offset) => [BigInt(DATA + offset), 5n, 6n]);
  for (const [page, second] of Object.entries({ unmapped: 0, 'read-only': READ, writable: READ | WRITE })) {
    for (const [name, words] of Object.entries(ACCESSES)) it(`${name}, the second ${page}`, () => compare(words, addresses, second));
  }
});

it('cold code moves and cuts words as the evaluator', () => compare(REGISTERS, PAIRS));
