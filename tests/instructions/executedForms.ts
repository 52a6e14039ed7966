import { readFileSync } from 'node:fs';

/** A form of executedForms.tsv. */
export interface ExecutedForm {
  /** Mnemonic and kind of the first operand. */
  readonly form: string;
  /** Per cent of executed instructions. */
  readonly share: number;
  /** An instruction of this form. */
  readonly word: number;
}

/** What programs execute, the most frequent form first. */
export function executedForms(): ExecutedForm[] {
  const lines = readFileSync(new URL('executedForms.tsv', import.meta.url), 'utf8').split('\n');
  return lines
    .filter((line) => /\t[0-9a-f]{8}$/.test(line))
    .map((line) => line.split('\t') as [string, string, string])
    .map(([form, share, word]) => ({ form, share: Number(share), word: Number.parseInt(word, 16) }));
}

export const mnemonicOf = (form: string): string => (form === 'b.cond' ? form : (form.split('.')[0] as string));

/** The fewest mnemonics that together make `percent` of all executed instructions. */
export function frequentMnemonics(forms: readonly ExecutedForm[], percent: number): Set<string> {
  const shares = new Map<string, number>();
  for (const { form, share } of forms) shares.set(mnemonicOf(form), (shares.get(mnemonicOf(form)) ?? 0) + share);
  const frequent = new Set<string>();
  let sum = 0;
  for (const [mnemonic, share] of [...shares].sort((a, b) => b[1] - a[1])) {
    if (sum >= percent) break;
    frequent.add(mnemonic);
    sum += share;
  }
  return frequent;
}
