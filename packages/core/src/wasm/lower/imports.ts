import { assert } from '../../base/index.ts';
import { type Block, type IrBuffer, OP, OP_TABLE } from '../../ir/index.ts';
import type { ModuleBuilder } from '../module.ts';

/**
 * Declares what a region's code will import: imports come before functions in the index space, so that must be known
 * before the code is written.
 */
export function declareImports(module: ModuleBuilder, buffer: IrBuffer, blocks: readonly Block[]): void {
  const names = new Set(['dispatch', 'tick', 'link', 'syscall', 'nzcvOf']);
  if (blocks.some(({ terminator }) => terminator.kind === 'jumpIndirect')) names.add('learn');
  const { op, imm, helpers } = buffer;
  for (const { start, end } of blocks) {
    for (let i = start; i < end; i++) {
      const kind = OP_TABLE[op[i]]?.kind;
      // A load in the stack frame is checked as a store
      if (kind === 'load') names.add('readMiss').add('writeMiss');
      else if (kind === 'store') names.add('writeMiss').add('storeSlow');
      else if (op[i] === OP.input) names.add('input');
      else if (op[i] === OP.ringReserve) names.add('ringFull');
      else if (op[i] === OP.helper || op[i] === OP.coldHelper) names.add(`helper:${helpers[imm[i]]?.name}`);
    }
  }
  for (const name of names) declareImport(module, name, buffer);
}

/** Declares the imports that regions use, by name, with their types. */
function declareImport(module: ModuleBuilder, name: string, buffer: IrBuffer): void {
  switch (name) {
    case 'dispatch':
      return void module.import(name, ['i64', 'i32'], ['i64']);
    case 'tick':
      return void module.import(name, ['i32'], ['i32']);
    case 'link':
      return void module.import(name, ['i32'], ['i32']);
    case 'learn':
      return void module.import(name, ['i32', 'i32', 'i32', 'i32'], []);
    case 'syscall':
      return void module.import(name, [], ['i32']);
    case 'readMiss':
    case 'writeMiss':
      return void module.import(name, ['i64', 'i32', 'i32'], ['i32']);
    case 'storeSlow':
      return void module.import(name, ['i64', 'i32', 'i32'], ['i32']);
    case 'nzcvOf':
      return void module.import(name, ['i32', 'i64', 'i64', 'i32'], ['i32']);
    case 'input':
      return void module.import(name, ['i32'], ['i64']);
    case 'ringFull':
      return void module.import(name, [], []);
    default: {
      const helper = buffer.helpers.find((h) => name === `helper:${h.name}`);
      assert(helper !== undefined, `unknown import ${name}`);
      module.import(name, helper.args, [helper.result]);
    }
  }
}
