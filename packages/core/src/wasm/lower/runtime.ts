import type { Ty } from '../../ir/index.ts';
import { GLOBAL } from '../constants.ts';
import type { FunctionBody } from '../functionBody.ts';
import type { ModuleBuilder } from '../module.ts';
import { REGION_PARAMS, REGION_RESULTS } from './regionType.ts';

/**
 * Functions of the engine that regions call: the first imports of each module of regions, in this order. All are functions of the
 * dispatcher's module: of one of JavaScript's, the host would make a wrapper in each module, which takes longer than all else that
 * a small module costs. `self` is the region's number, see MODULE_REGIONS.
 */
export const RUNTIME = [
  /** (pc, depth): to the region at pc. */
  { name: 'dispatch', params: ['i64', 'i32'], results: ['i64'] },
  /** (pc, depth, site, its slot of the module's table of links, self): to the region at pc, from a call site that does not know it. */
  { name: 'dispatchFromSite', params: ['i64', 'i32', 'i32', 'i32', 'i32'], results: ['i64'] },
  /** (instructions wanted, self): 1 if the region must leave. */
  { name: 'tick', params: ['i32', 'i32'], results: ['i32'] },
  /** (slot of the module's table of links, the number of its first region): 1 if it cannot be linked. */
  { name: 'link', params: ['i32', 'i32'], results: ['i32'] },
  /** (the jump's pc and its target by their halves, self): how many targets it has told of. */
  { name: 'learn', params: ['i32', 'i32', 'i32', 'i32', 'i32'], results: ['i32'] },
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

/** Number of the table of links in a module of regions: engines reach the first table with fewer loads than others. */
export const LINKS_TABLE = 0;

/** Index of the type of a region's function in each such module. */
export const REGION_TYPE = 0;

/** Puts into a module what all modules of regions have in the same place: the first type, the first imports, and GLOBAL. */
export function importRuntime(module: ModuleBuilder): void {
  module.type(REGION_PARAMS, REGION_RESULTS);
  for (const { name, params, results } of RUNTIME) module.import(name, params, results);
  for (const name of Object.keys(GLOBAL)) module.importGlobal(name);
}

/** Calls a function of the engine, with its arguments on the stack. */
export function callRuntime(body: FunctionBody, name: RuntimeName): void {
  body.call(RUNTIME_NAMES.indexOf(name));
}

/** Goes on in a function of the engine. */
export function returnCallRuntime(body: FunctionBody, name: RuntimeName): void {
  body.returnCall(RUNTIME_NAMES.indexOf(name));
}
