import { Cell, JUMP_CACHE_ENTRIES, READ_ARENAS, SLOT_BYTES, SLOTS_END, WRITE_ARENAS } from '../base/index.ts';
import { arenaProbe, probedIndex } from './arenaProbe.ts';
import { CALL_SITE, SITE_AGAIN, SITE_FIRST } from './constants.ts';
import { FINGERPRINT_PARAMS, fingerprintFunction } from './fingerprintFunction.ts';
import { FunctionBody } from './functionBody.ts';
import { REGION_PARAMS, REGION_RESULTS } from './lower/regionType.ts';
import { RUNTIME } from './lower/runtime.ts';
import { ModuleBuilder } from './module.ts';
import { NZCV_PARAMS, nzcvFunction } from './nzcvFunction.ts';
import { CODE } from './opcodes.ts';

const C = CODE;

/**
 * The dispatcher's module: it imports the global table of regions and exports
 * - `run(pc, depth)`: runs regions, one after the other, until an event;
 * - `dispatch(pc, depth)`: tail call to the region at `pc`, found in the jump cache or else by the import `lookup(lo, hi)`,
 *   which gives the region's index in the global table, or -1 for an event, and fills the jump cache;
 * - `dispatchFromSite(pc, depth, site, link, self)`: the same for a call site, which is learnt by the import `learnSite(lo, hi, site, link, self)`
 *   now and then (CALL_SITE);
 * - `readMiss` / `writeMiss(address, slot, bytes, displacement)`: look among the arenas used last, refill the slot and give the
 *   linear index; else ask the imports `readMissSlow` / `writeMissSlow(lo, hi, slot, bytes, displacement)`;
 * - `nzcvOf`, see nzcvFunction.ts;
 * - `fingerprint(at, end)`, see fingerprintFunction.ts;
 * - all functions that regions call, see lower/runtime.ts: those that are not made here are imports.
 * @param useJumpCache false: every dispatch asks `lookup`, for logs that want to see it
 * @param ignoredTopBits 8: addresses have a tag there, which the slot takes over, so that accesses with the same tag hit it; or 0
 */
export function dispatcherModule(
  memoryPages: number,
  shared: boolean,
  stackSlot: number,
  useJumpCache: boolean,
  ignoredTopBits: number,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memoryPages, shared);
  const regionType = module.type(REGION_PARAMS, REGION_RESULTS);
  const lookup = module.import('lookup', ['i32', 'i32'], ['i32']);
  const slow = {
    readMiss: module.import('readMissSlow', ['i32', 'i32', 'i32', 'i32', 'i32'], ['i32']),
    writeMiss: module.import('writeMissSlow', ['i32', 'i32', 'i32', 'i32', 'i32'], ['i32']),
  };
  const learnSite = module.import('learnSite', ['i32', 'i32', 'i32', 'i32', 'i32'], []);
  const own = ['dispatch', 'dispatchFromSite', 'readMiss', 'writeMiss', 'nzcvOf'];
  for (const { name, params, results } of RUNTIME) if (!own.includes(name)) module.export(name, module.import(name, params, results));
  module.importTable('regions');

  const dispatch = new FunctionBody();
  dispatch.reset(['i64', 'i32']);
  emitDispatch(dispatch, lookup, regionType, useJumpCache);
  const dispatchIndex = module.add(module.type(['i64', 'i32'], ['i64']), dispatch, 'dispatch');

  const fromSite = new FunctionBody();
  fromSite.reset(['i64', 'i32', 'i32', 'i32', 'i32']);
  emitDispatchFromSite(fromSite, learnSite, dispatchIndex);
  module.add(module.type(['i64', 'i32', 'i32', 'i32', 'i32'], ['i64']), fromSite, 'dispatchFromSite');

  const run = new FunctionBody();
  run.reset(['i64', 'i32']);
  run.loop();
  run.get(0);
  run.get(1);
  run.call(dispatchIndex);
  run.tee(0);
  run.i64(-1, -1);
  run.op(C['i64.ne']);
  run.brIf(0);
  run.end();
  module.add(module.type(['i64', 'i32'], []), run, 'run');

  for (const [name, table] of [
    ['readMiss', READ_ARENAS],
    ['writeMiss', WRITE_ARENAS],
  ] as const) {
    const miss = new FunctionBody();
    miss.reset(['i64', 'i32', 'i32', 'i32']);
    emitMiss(miss, table, slow[name], stackSlot, ignoredTopBits);
    module.add(module.type(['i64', 'i32', 'i32', 'i32'], ['i32']), miss, name);
  }
  module.add(module.type(NZCV_PARAMS, ['i32']), nzcvFunction(), 'nzcvOf');
  module.add(module.type(FINGERPRINT_PARAMS, []), fingerprintFunction(), 'fingerprint');
  return module.finish('dispatcher');
}

function emitDispatch(f: FunctionBody, lookup: number, regionType: number, useJumpCache: boolean): void {
  const PC = 0;
  const DEPTH = 1;
  const index = f.local('i32');
  // entry = the jump cache + ((pc >> 2) & mask) * 16
  const entry = f.local('i32');
  f.get(PC);
  f.op(C['i32.wrap_i64']);
  f.i32(2);
  f.op(C['i32.shl']);
  f.i32((JUMP_CACHE_ENTRIES - 1) << 4);
  f.op(C['i32.and']);
  f.loadCell('i32', Cell.jumpCache);
  f.op(C['i32.add']);
  f.set(entry);
  /** The region's parameter `slot`: which of its entries `pc` is. */
  const pushSlot = (): void => {
    f.get(entry);
    f.memory(C['i32.load'], 12);
  };
  if (useJumpCache) {
    f.get(entry);
    f.memory(C['i64.load'], 0);
    f.get(PC);
    f.op(C['i64.eq']);
    f.if();
    pushSlot();
    f.get(DEPTH);
    f.get(entry);
    f.memory(C['i32.load'], 8);
    f.returnCallIndirect(regionType);
    f.end();
  }
  f.halves(PC);
  f.call(lookup);
  f.tee(index);
  f.i32(0);
  f.op(C['i32.lt_s']);
  f.if();
  f.i64(-1, -1);
  f.return();
  f.end();
  pushSlot();
  f.get(DEPTH);
  f.get(index);
  f.returnCallIndirect(regionType);
}

function emitDispatchFromSite(f: FunctionBody, learnSite: number, dispatch: number): void {
  const [PC, DEPTH, SITE, LINK, SELF] = [0, 1, 2, 3, 4];
  const missed = f.local('i32');
  f.get(SITE);
  f.get(SITE);
  f.memory(C['i32.load'], CALL_SITE.missed);
  f.i32(1);
  f.op(C['i32.add']);
  f.tee(missed);
  f.memory(C['i32.store'], CALL_SITE.missed);
  f.get(missed);
  f.i32(SITE_AGAIN - 1);
  f.op(C['i32.and']);
  f.i32(SITE_FIRST);
  f.op(C['i32.eq']);
  f.unlikelyIf();
  f.halves(PC);
  for (const local of [SITE, LINK, SELF]) f.get(local);
  f.call(learnSite);
  f.end();
  f.get(PC);
  f.get(DEPTH);
  f.returnCall(dispatch);
}

/** @param table of arenas. The stack's slot serves loads and stores of any width, so it takes arenas for stores alone, and their whole size as limit. */
function emitMiss(f: FunctionBody, table: number, slow: number, stackSlot: number, ignoredTopBits: number): void {
  const ADDRESS = 0;
  const SLOT = 1;
  const BYTES = 2;
  const DISPLACEMENT = 3;
  const locals = { address: ADDRESS, entry: f.local('i32'), offset: f.local('i64') };
  const { entry } = locals;
  const tag = f.local('i64');
  if (ignoredTopBits > 0) {
    f.get(ADDRESS);
    f.i64(0, -1 << (32 - ignoredTopBits));
    f.op(C['i64.and']);
    f.set(tag);
  }
  const untagged = (): void => {
    f.get(ADDRESS);
    f.get(tag);
    f.op(C['i64.sub']);
  };
  const bytes = (): void => {
    f.get(BYTES);
    f.op(C['i64.extend_i32_u']);
  };
  f.block();
  arenaProbe(f, table, locals, untagged, bytes, () => f.br(1));
  // The last slot remembers nothing
  f.get(SLOT);
  f.i32(SLOTS_END - SLOT_BYTES);
  f.op(C['i32.eq']);
  f.brIf(0);
  const fill = (limit: () => void): void => {
    f.get(SLOT);
    f.get(entry);
    f.memory(C['i64.load'], table);
    f.get(tag);
    f.op(C['i64.add']);
    f.get(DISPLACEMENT);
    f.op(C['i64.extend_i32_s']);
    f.op(C['i64.sub']);
    f.memory(C['i64.store'], 0);
    f.get(SLOT);
    f.get(entry);
    f.memory(C['i64.load'], table + 8);
    limit();
    f.memory(C['i64.store'], 8);
    f.get(SLOT);
    f.get(entry);
    f.memory(C['i32.load'], table + 16);
    f.get(DISPLACEMENT);
    f.op(C['i32.add']);
    f.memory(C['i32.store'], 16);
  };
  f.get(SLOT);
  f.i32(stackSlot);
  f.op(C['i32.ne']);
  f.if();
  fill(() => {
    bytes();
    f.op(C['i64.sub']);
  });
  if (table === WRITE_ARENAS) {
    f.else();
    fill(() => {});
  }
  f.end();
  probedIndex(f, table, locals);
  f.return();
  f.end();
  f.halves(ADDRESS);
  f.get(SLOT);
  f.get(BYTES);
  f.get(DISPLACEMENT);
  f.call(slow);
}
