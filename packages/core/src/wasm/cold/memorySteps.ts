import { BOUNCE, READ_ARENAS, WRITE_ARENAS } from '../../base/layout.ts';
import type { Ty } from '../../ir/index.ts';
import { arenaProbe, probedIndex } from '../arenaProbe.ts';
import { type FunctionBody, WASM_OPCODE } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import { AT, type ColdImports, operand, result, resultTo, word } from './operands.ts';
import { RECORD } from './records.ts';

const C = CODE;

/** What loads and stores need of the interpreter that is being written. */
export interface MemorySteps {
  readonly f: FunctionBody;
  readonly imports: ColdImports;
  /** Memory check slot of all accesses. */
  readonly slot: number;
  /** Locals. i32: instructions that may still run; a linear index; an entry of a table. i64: an address; a distance. */
  readonly left: number;
  readonly index: number;
  readonly cacheEntry: number;
  readonly address: number;
  readonly offset: number;
  /** The instruction does not complete. */
  stop(): void;
  /** Goes on behind this record, or behind so many, from so many blocks inside a step. */
  next(inside?: number, records?: number): void;
}

/** Where operand c is 0, nothing is read or written. */
function unlessRefused(x: MemorySteps, refused: () => void): void {
  const { f } = x;
  operand(f, 2, 'i32');
  f.op(C['i32.eqz']);
  f.if();
  refused();
  x.next(1);
  f.end();
}

/** Takes the address into its local. @param displacementAt where in the record the number is that is added; undefined: there is none */
function takeAddress({ f, address }: MemorySteps, displacementAt?: number): void {
  operand(f, 0, 'i64');
  if (displacementAt !== undefined) {
    f.get(AT);
    f.memory(C['i64.load32_s'], displacementAt);
    f.op(C['i64.add']);
  }
  f.set(address);
}

/**
 * Finds the linear index of the access at `address` among the arenas used last.
 * @param missed where it is in none, finds it elsewhere or leaves, from MISSED blocks inside the step
 */
function findIndex({ f, address, index, cacheEntry: entry, offset }: MemorySteps, table: number, bytes: number, missed: () => void): void {
  const locals = { address, entry, offset };
  f.block();
  arenaProbe(
    f,
    table,
    locals,
    () => f.get(address),
    bytes,
    () => {
      missed();
      f.br(1);
    },
  );
  probedIndex(f, table, locals);
  f.set(index);
  f.end();
}

const MISSED = 2;

/** Asks for the linear index of an access that is in no arena used last, and begins what is done where that cannot be told. */
function miss({ f, address, slot, index }: MemorySteps, ask: number, bytes: number): void {
  f.get(address);
  f.i32(slot);
  f.i32(bytes);
  f.i32(0);
  f.call(ask);
  f.tee(index);
  f.i32(-1);
  f.op(C['i32.eq']);
  f.if();
}

/** A load. */
export function loadStep(x: MemorySteps, op: number, type: Ty, bytes: number, isGuarded: boolean): void {
  const { f } = x;
  const bits = type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type;
  if (isGuarded) {
    unlessRefused(x, () =>
      result(f, bits, () => {
        if (bits === 'i32') f.i32(0);
        else if (bits === 'i64') f.i64(0, 0);
        else {
          f.i32(0);
          f.op(C['i32x4.splat']);
        }
      }),
    );
  }
  takeAddress(x, isGuarded ? undefined : 8);
  findIndex(x, READ_ARENAS, bytes, () => {
    miss(x, x.imports.readMiss, bytes);
    x.stop();
    f.end();
  });
  const give = isGuarded ? result : resultTo;
  give(f, bits, () => {
    f.get(x.index);
    f.memory(type === bits ? (WASM_OPCODE[op] as number) : (C[`${bits}.load`] as number), 0);
  });
  x.next();
}

/**
 * Two loads of 8 bytes that stand side by side, by the records of both.
 * @param andSet what the first loads goes where the record behind them says
 */
export function loadPairStep(x: MemorySteps, andSet: boolean): void {
  const { f } = x;
  takeAddress(x, 8);
  findIndex(x, READ_ARENAS, 16, () => {
    miss(x, x.imports.readMiss, 8);
    x.stop();
    f.end();
    resultTo(f, 'i64', () => {
      f.get(x.index);
      f.memory(C['i64.load'], 0);
    });
    x.next(MISSED);
  });
  const put = (destination: number, offset: number): void => {
    word(f, destination);
    f.get(x.index);
    f.memory(C['i64.load'], offset);
    f.memory(C['i64.store'], 0);
  };
  // In the order of the records: both may go to the same register.
  if (!andSet) put(12, 0);
  put(RECORD + 12, 8);
  if (andSet) put(2 * RECORD + 12, 0);
  x.next(0, andSet ? 3 : 2);
}

/** A store. */
export function storeStep(x: MemorySteps, op: number, type: Ty, bytes: number, isGuarded: boolean): void {
  const { f } = x;
  const bits = type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type;
  const code = type === bits ? (WASM_OPCODE[op] as number) : (C[`${bits}.store`] as number);
  if (isGuarded) unlessRefused(x, () => {});
  takeAddress(x, isGuarded ? undefined : 12);
  findIndex(x, WRITE_ARENAS, bytes, () => storeMissed(x, bits, code, bytes));
  f.get(x.index);
  operand(f, 1, bits);
  f.memory(code, 0);
  x.next();
}

/** Two stores of 8 bytes that stand side by side, by the records of both. */
export function storePairStep(x: MemorySteps): void {
  const { f } = x;
  takeAddress(x, 12);
  findIndex(x, WRITE_ARENAS, 16, () => {
    storeMissed(x, 'i64', C['i64.store'], 8);
    f.get(x.index);
    operand(f, 1, 'i64');
    f.memory(C['i64.store'], 0);
    x.next(MISSED);
  });
  for (const record of [0, RECORD]) {
    f.get(x.index);
    word(f, record + 8);
    f.memory(C['i64.load'], 0);
    f.memory(C['i64.store'], record >>> 1);
  }
  x.next(0, 2);
}

/** What a store does that is in no arena used last: the linear index is in its local then, if there is one, or else all is done. */
function storeMissed(x: MemorySteps, bits: Ty, code: number, bytes: number): void {
  const { f } = x;
  miss(x, x.imports.writeMiss, bytes);
  f.i32(0);
  operand(f, 1, bits);
  f.memory(code, BOUNCE);
  f.get(x.address);
  f.i32(bytes);
  f.get(x.left);
  f.call(x.imports.storeSlow);
  f.tee(x.index);
  f.i32(-1);
  f.op(C['i32.eq']);
  f.if();
  x.stop();
  f.end();
  // Where code was overwritten, the block is the last one before a check: storeSlow has set the budget aside.
  f.get(x.left);
  f.get(x.index);
  f.op(C['i32.sub']);
  f.set(x.left);
  x.next(MISSED + 1);
  f.end();
}
