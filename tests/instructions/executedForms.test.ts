import { expect, test } from 'vitest';
import { loadDisassembler } from '../../packages/cli/src/disassembly/disassembler.ts';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import { Trap } from '../../packages/core/src/guest/aarch64/traps.ts';
import { IrBuilder } from '../../packages/core/src/ir/index.ts';
import { executedForms, frequentMnemonics, mnemonicOf } from './executedForms.ts';

const forms = executedForms();

/** The form that a disassembler's text is of. */
function formOf(mnemonic: string, operands: string): string {
  if (mnemonic.startsWith('b.')) return 'b.cond';
  if (/^(cbn?z|tbn?z|adrp?|br|blr|ret)$/.test(mnemonic)) return mnemonic;
  const [, register = '', arrangement = ''] = /^\{?\s*([a-z]+\d*)(?:\.(\d*[bhsdq]))?/.exec(operands) ?? [];
  if (/^v\d/.test(register)) return `${mnemonic}.v.${arrangement}`;
  if (/^(x\d|xzr|sp$|lr$|fp$)/.test(register)) return `${mnemonic}.x`;
  if (/^(w\d|wzr|wsp)/.test(register)) return `${mnemonic}.w`;
  return /^[bhsdq]\d/.test(register) ? `${mnemonic}.${register[0]}` : mnemonic;
}

test('the table has all forms, and a word of each', async () => {
  const disassemble = await loadDisassembler();
  expect(forms.length).toBe(738);
  for (const { form, word } of forms) {
    const { mnemonic, operands } = disassemble(0x10000, word);
    expect(formOf(mnemonic, operands), word.toString(16)).toBe(form);
  }
  expect(frequentMnemonics(forms, 99).size).toBe(94);
  expect(new Set(forms.map(({ form }) => mnemonicOf(form))).size).toBe(330);
});

test.each(['max', 'cortex-a57'] as const)('every form that programs execute is translated for %s', (cpu) => {
  const guest = createAArch64(cpu);
  const ir = new IrBuilder();
  const undefinedForms = forms.filter(({ word }) => {
    ir.buffer.reset();
    guest.translateBlock(ir, { pc: 0x10000, maxInsns: 1, fetch: () => word });
    return ir.terminator?.kind === 'trap' && ir.terminator.code === Trap.undefined;
  });
  console.log(`${forms.length - undefinedForms.length} of ${forms.length} executed forms are translated for ${cpu}`);
  expect(undefinedForms.map(({ form }) => form)).toEqual([]);
});
