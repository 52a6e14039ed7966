import type { Ty } from '../../ir/index.ts';
import type { FunctionBody } from '../functionBody.ts';
import type { ModuleBuilder } from '../module.ts';
import { REGION_PARAMS, REGION_RESULTS } from './regionType.ts';

/**
 * Functions of the engine that regions call, by their index in the table `functions`, which all regions import; behind
 * them come those of helpers. An import of a function instead would have the host make a wrapper for its type in each
 * module, which takes longer than all else that a small module costs. `self` is the region's index in the global table.
 */
export const RUNTIME = [
  /** (pc, depth): to the region at pc. */
  { name: 'dispatch', params: ['i64', 'i32'], results: ['i64'] },
  /** (instructions wanted, self): 1 if the region must leave. */
  { name: 'tick', params: ['i32', 'i32'], results: ['i32'] },
  /** (slot of the module's table of links, the module's number): 1 if it cannot be linked. */
  { name: 'link', params: ['i32', 'i32'], results: ['i32'] },
  /** (the jump's pc and its target by their halves, self). */
  { name: 'learn', params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: [] },
  /** 1 if the region must leave. */
  { name: 'syscall', params: [], results: ['i32'] },
  /** (address, slot, bytes, displacement): see memoryAccess.ts. */
  { name: 'readMiss', params: ['i64', 'i32', 'i32', 'i32'], results: ['i32'] },
  { name: 'writeMiss', params: ['i64', 'i32', 'i32', 'i32'], results: ['i32'] },
  { name: 'storeSlow', params: ['i64', 'i32', 'i32'], results: ['i32'] },
  /** See nzcvFunction.ts. */
  { name: 'nzcvOf', params: ['i32', 'i64', 'i64', 'i32'], results: ['i32'] },
  /** (InputKind). */
  { name: 'input', params: ['i32'], results: ['i64'] },
  { name: 'ringFull', params: [], results: [] },
  /** (number): 1 to leave, see the op `callback`. */
  { name: 'callback', params: ['i32'], results: ['i32'] },
] as const satisfies readonly { readonly name: string; readonly params: readonly Ty[]; readonly results: readonly Ty[] }[];

export type RuntimeName = (typeof RUNTIME)[number]['name'];
export const RUNTIME_NAMES: readonly RuntimeName[] = RUNTIME.map(({ name }) => name);

/** Table numbers in a module of regions. */
export const FUNCTIONS_TABLE = 0;
export const LINKS_TABLE = 1;

/** Index of the type of a region's function in each such module. */
export const REGION_TYPE = 0;

/** Puts the types into a module that have the same index in all modules of regions. @returns how many they are */
export function addRegionTypes(module: ModuleBuilder): number {
  module.type(REGION_PARAMS, REGION_RESULTS);
  for (const { params, results } of RUNTIME) module.type(params, results);
  return module.typeList.length;
}

/** Calls a function of the engine, with its arguments on the stack. */
export function callRuntime(body: FunctionBody, module: ModuleBuilder, name: RuntimeName): void {
  body.callIndirect(entry(body, module, name), FUNCTIONS_TABLE);
}

/** Goes on in a function of the engine. */
export function returnCallRuntime(body: FunctionBody, module: ModuleBuilder, name: RuntimeName): void {
  body.returnCallIndirect(entry(body, module, name), FUNCTIONS_TABLE);
}

/** Pushes the function's index. @returns its type */
function entry(body: FunctionBody, module: ModuleBuilder, name: RuntimeName): number {
  const index = RUNTIME.findIndex((each) => each.name === name);
  const { params, results } = RUNTIME[index] as (typeof RUNTIME)[number];
  body.i32(index);
  return module.type(params, results);
}
