import { REGISTER_SUMS } from '../base/index.ts';
import { type CpuState, type LinearMemory, makeEngineModule, STATE } from '../engine/index.ts';
import { SIZE_OF, type StateLayout } from '../ir/index.ts';
import { FunctionWriter, ModuleBuilder, type Value } from '../wasm/index.ts';
import type { CallSums } from './journal/entries.ts';
import { FLAG_WORDS } from './stateChanges.ts';

/** What has a sum of its own before the layout's registers. Words that hold flags have none: they say nothing each. */
const FIRST_NAMES = ['pc', 'nzcv'] as const;
/** Odd, with bits all over. */
const FACTOR = 0x85eb_ca6b | 0;
const FIRST_FACTOR = 0x9e37_79b1 | 0;
const WORD = 4;

/** Registers of the same size that stand one behind the other in the CPU state: words from `start` to `end`, so many each. */
interface Run {
  readonly start: number;
  end: number;
  readonly each: number;
}

interface Code {
  /** Of the pc's halves and the flags, and the CPU state. @returns the sum of all; those of single registers are at REGISTER_SUMS then */
  of(pcLow: number, pcHigh: number, nzcv: number): number;
}

/**
 * Sums of what registers and pc are, however the flags stand in memory: one of all, of 32 bits, and for each register one of 8
 * bits: where the sum of all is another than recorded, they tell which ones differ. In Wasm: a recording makes many.
 */
export class RegisterSums {
  private readonly code: Code;
  private readonly names: readonly string[];
  /** Of pc, of nzcv, of each register of the layout. 8 bits each. */
  private readonly single: Uint8Array;

  /** @param engineModule gives the module's bytes, where the host keeps them */
  constructor({ memory, bytes }: LinearMemory, layout: StateLayout, engineModule = makeEngineModule) {
    const summed = layout.registers.filter(({ offset }) => offset >= FLAG_WORDS * WORD);
    this.names = [...FIRST_NAMES, ...summed.map(({ name }) => name)];
    this.single = bytes.subarray(REGISTER_SUMS, REGISTER_SUMS + this.names.length);
    const pages = bytes.length / 0x1_0000;
    const wasm = engineModule(`registerSums-${[layout.size, summed.length, pages].join('-')}`, () => {
      const module = new ModuleBuilder(pages, memory.buffer instanceof SharedArrayBuffer);
      module.add(module.type(['i32', 'i32', 'i32'], ['i32']), sumFunction(layout.size, runsOf(layout)).body, 'of');
      return module.finish('registerSums');
    });
    this.code = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } }).exports as unknown as Code;
  }

  /** Of the registers as they are. Those of single ones are valid until the next ones are made. */
  of(cpu: CpuState, pc: number): CallSums {
    return { all: this.code.of(pc, pc / 0x1_0000_0000, cpu.nzcv) >>> 0, single: this.single };
  }

  /** Names of what has other sums than `recorded`; one in 256 that differ has the same. */
  differing(recorded: Uint8Array): readonly string[] {
    return this.names.filter((_, i) => i < recorded.length && recorded[i] !== this.single[i]);
  }
}

/** The layout's registers behind the flags, in its order. */
function runsOf({ registers }: StateLayout): readonly Run[] {
  const runs: Run[] = [];
  for (const { offset, type } of registers) {
    const start = offset / WORD;
    if (start < FLAG_WORDS) continue;
    const end = (offset + SIZE_OF[type]) / WORD;
    const each = end - start;
    const last = runs.at(-1);
    if (last?.end === start && last.each === each) last.end = end;
    else runs.push({ start, end, each });
  }
  return runs;
}

/** (pcLow, pcHigh, nzcv: i32) -> i32, and stores bytes. */
function sumFunction(stateBytes: number, runs: readonly Run[]): FunctionWriter {
  const w = new FunctionWriter(['i32', 'i32', 'i32']);
  const [pcLow, pcHigh, nzcv] = [0, 1, 2];
  const { all, sum, at, into } = w.locals('i32', 'all', 'sum', 'at', 'into');
  const xor = (a: Value, b: Value): Value => w.op('i32.xor', a, b);
  /** A sum with one more word in it: each of the word's bits changes the eight highest. */
  const added = (to: number, word: Value): void => {
    w.set(to, w.op('i32.mul', xor(xor(w.get(to), w.op('i32.shr_u', w.get(to), w.i32(15))), word), w.i32(FACTOR)));
  };
  const put = (): void => {
    w.store8(w.get(into), w.op('i32.shr_u', w.get(sum), w.i32(24)));
    w.add(into, w.i32(1));
    w.set(sum, w.i32(0));
  };
  const until = (end: number, each: () => void): void => w.while(w.op('i32.lt_u', w.get(at), w.i32(STATE + end)), each);

  w.set(all, w.op('i32.mul', xor(xor(w.get(nzcv), w.get(pcLow)), w.get(pcHigh)), w.i32(FIRST_FACTOR)));
  w.set(at, w.i32(STATE + FLAG_WORDS * WORD));
  until(stateBytes, () => {
    added(all, w.load(w.get(at)));
    w.add(at, w.i32(WORD));
  });

  w.set(into, w.i32(REGISTER_SUMS));
  added(sum, w.get(pcLow));
  added(sum, w.get(pcHigh));
  put();
  added(sum, w.get(nzcv));
  put();
  for (const { start, end, each } of runs) {
    w.set(at, w.i32(STATE + start * WORD));
    until(end * WORD, () => {
      for (let i = 0; i < each; i++) added(sum, w.load(w.get(at), i * WORD));
      put();
      w.add(at, w.i32(each * WORD));
    });
  }
  w.return(xor(w.get(all), w.op('i32.shr_u', w.get(all), w.i32(13))));
  return w;
}
