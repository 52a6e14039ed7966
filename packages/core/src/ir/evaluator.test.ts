import { beforeAll, describe, expect, it } from 'vitest';
import wabt from 'wabt';
import type { Block, Terminator } from './buffer.ts';
import { IrBuilder, type Value } from './builder.ts';
import { canonical, fromBigInt, toBigInt } from './evaluator/bits.ts';
import { type Bits, conditionHolds, Evaluator, type EvaluatorMemory } from './evaluator.ts';
import { FlagKind } from './flags.ts';
import { hostHelper, irHelper } from './helpers.ts';
import { OP_TABLE, type OpInfo, type Ty } from './ops.ts';
import { StateLayout } from './state.ts';

const layout = new StateLayout();
const r0 = layout.add('r0', 'i64');
const w0 = layout.add('w0', 'i32');
const q0 = layout.add('q0', 'v128');
const d0 = layout.add('d0', 'f64');
const STATE_OFFSET = 32;

/** Guest memory of 64 bytes at 0x1000. */
class TestMemory implements EvaluatorMemory {
  readonly bytes = new Uint8Array(64);
  private denied(address: bigint, bytes: number): bigint | undefined {
    for (let at = address; at < address + BigInt(bytes); at++) if (at < 0x1000n || at >= 0x1040n) return at;
    return undefined;
  }
  load(address: bigint, bytes: number) {
    const faultAddress = this.denied(address, bytes);
    if (faultAddress !== undefined) return { faultAddress };
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[Number(address) - 0x1000 + i]);
    return value;
  }
  store(address: bigint, bytes: number, value: bigint) {
    const faultAddress = this.denied(address, bytes);
    if (faultAddress !== undefined) return { faultAddress };
    for (let i = 0; i < bytes; i++) this.bytes[Number(address) - 0x1000 + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return undefined;
  }
}

function setup() {
  const state = new DataView(new ArrayBuffer(STATE_OFFSET + layout.size));
  const memory = new TestMemory();
  const ring: string[] = [];
  const evaluator = new Evaluator({
    layout,
    state,
    stateOffset: STATE_OFFSET,
    memory,
    input: (kind) => BigInt(kind) - 5n,
    ring: {
      reserve: (block, bytes) => ring.push(`reserve ${block} ${bytes}`),
      step: (offset) => ring.push(`step ${offset}`),
      store: (offset, bytes, value) => ring.push(`store ${offset} ${bytes} ${value.toString(16)}`),
      count: (block, insns) => ring.push(`count ${block} ${insns}`),
      commit: (bytes) => ring.push(`commit ${bytes}`),
    },
  });
  const run = (build: (ir: IrBuilder) => Terminator, insns = 1) => {
    const ir = new IrBuilder();
    const terminator = build(ir);
    const block: Block = { pc: 0x1000, start: 0, end: ir.buffer.length, insns, bytes: 4 * insns, terminator };
    return evaluator.run(ir.buffer, block);
  };
  return { state, memory, ring, evaluator, run };
}

describe('numeric ops agree with the host WebAssembly', () => {
  const numeric = OP_TABLE.filter((info) => info.kind === 'pure' || info.kind === 'lane');
  const laneCount = (info: OpInfo): number => (info.kind === 'lane' ? Number(/x(\d+)_/.exec(info.name)?.[1]) : 1);
  const exportName = (info: OpInfo, lane: number): string => `${info.name}/${lane}`;
  /** Operands lie at 0, 16 and 32, the result at 48. */
  let memory: DataView;
  let exports: Record<string, () => void>;
  let seed = 1;
  const random = (): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed >>> 0;
  };
  const random64 = (): bigint => (BigInt(random()) << 32n) | BigInt(random());

  beforeAll(async () => {
    const functions = numeric.flatMap((info) =>
      Array.from({ length: laneCount(info) }, (_, lane) => {
        const operands = info.args.map((type, i) => `(${type}.load (i32.const ${i * 16}))`);
        // wabt knows no relaxed SIMD: such an op is the other one where its operands are in range
        const instruction = info.name.replace('_', '.').replace('relaxed_', '');
        const expression = info.name.endsWith('_select')
          ? `(select (result ${info.result}) ${operands[1]} ${operands[2]} ${operands[0]})`
          : `(${instruction} ${info.kind === 'lane' ? lane : ''} ${operands.join(' ')})`;
        return `(func (export "${exportName(info, lane)}") (${info.result}.store (i32.const 48) ${expression}))`;
      }),
    );
    const module = (await wabt()).parseWat('ops.wat', `(module (memory (export "memory") 1) ${functions.join('\n')})`, {
      simd: true,
      sat_float_to_int: true,
      sign_extension: true,
    });
    const { buffer } = module.toBinary({});
    const instance = new WebAssembly.Instance(new WebAssembly.Module(buffer as Uint8Array<ArrayBuffer>), {});
    exports = instance.exports as Record<string, () => void>;
    memory = new DataView((instance.exports.memory as unknown as WebAssembly.Memory).buffer);
  });

  const SPECIAL32 = [
    0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x3f800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc12345, 0x4b000001, 0x4f000000, 0xcf000000,
    0x5f000000, 0x3f000000, 0x3fc00000, 0xbf000000, 0x00000003, 0x4effffff,
  ];
  const SPECIAL64 = [
    0n,
    1n,
    1n << 63n,
    (1n << 63n) - 1n,
    (1n << 64n) - 1n,
    0x3ff0000000000000n,
    0x7ff0000000000000n,
    0xfff0000000000000n,
    0x7ff8000000000000n,
    0x7ff0000000000001n,
    0xfff8000012345678n,
    0x43e0000000000000n,
    0xc3e0000000000000n,
    0x43f0000000000000n,
    0x41efffffffe00000n,
    0x41dfffffffc00000n,
    0xc1e0000000000000n,
    0x3fe0000000000000n,
    0x4330000000000001n,
    0x0020000080000001n,
    0x3810000000000000n,
    0x47efffffefffffffn,
    0x36a0000000000000n,
    0x8000008000000001n,
    0x8000008000000000n,
  ];

  const randomBits = (type: Ty): bigint => {
    switch (type) {
      case 'i32':
      case 'f32':
        return BigInt(random() % 3 === 0 ? SPECIAL32[random() % SPECIAL32.length] : random() % 2 === 0 ? random() >>> (random() % 32) : random());
      case 'i64':
      case 'f64':
        return random() % 3 === 0 ? SPECIAL64[random() % SPECIAL64.length] : random() % 2 === 0 ? random64() >> BigInt(random() % 64) : random64();
      case 'v128':
        if (random() % 2 === 0) return randomBits('i64') | (randomBits('i64') << 64n);
        return randomBits('i32') | (randomBits('i32') << 32n) | (randomBits('i32') << 64n) | (randomBits('i32') << 96n);
    }
  };

  /** Replaces NaN lanes by one NaN, where the op may make any. */
  const anyNaN = (info: OpInfo, value: bigint): bigint => {
    if (/_(abs|neg|copysign|pmin|pmax|select|splat|bitselect|replace_lane|extract_lane|reinterpret_i32|reinterpret_i64)$/.test(info.name)) return value;
    const shape = info.result === 'v128' ? info.name.slice(0, 5) : (info.result as string);
    if (/_(eq|ne|lt|gt|le|ge)$/.test(info.name)) return value;
    const width = shape.startsWith('f32') ? 32 : shape.startsWith('f64') ? 64 : 0;
    if (width === 0) return value;
    const magnitude = width === 32 ? 0x7f800000n : 0x7ff0000000000000n;
    const mask = width === 32 ? 0x7fffffffn : 0x7fffffffffffffffn;
    let result = 0n;
    for (let at = 0n; at < 128n; at += BigInt(width)) {
      const lane = (value >> at) & ((1n << BigInt(width)) - 1n);
      result |= ((lane & mask) > magnitude ? mask : lane) << at;
    }
    return result;
  };

  const put = (at: number, value: bigint): void => {
    memory.setBigUint64(at, BigInt.asUintN(64, value), true);
    memory.setBigUint64(at + 8, value >> 64n, true);
  };

  for (const info of numeric) {
    it(info.name, () => {
      const { evaluator } = setup();
      const helpers = Array.from({ length: laneCount(info) }, (_, lane) =>
        irHelper(`${info.name}${lane}`, info.args, info.result as Ty, (ir, ...args) => {
          const method = (ir as unknown as Record<string, (...args: number[]) => Value>)[info.name];
          return method.call(ir, ...(args as unknown as number[]), ...(info.kind === 'lane' ? [lane] : []));
        }),
      );
      for (let turn = 0; turn < 200; turn++) {
        const lane = random() % laneCount(info);
        const operands = info.args.map(randomBits);
        if (info.name.includes('_div_') && info.name.startsWith('i')) {
          if (operands[1] === 0n || BigInt.asIntN(info.args[0] === 'i32' ? 32 : 64, operands[1]) === -1n) operands[1] = 3n;
        }
        for (const [i, value] of operands.entries()) put(i * 16, value);
        put(48, 0n);
        exports[exportName(info, lane)]();
        const expected = memory.getBigUint64(48, true) | (memory.getBigUint64(56, true) << 64n);
        const result = evaluator.callHelper(
          helpers[lane],
          operands.map((value, i) => fromBigInt(info.args[i], value)),
        );
        expect(canonical(info.result as Ty, result)).toEqual(result);
        const actual = toBigInt(result);
        if (anyNaN(info, actual) !== anyNaN(info, expected)) {
          const hex = (n: bigint): string => n.toString(16);
          expect(`${info.name}/${lane} ${operands.map(hex).join(', ')} = ${hex(actual)}`).toBe(`= ${hex(expected)}`);
        }
      }
    });
  }

  it('i8x16_shuffle', () => {
    const { evaluator } = setup();
    const pattern = [0, 17, 2, 19, 31, 30, 15, 14, 0, 0, 16, 16, 8, 9, 24, 25];
    const shuffle = irHelper('shuffle', ['v128', 'v128'], 'v128', (ir, a, b) => ir.i8x16_shuffle(a, b, pattern));
    const a = Uint8Array.from({ length: 16 }, (_, i) => i);
    const b = a.map((n) => n + 16);
    expect(evaluator.callHelper(shuffle, [a, b])).toEqual(Uint8Array.from(pattern));
  });
});

describe('what touches the guest', () => {
  it('reads and writes registers in the CPU state', () => {
    const { state, run } = setup();
    state.setBigUint64(STATE_OFFSET + r0.offset, 0xfedcba9876543210n, true);
    run((ir) => {
      ir.setReg(w0, ir.i32_wrap_i64(ir.getReg(r0)));
      ir.setReg(q0, ir.i64x2_splat(ir.getReg(r0)));
      ir.setReg(d0, ir.f64_const(1, 0x7ff00000));
      ir.setReg(r0, ir.i64_const(-2));
      return { kind: 'jump', target: 0 };
    });
    expect(state.getUint32(STATE_OFFSET + w0.offset, true)).toBe(0x76543210);
    expect(state.getBigUint64(STATE_OFFSET + q0.offset + 8, true)).toBe(0xfedcba9876543210n);
    expect(state.getBigUint64(STATE_OFFSET + d0.offset, true)).toBe(0x7ff0000000000001n);
    expect(state.getBigInt64(STATE_OFFSET + r0.offset, true)).toBe(-2n);
  });

  it('loads and stores every width', () => {
    for (const info of OP_TABLE.filter((op) => op.kind === 'load')) {
      const { memory, run } = setup();
      memory.bytes.set(Array.from({ length: 64 }, (_, i) => 0xf0 ^ (i * 7)));
      let raw = 0n;
      for (let i = info.bytes - 1; i >= 0; i--) raw = (raw << 8n) | BigInt(memory.bytes[5 + i]);
      if (info.name.endsWith('_s')) raw = BigInt.asIntN(info.bytes * 8, raw);
      const width = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }[info.result as Ty];
      const storeName = `${info.result}_store`;
      run((ir) => {
        const methods = ir as unknown as Record<string, (...args: number[]) => Value>;
        methods[storeName](ir.i64_const(0x1020), methods[info.name](ir.i64_const(0x1005)));
        return { kind: 'jump', target: 0 };
      });
      expect(memory.load(0x1020n, width), info.name).toBe(BigInt.asUintN(width * 8, raw));
    }
    for (const info of OP_TABLE.filter((op) => op.kind === 'store')) {
      const { memory, run } = setup();
      const source = Uint8Array.from({ length: 16 }, (_, i) => 0x11 * (i + 1));
      memory.bytes.set(source);
      run((ir) => {
        const methods = ir as unknown as Record<string, (...args: number[]) => Value>;
        methods[info.name](ir.i64_const(0x1023), methods[`${info.args[1]}_load`](ir.i64_const(0x1000)));
        methods[info.name](ir.i64_const(0x9999), methods[`${info.args[1]}_load`](ir.i64_const(0x1000)), ir.i32_const(0));
        return { kind: 'jump', target: 0 };
      });
      const expected = new Uint8Array(64);
      expected.set(source);
      expected.set(source.subarray(0, info.bytes), 0x23);
      expect(memory.bytes, info.name).toEqual(expected);
    }
  });

  it('stops at a fault with what came before done', () => {
    const { state, memory, run } = setup();
    const outcome = run((ir) => {
      ir.insn(0, 0);
      ir.setReg(r0, ir.i64_const(7));
      ir.insn(1, 0);
      ir.i64_store(ir.i64_const(0x1000), ir.i64_const(5));
      ir.i64_store(ir.i64_const(0x103c), ir.i64_const(5));
      ir.setReg(r0, ir.i64_const(8));
      return { kind: 'jump', target: 0 };
    }, 2);
    expect(outcome).toEqual({ kind: 'fault', completed: 1, address: 0x1040n, write: true });
    expect(state.getBigUint64(STATE_OFFSET + r0.offset, true)).toBe(7n);
    expect(memory.bytes[0]).toBe(5);
    const loadAtTop = (ir: IrBuilder): Terminator => {
      ir.insn(0, 0);
      ir.i32_load(ir.i64_const(-1n));
      return { kind: 'jump', target: 0 };
    };
    expect(run(loadAtTop)).toEqual({
      kind: 'fault',
      completed: 0,
      address: 2n ** 64n - 1n,
      write: false,
    });
  });

  it('keeps flags as operands, and tests them', () => {
    const { state, run } = setup();
    const read = (kind: FlagKind, a: number, b: number, condition?: number): number => {
      run((ir) => {
        ir.setFlags(kind, ir.i64_const(a), ir.i64_const(b), condition === undefined ? undefined : ir.i32_const(condition), 0b1001);
        ir.setReg(w0, ir.getNzcv());
        ir.setReg(r0, ir.i64_extend_i32_u(ir.flagTest(0)));
        return { kind: 'jump', target: 0 };
      });
      return state.getUint32(STATE_OFFSET + w0.offset, true) >>> 28;
    };
    expect(read(FlagKind.SUB64, 5, 5)).toBe(0b0110);
    expect(state.getBigUint64(STATE_OFFSET + r0.offset, true)).toBe(1n);
    expect(read(FlagKind.SUB32, 0x80000000, 1)).toBe(0b0011);
    expect(read(FlagKind.ADD64, -1, 1)).toBe(0b0110);
    expect(read(FlagKind.ADD32, 0x7fffffff, 1)).toBe(0b1001);
    expect(read(FlagKind.LOGIC32, 0, 0)).toBe(0b0100);
    expect(read(FlagKind.NZCV, 0xa0000000, 0)).toBe(0b1010);
    expect(read(FlagKind.SUB64, 5, 5, 1)).toBe(0b0110);
    expect(read(FlagKind.SUB64, 5, 5, 0)).toBe(0b1001);
    expect(state.getBigUint64(STATE_OFFSET + r0.offset, true)).toBe(0n);
  });

  it('knows the conditions', () => {
    // GE needs N = V, GT also Z = 0, HI needs C and not Z.
    expect([10, 11, 12, 13, 8, 9].map((c) => conditionHolds(c, 0b1001))).toEqual([true, false, true, false, false, true]);
    expect([10, 12, 8, 0, 2].map((c) => conditionHolds(c, 0b0110))).toEqual([true, false, false, true, true]);
    expect([4, 5, 6, 7, 14, 15].map((c) => conditionHolds(c, 0b1000))).toEqual([true, false, false, true, true, true]);
  });

  it('calls helpers', () => {
    const { state, run } = setup();
    const seen: (number | bigint)[] = [];
    const host = hostHelper('host', ['i32', 'i64'], 'i64', (a, b) => {
      seen.push(a, b);
      return (1n << 64n) | 3n;
    });
    const inner = irHelper('inner', ['i64'], 'i64', (ir, a) => ir.i64_mul(a, a));
    const outer = irHelper('outer', ['i64', 'i64'], 'i64', (ir, a, b) => ir.i64_add(ir.helper(inner, a), ir.helper(inner, b)));
    const r0After = (build: (ir: IrBuilder) => Value<'i64'>): bigint => {
      run((ir) => {
        ir.setReg(r0, build(ir));
        return { kind: 'jump', target: 0 };
      });
      return state.getBigUint64(STATE_OFFSET + r0.offset, true);
    };
    expect(r0After((ir) => ir.helper(host, ir.i32_const(-1), ir.i64_const(-2)))).toBe(3n);
    expect(seen).toEqual([-1, -2n]);
    expect(r0After((ir) => ir.helper(outer, ir.i64_const(3), ir.i64_const(4)))).toBe(25n);
    expect(r0After((ir) => ir.coldHelper(ir.i32_const(0), ir.i64_const(9), outer, ir.i64_const(3), ir.i64_const(4)))).toBe(9n);
    expect(r0After((ir) => ir.coldHelper(ir.i32_const(1), ir.i64_const(9), outer, ir.i64_const(3), ir.i64_const(4)))).toBe(25n);
    expect(r0After((ir) => ir.input(1))).toBe(2n ** 64n - 4n);
  });

  it('hands trace records on', () => {
    const { ring, run } = setup();
    run((ir) => {
      ir.ringReserve(7, 24);
      ir.ringStep(12);
      ir.ringStore(ir.i32_const(-1), 4, 4);
      ir.ringStore(ir.i64_const(5), 8, 8);
      ir.ringCommit(24);
      ir.count(7, 3);
      return { kind: 'jump', target: 0 };
    });
    expect(ring).toEqual(['reserve 7 24', 'step 12', 'store 4 4 ffffffff', 'store 8 8 5', 'commit 24', 'count 7 3']);
  });

  it('ends as the terminator says', () => {
    const { run } = setup();
    const end = (terminator: Terminator, value: Bits = 0, insns = 2) =>
      run((ir) => {
        if (typeof value === 'bigint') ir.i64_const(value);
        else ir.i32_const(value as number);
        return terminator;
      }, insns);
    expect(end({ kind: 'jump', target: 8 })).toEqual({ kind: 'jump', completed: 2, pc: 8n });
    expect(end({ kind: 'branch', condition: 0, taken: 8, fallThrough: 4 })).toEqual({ kind: 'jump', completed: 2, pc: 4n });
    expect(end({ kind: 'branch', condition: 0, taken: 8, fallThrough: 4 }, 1)).toEqual({ kind: 'jump', completed: 2, pc: 8n });
    expect(end({ kind: 'call', target: 8, returnAddress: 4 })).toEqual({ kind: 'jump', completed: 2, pc: 8n });
    for (const kind of ['jumpIndirect', 'return'] as const) expect(end({ kind, target: 0 }, -1n)).toEqual({ kind: 'jump', completed: 2, pc: 2n ** 64n - 1n });
    expect(end({ kind: 'callIndirect', target: 0, returnAddress: 4 }, 12n)).toEqual({ kind: 'jump', completed: 2, pc: 12n });
    expect(end({ kind: 'syscall', next: 4 })).toEqual({ kind: 'syscall', completed: 2, pc: 4n });
    expect(end({ kind: 'exit', next: 4 })).toEqual({ kind: 'exit', completed: 2, pc: 4n });
    expect(end({ kind: 'trap', code: 1, argument: 2, pc: 4 })).toEqual({ kind: 'trap', completed: 1, code: 1, argument: 2, pc: 4 });
    expect(end({ kind: 'trap', code: 3, argument: 0, pc: 0 }, 0, 0)).toMatchObject({ completed: 0 });
  });
});
