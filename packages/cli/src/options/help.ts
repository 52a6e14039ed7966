import { type OptionRow, usage } from './optionTable.ts';

const USAGE_WIDTH = 22;
const VARIABLE_WIDTH = 26;
const LINE = 110;

/** Words of `text` in lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The rows by group, in the table's order. */
export function byGroup<Settings>(rows: readonly OptionRow<Settings>[]): ReadonlyMap<string, readonly OptionRow<Settings>[]> {
  const groups = new Map<string, OptionRow<Settings>[]>();
  for (const row of rows) {
    const group = groups.get(row.group);
    if (group === undefined) groups.set(row.group, [row]);
    else group.push(row);
  }
  return groups;
}

/** The options as -h lists them: supported ones by group, then the others in one line each. */
export function optionHelp<Settings>(rows: readonly OptionRow<Settings>[]): string {
  const lines: string[] = [];
  const indent = ' '.repeat(2 + USAGE_WIDTH + VARIABLE_WIDTH);
  for (const [group, members] of byGroup(rows.filter((row) => row.state === 'done'))) {
    lines.push(`${group}:`);
    for (const row of members) {
      const option = row.names.map((name) => usage(row, name)).join(', ');
      const left = `  ${option.padEnd(USAGE_WIDTH - 1)} ${row.variable ?? ''} `.padEnd(indent.length);
      // A long option has a line of its own.
      const [first, ...rest] = [...(left.length > indent.length ? [''] : []), ...wrap(row.help, LINE - indent.length)];
      lines.push(`${left}${first}`.trimEnd(), ...rest.map((line) => indent + line));
    }
    lines.push('');
  }
  const missing = rows.filter((row) => row.state === 'not supported');
  if (missing.length > 0)
    lines.push('Options of qemu-aarch64 that everystep does not have (it says so, and what to do):', `  ${missing.map((row) => usage(row)).join(', ')}`, '');
  return lines.join('\n');
}

/** The option that every command has. */
export const helpOption = (text: () => string): OptionRow<object> => ({
  names: ['h', 'help'],
  group: 'About',
  help: 'show this help',
  state: 'done',
  print: text,
});

/** What `everystep run -h` prints. */
export function runHelp<Settings>(rows: readonly OptionRow<Settings>[]): string {
  return [
    'usage: everystep run [options] PROGRAM [arguments]',
    '',
    'Runs a Linux program built for AArch64, as qemu-aarch64 does, with the same options. They end at PROGRAM;',
    "what follows are the program's own arguments. An environment variable stands for its option.",
    '',
    optionHelp(rows),
    'Examples:',
    '  everystep run ./hello',
    '  everystep run -strace -E LANG=C ./hello world',
    '  everystep run -singlestep -d nochain,in_asm,exec,cpu -D log.txt ./hello',
    '',
    "The exit status is the program's; 128 and the signal's number if a signal ended it; 2 if the command line was",
    'wrong; 70 if everystep itself failed.',
    '',
  ].join('\n');
}
