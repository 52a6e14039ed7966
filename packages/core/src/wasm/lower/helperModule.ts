import { type Block, type Helper, IrBuffer, IrBuilder, StateLayout, type Ty } from '../../ir/index.ts';
import { ModuleBuilder } from '../module.ts';
import { Context, Scratch, type VectorOptions } from './context.ts';
import { Place } from './placement.ts';
import { emitCode, emitValue } from './values.ts';

/** Wasm module whose export `helper` is an IR helper's body; it imports the helpers that the body calls. */
export function lowerHelper(
  helper: Helper,
  memoryPages: number,
  shared: boolean,
  vectors: VectorOptions,
): { readonly wasm: Uint8Array<ArrayBuffer>; readonly calls: readonly Helper[] } {
  const buffer = new IrBuffer(256);
  const ir = new IrBuilder(buffer, vectors.fusesMadd);
  const args = helper.args.map((type: Ty, i: number) => ir.arg(i, type));
  const result = (helper.body as unknown as (ir: IrBuilder, ...args: number[]) => number)(ir, ...args);
  const block: Block = { pc: 0, start: 0, end: buffer.length, insns: 0, bytes: 0, terminator: { kind: 'return', target: result } };
  const module = new ModuleBuilder(memoryPages, shared);
  for (const called of buffer.helpers) module.import(`helper:${called.name}`, called.args, [called.result]);
  const scratch = new Scratch();
  const { body } = scratch;
  body.reset(helper.args);
  const x = new Context(
    buffer,
    new StateLayout(),
    module,
    body,
    scratch,
    { ...HELPER_OPTIONS, ...vectors },
    {
      words: 1,
      use: [],
      def: [],
      touched: [],
      dirtyIn: [],
      storedInto: [],
      liveIn: [],
      flagKindIn: new Int32Array(0),
      needsKindLocal: false,
      guards: new Map(),
    },
  );
  x.startBlock(block);
  for (let i = 0; i < block.end; i++) {
    if (x.placement.place[i] !== Place.local) continue;
    emitCode(x, i);
    const local = x.temp(buffer.typeOf(i));
    body.set(local);
    x.valueLocal[i] = local;
  }
  emitValue(x, result);
  module.add(module.type(helper.args, [helper.result]), body, 'helper');
  return { wasm: module.finish(), calls: buffer.helpers };
}

/** Module that exports its import `fn` as it is: a function of the host's becomes one of Wasm's. */
export function reexportModule(params: readonly Ty[], result: Ty): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(undefined, false);
  module.export('fn', module.import('fn', params, [result]));
  return module.finish();
}

const HELPER_OPTIONS = {
  chain: false,
  ring: false,
  stackPointer: { name: '', type: 'i64', index: -1, offset: 0, visible: false },
  disabled: new Set<string>(),
  allocateSlot: (): number => {
    throw new Error('helpers do not touch guest memory');
  },
  stackSlot: 0,
  isLoopEntry: () => false,
  mayGuardFlags: () => false,
  learns: (): boolean => false,
  hasCallSites: false,
} as const;
