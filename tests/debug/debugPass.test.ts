import { expect, test } from 'vitest';
import { createDebugPass } from '../../packages/core/src/debug/live/debugPass.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { type Block, IrBuilder, OP, OP_TABLE, verifyBlock } from '../../packages/core/src/ir/index.ts';
import { executedForms } from '../instructions/executedForms.ts';

const PC = 0x10000;
const INFO = { id: 0, pc: PC, insns: 1, bytes: 4, words: new Uint32Array(1) };

test('every instruction that accesses memory can be left before its first access', () => {
  const guest = createAArch64();
  const from = new IrBuilder();
  const pass = createDebugPass({ pcs: new Set(), watched: { write: 1, access: 2, read: 1 }, syscalls: false }, guest.ignoredTopBits);
  let accessing = 0;
  for (const { form, word } of executedForms()) {
    from.buffer.reset();
    const { insns, bytes } = guest.translateBlock(from, { pc: PC, maxInsns: 1, fetch: () => word });
    const { terminator } = from;
    if (terminator === undefined) throw new Error(`${form} has no end`);
    const block: Block = { pc: PC, start: 0, end: from.buffer.length, insns, bytes, terminator };
    const kinds = Array.from({ length: block.end }, (_, i) => OP_TABLE[from.buffer.op[i]].kind);
    const stores = kinds.includes('store');
    const loads = kinds.includes('load');
    expect(pass.wants?.(from.buffer, block), form).toBe(stores || loads);
    if (!stores && !loads) continue;
    accessing++;
    const to = new IrBuilder();
    const made = pass.instrument(from.buffer, block, INFO, to);
    verifyBlock(to.buffer, made, guest.state);
    const ops = Array.from(to.buffer.op.subarray(0, made.end));
    const firstAccess = ops.findIndex((op) => ['load', 'store'].includes(OP_TABLE[op].kind));
    const firstSet = ops.findIndex((op) => op === OP.setReg || op === OP.setFlags);
    const callbacks = ops.flatMap((op, i) => (op === OP.callback ? [i] : []));
    expect(callbacks.length, form).toBe(3 * Number(stores) + 3 * Number(loads));
    expect(Math.max(...callbacks), form).toBeLessThan(firstAccess);
    if (firstSet >= 0) expect(Math.max(...callbacks), form).toBeLessThan(firstSet);
  }
  expect(accessing).toBeGreaterThan(100);
});
