import { rows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { randomWord } from '../fuzz/generate.ts';
import { Random } from '../fuzz/random.ts';
import { type EncodingGroup, encodingGroup } from './encodingGroups.ts';
import { type A64Row, type RowWork, type State, WorkMeter } from './work.ts';

/** A row with what is derived from it. */
export interface DescribedRow {
  readonly row: A64Row;
  readonly place: EncodingGroup;
  readonly work: RowWork;
}

/** Every row, described. */
export function describeRows(): DescribedRow[] {
  const meter = new WorkMeter();
  const decoder = Decoder.of(rows);
  return rows.map((row) => {
    const word = randomWord(new Random(row.value), decoder, row) ?? row.value;
    const place = encodingGroup(word);
    if (place === undefined) throw new Error(`${row.name} (${word.toString(16)}) is in no group of the manual`);
    return { row, place, work: meter.ofRow(row) };
  });
}

const STATES: Readonly<Record<State, string>> = {
  native: 'one or two operations of WebAssembly',
  short: 'a short sequence',
  helper: 'a call of a function of generated code',
};

const countOf = (described: readonly DescribedRow[], state: State): number => described.filter(({ work }) => work.state === state).length;
const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(1)} %`;

/** docs/generated/instructions.md, from the rows. */
export function instructionsDocument(described: readonly DescribedRow[]): string {
  const all = described.length;
  const lines = [
    '# A64 instructions',
    '',
    '<!-- Generated from the rows in packages/core/src/guest/aarch64/decode; `npx vitest run tests/instructions -u` writes it anew. -->',
    '',
    `Every encoding of A64 user mode but SVE and SME: ${all} rows. The state of a row is what the translation of its words, 200 samples a row,`,
    'consists of; operations that only move values between registers and lanes, and constants, do not count. Where it is',
    '`+ rare`, operands such as NaNs or a rounding mode that was changed make it call a function besides.',
    '',
    '| state | rows | |',
    '|---|---|---|',
    ...(['native', 'short', 'helper'] as const).map(
      (state) => `| ${state} | ${countOf(described, state)} (${percent(countOf(described, state), all)}) | ${STATES[state]} |`,
    ),
    '',
    '## Rows that call a helper',
    '',
    described
      .filter(({ work }) => work.state === 'helper')
      .map(({ row }) => row.name)
      .join('; '),
    '',
    '## Rows by extension',
    '',
    '| extension | rows |',
    '|---|---|',
  ];
  const extensions = new Map<string, number>();
  for (const { row } of described) extensions.set(row.options.feature ?? 'Armv8.0', (extensions.get(row.options.feature ?? 'Armv8.0') ?? 0) + 1);
  for (const [extension, count] of [...extensions].sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(`| ${extension} | ${count} |`);
  lines.push('', '## Rows without a fuzzer', '', '| row | why |', '|---|---|');
  for (const { row } of described) if (row.options.noFuzz !== undefined) lines.push(`| ${row.name} | ${row.options.noFuzz} |`);
  for (const group of new Set(described.map(({ place }) => place.group))) {
    lines.push('', `## ${group}`, '', '| row | encoding group | extension | state |', '|---|---|---|---|');
    for (const { row, place, work } of described) {
      if (place.group !== group) continue;
      lines.push(`| ${row.name} | ${place.part} | ${row.options.feature ?? ''} | ${work.state}${work.cold ? ' + rare' : ''} |`);
    }
  }
  return [...lines, ''].join('\n');
}
