import { ARENA_BYTES, ARENA_ENTRIES, ARENA_HASH } from '../base/index.ts';
import type { FunctionBody } from './functionBody.ts';
import { CODE } from './opcodes.ts';

const C = CODE;
const PAGE_SHIFT = 12;
/** Of a hash, so that the upper bits become the offset of an entry. */
const HASH_SHIFT = 32 - Math.log2(ARENA_ENTRIES * ARENA_BYTES);

/** Locals of a probe. */
export interface ProbeLocals {
  /** i64: the guest address. */
  readonly address: number;
  /** i32: set to the offset of the entry in its table. */
  readonly entry: number;
  /** i64: set to the address's distance from the begin of the entry's arena. */
  readonly offset: number;
}

/**
 * Looks for the arena of an access in a table of those used last (READ_ARENAS or WRITE_ARENAS), and pushes 1 where the
 * entry is another's.
 * @param untagged pushes the address without its ignored bits
 * @param bytes of the access; or pushes them as i64
 */
export function arenaProbe(f: FunctionBody, table: number, { address, entry, offset }: ProbeLocals, untagged: () => void, bytes: number | (() => void)): void {
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
  f.op(C['i64.gt_u']);
}

/** Pushes the linear index of an access whose arena was found. */
export function probedIndex(f: FunctionBody, table: number, { address, entry }: ProbeLocals): void {
  f.get(address);
  f.op(C['i32.wrap_i64']);
  f.get(entry);
  f.memory(C['i32.load'], table + 16);
  f.op(C['i32.add']);
}
