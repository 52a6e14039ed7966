import { byGroup } from './help.ts';
import { LOG_ITEMS } from './logItems.ts';
import { type OptionRow, usage } from './optionTable.ts';

/** A cell of a Markdown table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${cell(text)}\``;

/** docs/generated/options.md, from the tables. */
export function optionsDocument<Settings>(rows: readonly OptionRow<Settings>[]): string {
  const lines = [
    '# Options of `everystep run`',
    '',
    '<!-- Generated from the tables in packages/cli/src/options; `npx vitest run -u packages/cli/src/options` writes it anew. -->',
    '',
    'The options of `qemu-aarch64`, with its names and meanings. One dash or two; options end at the program or at `--`.',
    'An environment variable stands for its option; the command line wins.',
    '',
  ];
  for (const [group, members] of byGroup(rows)) {
    lines.push(`## ${group}`, '', '| option | variable | what it does | state |', '|---|---|---|---|');
    for (const row of members) {
      const state = row.state === 'done' ? 'done' : `not supported: ${row.instead}`;
      const options = row.names.map((name) => code(usage(row, name))).join(' ');
      lines.push(`| ${options} | ${row.variable === undefined ? '' : code(row.variable)} | ${cell(row.help)} | ${cell(state)} |`);
    }
    lines.push('');
  }
  lines.push('## Items of `-d`', '', '| item | what it logs | state |', '|---|---|---|');
  for (const { name, help, instead } of LOG_ITEMS) {
    lines.push(`| ${code(name)} | ${cell(help)} | ${instead === undefined ? 'done' : cell(`not supported: ${instead}`)} |`);
  }
  return [...lines, ''].join('\n');
}
