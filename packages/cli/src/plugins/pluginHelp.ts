import { BUNDLED_PLUGINS } from '@everystep/plugins';

/** What `-plugin help` prints. */
export function pluginHelp(): string {
  const lines = ['Plugins (docs/plugins.md), with their arguments:'];
  for (const { name, description, options } of BUNDLED_PLUGINS) {
    lines.push('', `${name}: ${description}`);
    for (const option of options ?? []) lines.push(`  ${`${option.name}=${option.value}`.padEnd(24)} ${option.help}`);
  }
  lines.push('', 'Their output goes to the log: -d plugin -D FILE', '');
  return lines.join('\n');
}
