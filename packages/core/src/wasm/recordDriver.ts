import { Cell } from '../base/index.ts';
import { FunctionBody } from './functionBody.ts';
import { REGION_PARAMS, REGION_RESULTS } from './lower/regionType.ts';
import { ModuleBuilder } from './module.ts';
import { CODE } from './opcodes.ts';

const C = CODE;

/** Where the driver finds what it works on, as linear offsets. */
export interface RecordDriverLayout {
  /** By block number: the index of its function in the table + 1 (u32; 0: none), the bytes of its record (u32). */
  readonly blocks: number;
  /** Numbers of blocks from this one on have no entry. */
  readonly blockCount: number;
  /** The record of the block that runs; 16 bytes more than any record has. */
  readonly record: number;
}

/**
 * The module that runs blocks by their records: it imports the table `blocks` of functions of regions' type, and exports
 * `run(at, end, limit)`, which puts the records from the linear offset `at` on in their place, one after the other, and calls
 * their blocks. It returns the offset where it stopped: at `end` or beyond, at a record for which there is no function, or
 * because Cell.ringPointer is beyond `limit`.
 */
export function recordDriverModule(memoryPages: number, { blocks, blockCount, record }: RecordDriverLayout): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memoryPages, true);
  const blockType = module.type(REGION_PARAMS, REGION_RESULTS);
  module.importTable('blocks');
  const f = new FunctionBody();
  const AT = 0;
  const END = 1;
  const LIMIT = 2;
  f.reset(['i32', 'i32', 'i32']);
  const id = f.local('i32');
  const entry = f.local('i32');
  const done = f.local('i32');
  const stopIf = (code: number): void => {
    f.op(code);
    f.if();
    f.get(AT);
    f.return();
    f.end();
  };
  f.loop();
  f.get(AT);
  f.get(END);
  stopIf(C['i32.ge_u']);
  f.get(AT);
  f.memory(C['i32.load'], 0);
  f.tee(id);
  f.i32(blockCount);
  stopIf(C['i32.ge_u']);
  f.get(id);
  f.i32(3);
  f.op(C['i32.shl']);
  f.tee(entry);
  f.memory(C['i32.load'], blocks);
  stopIf(C['i32.eqz']);
  f.loadCell('i32', Cell.ringPointer);
  f.get(LIMIT);
  stopIf(C['i32.gt_u']);
  f.i32(0);
  f.set(done);
  f.loop();
  f.get(done);
  f.get(AT);
  f.get(done);
  f.op(C['i32.add']);
  f.memory(C['v128.load'], 0);
  f.memory(C['v128.store'], record);
  f.get(done);
  f.i32(16);
  f.op(C['i32.add']);
  f.tee(done);
  f.get(entry);
  f.memory(C['i32.load'], blocks + 4);
  f.op(C['i32.lt_u']);
  f.brIf(0);
  f.end();
  f.get(AT);
  f.get(entry);
  f.memory(C['i32.load'], blocks + 4);
  f.op(C['i32.add']);
  f.set(AT);
  f.i32(0);
  f.i32(0);
  f.get(entry);
  f.memory(C['i32.load'], blocks);
  f.i32(1);
  f.op(C['i32.sub']);
  f.callIndirect(blockType);
  f.op(C.drop);
  f.br(0);
  f.end();
  f.op(C.unreachable);
  module.add(module.type(['i32', 'i32', 'i32'], ['i32']), f, 'run');
  return module.finish('records');
}
