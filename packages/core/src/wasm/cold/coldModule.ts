import type { StateLayout } from '../../ir/index.ts';
import { FunctionBody } from '../functionBody.ts';
import { REGION_PARAMS, REGION_RESULTS } from '../lower/regionType.ts';
import { ModuleBuilder } from '../module.ts';
import { calledOp, fusedMadd, lazyHelper } from './calledOps.ts';
import { Interpreter } from './interpreter.ts';
import { FUNCTION_PARAMS } from './operands.ts';
import { CALLED_OPS } from './records.ts';

/**
 * The module that runs cold code (see records.ts). It exports
 * - `cold`: a region's function, but that its first parameter is the first record;
 * - `table`: the functions of IR ops that are not done in line, to which those of helpers are added.
 * It imports from the dispatcher `dispatch`, `readMiss`, `writeMiss`, `nzcvOf`, and from the machine `storeSlow`, `syscall`, `input`, `ringFull`,
 * `coldTick(need)`, `coldHot(record)`, `coldStop(record, insn)`, `coldCallback(record, insn, number)`,
 * `coldWatched(record, insn, record of the mark)`, `coldHelper(record)`;
 * - `lazy`: the function of a helper that has never been called.
 * @param slot memory check slot of all its accesses
 * @param index of `cold` in the global table: what the jump cache has for cold code
 */
export function coldModule(
  memoryPages: number,
  shared: boolean,
  layout: StateLayout,
  slot: number,
  index: number,
  fusesMadd: boolean,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(memoryPages, shared);
  const imports = {
    dispatch: module.import('dispatch', ['i64', 'i32'], ['i64']),
    readMiss: module.import('readMiss', ['i64', 'i32', 'i32', 'i32'], ['i32']),
    writeMiss: module.import('writeMiss', ['i64', 'i32', 'i32', 'i32'], ['i32']),
    nzcvOf: module.import('nzcvOf', ['i32', 'i64', 'i64', 'i32'], ['i32']),
    storeSlow: module.import('storeSlow', ['i64', 'i32', 'i32'], ['i32']),
    syscall: module.import('syscall', [], ['i32']),
    input: module.import('input', ['i32'], ['i64']),
    tick: module.import('coldTick', ['i32'], ['i32']),
    hot: module.import('coldHot', ['i32'], []),
    stop: module.import('coldStop', ['i32', 'i32'], []),
    callback: module.import('coldCallback', ['i32', 'i32', 'i32'], []),
    watched: module.import('coldWatched', ['i32', 'i32', 'i32'], []),
    helper: module.import('coldHelper', ['i32'], []),
    ringFull: module.import('ringFull', [], []),
  };
  const functionType = module.type(FUNCTION_PARAMS, []);
  const body = new FunctionBody();
  const functions = CALLED_OPS.map((op) => {
    calledOp(body, op, fusesMadd);
    return module.add(functionType, body);
  });
  fusedMadd(body, 64, fusesMadd);
  functions.push(module.add(functionType, body));
  module.functionTable(functions);
  module.add(functionType, lazyHelper(imports.helper, functionType), 'lazy');
  module.add(module.type(REGION_PARAMS, REGION_RESULTS), new Interpreter(layout, slot, index, imports, functionType).write(), 'cold');
  return module.finish('cold');
}
