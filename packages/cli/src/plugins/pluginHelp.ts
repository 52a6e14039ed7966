import type { Plugin } from '@everystep/core';
import { BUNDLED_PLUGINS } from '@everystep/plugins';

/** What `-plugin help` prints, and `-plugin NAME,help` of one plugin; undefined where help is not asked for. */
export function pluginHelp(value: string): string | undefined {
  const log = 'Their output goes to the log: -d plugin -D FILE';
  if (value === 'help')
    return ['Plugins (docs/plugins.md), with their arguments:', ...BUNDLED_PLUGINS.flatMap((each) => ['', ...linesOf(each)]), '', log, ''].join('\n');
  const [name, ...args] = value.split(',');
  const plugin = args.includes('help') ? BUNDLED_PLUGINS.find((each) => each.name === name) : undefined;
  return plugin && [...linesOf(plugin), ''].join('\n');
}

const linesOf = ({ name, description, options }: Plugin): readonly string[] => [
  `${name}: ${description}`,
  ...(options ?? []).map((option) => `  ${`${option.name}=${option.value}`.padEnd(24)} ${option.help}`),
];
