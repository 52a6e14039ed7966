import { expect, it } from 'vitest';
import { FunctionBody } from './functionBody.ts';
import { ModuleBuilder } from './module.ts';
import { CODE } from './opcodes.ts';
import { printModule } from './printer.ts';

// The printer once read the second function from the first one's `end`, and never came back.
it('prints every function of a module', () => {
  const module = new ModuleBuilder(1, true);
  const called = module.import('called', ['i32'], ['i32']);
  const body = new FunctionBody();
  const type = module.type(['i32'], ['i32']);
  body.reset(['i32']);
  const local = body.local('i64');
  body.i64(-1, -1);
  body.set(local);
  body.get(0);
  body.if('i32');
  body.i32(-5);
  body.else();
  body.loadCell('i32', 0x1000);
  body.end();
  body.call(called);
  module.add(type, body, 'first');
  body.reset(['i32']);
  body.get(0);
  body.op(CODE['i8x16.splat']);
  body.op(CODE['i8x16.extract_lane_s']);
  body.code.byte(3);
  module.add(type, body);
  expect(printModule(module.finish())).toBe(`(func $1 (param i32) (result i32)
  (local i64*1)
  i64.const -1
  local.set 1
  local.get 0
  if (result i32)
    i32.const -5
  else
    i32.const 4096
    i32.load
  end
  call $called
)
(func $2 (param i32) (result i32)
  local.get 0
  i8x16.splat
  i8x16.extract_lane_s 3
)
`);
});
