import { optionHelp } from '../options/help.ts';
import type { OptionRow } from '../options/optionTable.ts';

/** Adds `-h` to the options of a small subcommand. @param lines what its help says before the options @param behind and behind them */
export function withHelp<S>(lines: readonly string[], rows: readonly OptionRow<S>[], behind: readonly string[] = []): readonly OptionRow<S>[] {
  const all: readonly OptionRow<S>[] = [
    ...rows,
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => [...lines, '', optionHelp(all), ...behind, ''].join('\n') },
  ];
  return all;
}
