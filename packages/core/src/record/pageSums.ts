import type { LinearMemory } from '../engine/index.ts';
import { makeEngineModule, PAGE } from '../engine/index.ts';
import { CODE, FunctionBody, FunctionWriter, ModuleBuilder } from '../wasm/index.ts';

const C = CODE;
/** Sums are made of so many words of 64 bits side by side, as none must wait for the one before. */
const LANES = 4;
const LANE_BYTES = 8;
/** Odd, with bits all over. */
const FACTOR = [0x85eb_ca77, 0x9e37_79b1] as const;
const ROTATION = 29;

/** Sums of pages of linear memory, by which it is seen which have changed: 64 bits each, as good as none are equal by chance. */
export interface PageSums {
  /** @param at linear offset of a page */
  of(at: number): bigint;
  /** Whether it holds zeros, which is sooner found. @param at linear offset of a page */
  isZero(at: number): boolean;
  /** Of a page of zeros. */
  readonly zero: bigint;
}

interface Code {
  of(at: number): bigint;
  isZero(at: number): number;
}

/** @param engineModule gives the module's bytes, where the host keeps them @throws RangeError where the host has no room for it */
export function createPageSums(memory: LinearMemory, engineModule = makeEngineModule): PageSums {
  const pages = memory.bytes.length / 65536;
  const wasm = engineModule(`pageSums-${pages}`, () => {
    const builder = new ModuleBuilder(pages, memory.memory.buffer instanceof SharedArrayBuffer);
    builder.add(builder.type(['i32'], ['i64']), sumFunction(), 'of');
    builder.add(builder.type(['i32'], ['i32']), zeroFunction().body, 'isZero');
    return builder.finish();
  });
  const { of, isZero } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: memory.memory } }).exports as unknown as Code;
  return { of, isZero: (at) => isZero(at) !== 0, zero: sumOfZeros() };
}

/** (page: i32) -> i64: each lane goes on as (sum ^ word) rotated, times FACTOR; then lanes are taken together in the same way. */
function sumFunction(): FunctionBody {
  const f = new FunctionBody();
  f.reset(['i32']);
  const at = 0;
  const end = f.local('i32');
  const lanes = Array.from({ length: LANES }, () => f.local('i64'));
  const step = (lane: number, word: () => void): void => {
    f.get(lane);
    word();
    f.op(C['i64.xor']);
    f.i64(ROTATION, 0);
    f.op(C['i64.rotl']);
    f.i64(FACTOR[0], FACTOR[1]);
    f.op(C['i64.mul']);
    f.set(lane);
  };
  lanes.forEach((lane, i) => {
    f.i64(i + 1, 0);
    f.set(lane);
  });
  f.get(at);
  f.i32(PAGE);
  f.op(C['i32.add']);
  f.set(end);
  f.loop();
  lanes.forEach((lane, i) => {
    step(lane, () => {
      f.get(at);
      f.memory(C['i64.load'], i * LANE_BYTES);
    });
  });
  f.get(at);
  f.i32(LANES * LANE_BYTES);
  f.op(C['i32.add']);
  f.tee(at);
  f.get(end);
  f.op(C['i32.ne']);
  f.brIf(0);
  f.end();
  for (const lane of lanes.slice(1)) step(lanes[0], () => f.get(lane));
  f.get(lanes[0]);
  return f;
}

/** (page: i32) -> i32 */
function zeroFunction(): FunctionWriter {
  const w = new FunctionWriter(['i32']);
  const at = 0;
  const { end } = w.locals('i32', 'end');
  w.set(end, w.op('i32.add', w.get(at), w.i32(PAGE)));
  w.while(w.op('i32.lt_u', w.get(at), w.get(end)), () => {
    w.get(at)();
    w.body.memory(C['v128.load'], 0);
    w.if(w.op('v128.any_true'), () => w.return(w.i32(0)));
    w.add(at, w.i32(16));
  });
  w.return(w.i32(1));
  return w;
}

function sumOfZeros(): bigint {
  const factor = (BigInt(FACTOR[1]) << 32n) | BigInt(FACTOR[0]);
  const step = (sum: bigint, word: bigint): bigint => {
    const mixed = BigInt.asUintN(64, sum ^ word);
    const rotated = BigInt.asUintN(64, (mixed << BigInt(ROTATION)) | (mixed >> BigInt(64 - ROTATION)));
    return BigInt.asUintN(64, rotated * factor);
  };
  const lanes = Array.from({ length: LANES }, (_, i) => {
    let sum = BigInt(i + 1);
    for (let words = PAGE / (LANES * LANE_BYTES); words > 0; words--) sum = step(sum, 0n);
    return sum;
  });
  return BigInt.asIntN(64, lanes.slice(1).reduce(step, lanes[0]));
}
