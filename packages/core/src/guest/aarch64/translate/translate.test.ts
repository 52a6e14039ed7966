import { expect, test } from 'vitest';
import { type BlockOutcome, Evaluator, FlagKind, IrBuilder, packFlagKind } from '../../../ir/index.ts';
import { createAArch64 } from '../aarch64.ts';
import { layout } from '../state.ts';

/*
 * What single random instructions, as the fuzzer runs them, hardly ever meet: successful exclusives, pairs that are
 * equal, faults between two accesses. Words by the GNU assembler.
 */

const MEMORY = 0x1000n;
const MEMORY_BYTES = 0x100n;

/** Registers and memory, and the blocks that ran. */
class Program {
  readonly memory = new DataView(new ArrayBuffer(Number(MEMORY_BYTES)));
  private readonly state = new DataView(new ArrayBuffer(layout.size));
  private readonly ir = new IrBuilder();
  private readonly evaluator = new Evaluator({
    layout,
    state: this.state,
    stateOffset: 0,
    input: () => 0n,
    memory: {
      load: (address, bytes) => {
        if (address < MEMORY || address + BigInt(bytes) > MEMORY + MEMORY_BYTES) return { faultAddress: address };
        let value = 0n;
        for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.memory.getUint8(Number(address - MEMORY) + i));
        return value;
      },
      store: (address, bytes, value) => {
        if (address < MEMORY || address + BigInt(bytes) > MEMORY + MEMORY_BYTES) return { faultAddress: address };
        for (let i = 0; i < bytes; i++) this.memory.setUint8(Number(address - MEMORY) + i, Number((value >> BigInt(8 * i)) & 255n));
        return undefined;
      },
    },
  });

  constructor(
    registers: Readonly<Record<string, bigint>>,
    readonly guest = createAArch64(),
  ) {
    this.set('flagKind', BigInt(packFlagKind(FlagKind.NZCV, false, 0)));
    for (const [name, value] of this.guest.initialRegisters(0, 0)) this.set(name, value);
    for (const [name, value] of Object.entries(registers)) this.set(name, value);
  }

  set(name: string, value: bigint): void {
    const register = this.guest.state.get(name);
    if (register.type === 'i32') this.state.setUint32(register.offset, Number(value), true);
    else this.state.setBigUint64(register.offset, BigInt.asUintN(64, value), true);
  }

  get(name: string): bigint {
    return this.state.getBigUint64(this.guest.state.get(name).offset, true);
  }

  /** The doubleword at `offset`. */
  at(offset: number): bigint {
    return this.memory.getBigUint64(offset, true);
  }

  run(...words: number[]): BlockOutcome {
    const pc = 0x10000;
    this.ir.buffer.reset();
    const { insns, bytes } = this.guest.translateBlock(this.ir, { pc, maxInsns: words.length, fetch: (at) => words[(at - pc) >> 2] });
    const { terminator } = this.ir;
    if (terminator === undefined) throw new Error('the block has no end');
    return this.evaluator.run(this.ir.buffer, { pc, start: 0, end: this.ir.buffer.length, insns, bytes, terminator });
  }
}

const LDXR_X1 = 0xc85f7c01; // ldxr x1, [x0]
const STXR_W2_X3 = 0xc8027c03; // stxr w2, x3, [x0]
const STXR_W4_X3 = 0xc8047c03; // stxr w4, x3, [x0]

test('a store-exclusive succeeds once', () => {
  const p = new Program({ x0: MEMORY, x3: 7n });
  p.memory.setBigUint64(0, 5n, true);
  p.run(LDXR_X1, STXR_W2_X3, STXR_W4_X3);
  expect([p.get('x1'), p.get('x2'), p.get('x4'), p.at(0)]).toEqual([5n, 0n, 1n, 7n]);
});

test.each([
  ['memory changed', 0xf9000005], // str x5, [x0]
  ['CLREX', 0xd5033f5f],
  ['SVC', 0xd4000001],
])('a store-exclusive fails after %s', (_, word) => {
  const p = new Program({ x0: MEMORY, x3: 7n, x5: 9n });
  p.run(LDXR_X1, word);
  const before = p.at(0);
  p.run(STXR_W2_X3);
  expect([p.get('x2'), p.at(0)]).toEqual([1n, before]);
});

test('a store-exclusive without a mark does not look at memory', () => {
  const p = new Program({ x0: 3n, x3: 7n });
  expect(p.run(STXR_W2_X3).kind).toBe('jump');
  expect(p.get('x2')).toBe(1n);
});

test('exclusive pairs', () => {
  const p = new Program({ x0: MEMORY, x3: 0x33n, x5: 0x55n });
  p.memory.setBigUint64(0, 0x1111111122222222n, true);
  p.memory.setBigUint64(8, 0x3333333344444444n, true);
  p.run(0xc87f1801, 0xc8221403); // ldxp x1, x6, [x0]; stxp w2, x3, x5, [x0]
  expect([p.get('x1'), p.get('x6'), p.get('x2'), p.at(0), p.at(8)]).toEqual([0x1111111122222222n, 0x3333333344444444n, 0n, 0x33n, 0x55n]);
  p.run(0x887f1801, 0x88221403); // ldxp w1, w6, [x0]; stxp w2, w3, w5, [x0]
  expect([p.get('x1'), p.get('x6'), p.get('x2'), p.at(0)]).toEqual([0x33n, 0n, 0n, 0x0000005500000033n]);
});

test('compare and swap pairs', () => {
  const p = new Program({ x0: MEMORY, x2: 1n, x3: 2n, x4: 0x44n, x5: 0x55n });
  p.memory.setBigUint64(0, 1n, true);
  p.memory.setBigUint64(8, 2n, true);
  p.run(0x48227c04); // casp x2, x3, x4, x5, [x0]
  expect([p.at(0), p.at(8)]).toEqual([0x44n, 0x55n]);
  p.run(0x48227c04);
  expect([p.get('x2'), p.get('x3'), p.at(0), p.at(8)]).toEqual([0x44n, 0x55n, 0x44n, 0x55n]);
  p.set('x2', 0x44n);
  p.set('x3', 0n);
  p.run(0x08227c04); // casp w2, w3, w4, w5, [x0]
  expect([p.get('x2'), p.get('x3'), p.at(0)]).toEqual([0x44n, 0n, 0x0000005500000044n]);
});

test('a misaligned exclusive, ordered or atomic access faults at its address', () => {
  const p = new Program({ x0: MEMORY + 4n });
  expect(p.run(LDXR_X1)).toEqual({ kind: 'fault', completed: 0, address: MEMORY + 4n, write: false, misaligned: true });
  expect(p.run(0x48227c04)).toMatchObject({ kind: 'fault', misaligned: true });
  // ldxrb w1, [x0]
  expect(p.run(0x085f7c01).kind).toBe('jump');
});

test.each([
  ['smallest by -1', 1n << 63n, -1n, 1n << 63n, 0n],
  ['by zero', 7n, 0n, 0n, 0n],
  ['rounds towards zero', -7n, 2n, BigInt.asUintN(64, -3n), 0x7ffffffffffffffcn],
])('division: %s', (_, a, b, signed, unsigned) => {
  const p = new Program({ x1: a, x2: b });
  p.run(0x9ac20c20); // sdiv x0, x1, x2
  expect(p.get('x0')).toBe(signed);
  p.run(0x9ac20820); // udiv x0, x1, x2
  expect(p.get('x0')).toBe(unsigned);
});

test('32-bit division of the smallest number by -1', () => {
  const p = new Program({ x1: 0xffffffff80000000n, x2: 0xffffffffn });
  p.run(0x1ac20c20); // sdiv w0, w1, w2
  expect(p.get('x0')).toBe(0x80000000n);
});

test('a load of a pair that faults at the second access changes no register', () => {
  const p = new Program({ x0: MEMORY + MEMORY_BYTES - 8n, x1: 1n, x2: 2n });
  expect(p.run(0xa8c10801)).toMatchObject({ kind: 'fault', completed: 0, address: MEMORY + MEMORY_BYTES }); // ldp x1, x2, [x0], #16
  expect([p.get('x0'), p.get('x1'), p.get('x2')]).toEqual([MEMORY + MEMORY_BYTES - 8n, 1n, 2n]);
});

test('DC ZVA zeros the whole block around the address', () => {
  // On Cortex-A57 a block has 64 bytes.
  const p = new Program({ x0: MEMORY + 0x7fn }, createAArch64('cortex-a57'));
  new Uint8Array(p.memory.buffer).fill(0xff);
  p.run(0xd50b7420);
  expect([p.at(0x38), p.at(0x40), p.at(0x78), p.at(0x80)]).toEqual([0xffffffffffffffffn, 0n, 0n, 0xffffffffffffffffn]);
});

test('BLR X30 goes where X30 pointed', () => {
  const p = new Program({ x30: 0x5000n });
  expect(p.run(0xd63f03c0)).toMatchObject({ kind: 'jump', pc: 0x5000n });
  expect(p.get('x30')).toBe(0x10004n);
});
