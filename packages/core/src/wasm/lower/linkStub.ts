import { Cell, NO_ADDRESS } from '../../base/index.ts';
import { GLOBAL } from '../constants.ts';
import { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import { PARAM_DEPTH, PARAM_SLOT } from './context.ts';
import { REGION_PARAMS } from './regionType.ts';
import { callRuntime, LINKS_TABLE, REGION_TYPE, returnCallRuntime } from './runtime.ts';

const C = CODE;

/**
 * What every slot of a module's table of links holds until it is linked: asks for the link, then goes there; through the
 * dispatcher, where what is there cannot be linked. Then its word in LINK_PCS says where that is, so that the next time
 * nothing need be asked.
 */
export function linkStub(): FunctionBody {
  const stub = new FunctionBody();
  stub.reset(REGION_PARAMS);
  const pc = stub.local('i64');
  // A call site that knows nothing: the call went where it believes that nobody goes.
  stub.get(PARAM_SLOT);
  stub.op(C['i32.eqz']);
  stub.if();
  stub.i64(NO_ADDRESS.low | 0, NO_ADDRESS.high);
  stub.get(PARAM_DEPTH);
  returnCallRuntime(stub, 'dispatch');
  stub.end();
  stub.get(PARAM_SLOT);
  stub.i32(3);
  stub.op(C['i32.shl']);
  stub.globalGet(GLOBAL.linkPcs);
  stub.op(C['i32.add']);
  stub.memory(C['i64.load'], 0);
  stub.tee(pc);
  stub.op(C['i64.eqz']);
  stub.op(C['i32.eqz']);
  stub.if();
  stub.get(pc);
  stub.get(PARAM_DEPTH);
  returnCallRuntime(stub, 'dispatch');
  stub.end();
  stub.get(PARAM_SLOT);
  stub.globalGet(GLOBAL.firstRegion);
  callRuntime(stub, 'link');
  stub.if();
  stub.loadCell('i64', Cell.linkTarget);
  stub.get(PARAM_DEPTH);
  returnCallRuntime(stub, 'dispatch');
  stub.end();
  stub.get(PARAM_SLOT);
  stub.get(PARAM_DEPTH);
  stub.get(PARAM_SLOT);
  stub.returnCallIndirect(REGION_TYPE, LINKS_TABLE);
  return stub;
}
