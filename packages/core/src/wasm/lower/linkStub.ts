import { Cell } from '../../base/index.ts';
import { FunctionBody } from '../functionBody.ts';
import type { ModuleBuilder } from '../module.ts';
import { CODE } from '../opcodes.ts';
import { PARAM_DEPTH, PARAM_SLOT } from './context.ts';
import { callRuntime, LINK_PC_WORDS, LINKS_TABLE, returnCallRuntime, SELF } from './runtime.ts';

const C = CODE;

/** Parameters and result of a region's function, see REGION_PARAMS. */
const PARAMS = ['i32', 'i32'] as const;

/**
 * What every slot of a region's private table holds until it is linked: asks for the link, then goes there; through the
 * dispatcher, where what is there cannot be linked. Then its word in LINK_PCS says where that is, so that the next time
 * nothing need be asked.
 */
export function linkStub(module: ModuleBuilder, regionType: number): FunctionBody {
  const stub = new FunctionBody();
  stub.reset(PARAMS);
  const pc = stub.local('i64');
  stub.get(PARAM_SLOT);
  stub.i32(3);
  stub.op(C['i32.shl']);
  stub.getGlobal(LINK_PC_WORDS);
  stub.op(C['i32.add']);
  stub.memory(C['i64.load'], 0);
  stub.tee(pc);
  stub.op(C['i64.eqz']);
  stub.op(C['i32.eqz']);
  stub.if();
  stub.get(pc);
  stub.get(PARAM_DEPTH);
  returnCallRuntime(stub, module, 'dispatch');
  stub.end();
  stub.get(PARAM_SLOT);
  stub.getGlobal(SELF);
  callRuntime(stub, module, 'link');
  stub.if();
  stub.loadCell('i64', Cell.linkTarget);
  stub.get(PARAM_DEPTH);
  returnCallRuntime(stub, module, 'dispatch');
  stub.end();
  stub.get(PARAM_SLOT);
  stub.get(PARAM_DEPTH);
  stub.get(PARAM_SLOT);
  stub.returnCallIndirect(regionType, LINKS_TABLE);
  return stub;
}
