import { ARENA_BYTES, ARENA_ENTRIES, ARENA_HASH, LARGE_ARENA_CHUNK, LARGE_ARENA_ENTRIES, LARGE_ARENAS } from '../base/index.ts';
import type { FunctionBody } from './functionBody.ts';
import { CODE } from './opcodes.ts';

const C = CODE;
const PAGE_SHIFT = 12;
/** Of a hash, so that the upper bits become the offset of an entry. */
const HASH_SHIFT = 32 - Math.log2(ARENA_ENTRIES * ARENA_BYTES);

/** What turns an address into the offset of a large arena's entry, but for the bits that are not its number's. */
const LARGE_SHIFT = Math.log2(LARGE_ARENA_CHUNK / ARENA_BYTES);

/** Locals of a probe. */
export interface ProbeLocals {
  /** i64: the guest address. */
  readonly address: number;
  /** i32: set to the offset of the entry from READ_ARENAS or WRITE_ARENAS. */
  readonly entry: number;
  /** i64: set to the address's distance from the begin of the entry's arena. */
  readonly offset: number;
}

/**
 * Looks for the arena of an access in the tables of those used last (READ_ARENAS or WRITE_ARENAS, and LARGE_ARENAS of the same). Branches
 * go where it is found, and no value tells that: V8 would make one, and test it.
 * @param untagged pushes the address without its ignored bits
 * @param bytes of the access; or pushes them as i64
 * @param missed what is done where it is in no entry, inside one block; it does not come to its end
 */
export function arenaProbe(f: FunctionBody, table: number, locals: ProbeLocals, untagged: () => void, bytes: number | (() => void), missed: () => void): void {
  const { address, entry } = locals;
  f.block();
  f.get(address);
  f.i64(LARGE_SHIFT, 0);
  f.op(C['i64.shr_u']);
  f.op(C['i32.wrap_i64']);
  f.i32((LARGE_ARENA_ENTRIES - 1) * ARENA_BYTES);
  f.op(C['i32.and']);
  f.i32(LARGE_ARENAS);
  f.op(C['i32.add']);
  f.set(entry);
  isInEntry(f, table, locals, untagged, bytes);
  f.brIf(0);
  f.get(address);
  f.i64(PAGE_SHIFT, 0);
  f.op(C['i64.shr_u']);
  f.op(C['i32.wrap_i64']);
  f.i32(ARENA_HASH | 0);
  f.op(C['i32.mul']);
  f.i32(HASH_SHIFT);
  f.op(C['i32.shr_u']);
  f.i32((ARENA_ENTRIES - 1) * ARENA_BYTES);
  f.op(C['i32.and']);
  f.set(entry);
  isInEntry(f, table, locals, untagged, bytes);
  f.brIf(0);
  missed();
  f.end();
}

/** Pushes 1 if the access is in the entry's arena. */
function isInEntry(f: FunctionBody, table: number, { entry, offset }: ProbeLocals, untagged: () => void, bytes: number | (() => void)): void {
  untagged();
  f.get(entry);
  f.memory(C['i64.load'], table);
  f.op(C['i64.sub']);
  f.tee(offset);
  f.get(entry);
  f.memory(C['i64.load'], table + 8);
  if (typeof bytes === 'number') f.i64(bytes, 0);
  else bytes();
  f.op(C['i64.sub']);
  f.op(C['i64.le_u']);
}

/** Pushes the linear index of an access whose arena was found. */
export function probedIndex(f: FunctionBody, table: number, { address, entry }: ProbeLocals): void {
  f.get(address);
  f.op(C['i32.wrap_i64']);
  f.get(entry);
  f.memory(C['i32.load'], table + 16);
  f.op(C['i32.add']);
}
