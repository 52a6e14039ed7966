import { expect, it } from 'vitest';
import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { insn, type Row } from '../../packages/core/src/guest/decode/index.ts';
import { compilePatterns } from '../../scripts/compilePatterns.mjs';

const WORDS = [0, 0xffff_ffff, 0x1234_5678, 0x9abc_def0, 0x5555_5555, 0xaaaa_aaaa];

it('makes of the pattern of each row what the row makes of it', () => {
  const def: unknown = insn<undefined>();
  for (const { name, pattern, mask, value, extract } of rows) {
    const code = compilePatterns(`return def('row', '${pattern}', () => {});`);
    const row = new Function('def', code)(def) as Row<undefined>;
    expect({ mask: row.mask, value: row.value, fields: WORDS.map(row.extract) }, name).toEqual({ mask, value, fields: WORDS.map(extract) });
  }
});
