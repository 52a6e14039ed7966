import { Errno } from '../../packages/core/src/linux/errno.ts';
import type { SyscallRow } from '../../packages/core/src/linux/syscalls/row.ts';

const LIST = ' · ';

/** docs/generated/syscalls.md: every system call of an architecture's table, and what becomes of it. */
export function syscallsDocument(names: ReadonlyMap<number, string>, rows: readonly SyscallRow[]): string {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const implemented = rows.filter(({ refused }) => refused === undefined);
  const missing = [...names.values()].filter((name) => !byName.has(name));
  const lines = [
    '# System calls',
    '',
    '<!-- Generated from the rows in packages/core/src/linux/syscalls; `npx vitest run tests/syscalls -u` writes it anew. -->',
    '',
    `Of the ${names.size} calls that Linux has on AArch64, ${implemented.length} do what they say, as far as a process that is one of several in`,
    `everystep's own kernel can tell; ${rows.length - implemented.length} always fail, for a reason; ${missing.length} fail with ENOSYS, as on a Linux built without them,`,
    'and are logged by `-d unimp`.',
    '',
    '## Implemented',
    '',
    '| number | name | arguments |',
    '|---|---|---|',
  ];
  const numbered = [...names].sort(([a], [b]) => a - b);
  for (const [number, name] of numbered) {
    const row = byName.get(name);
    if (row !== undefined && row.refused === undefined) lines.push(`| ${number} | ${name} | ${row.types.join(', ')} |`);
  }
  lines.push('', '## Always failing', '', '| number | name | fails with | because it |', '|---|---|---|---|');
  for (const [number, name] of numbered) {
    const refused = byName.get(name)?.refused;
    if (refused !== undefined) lines.push(`| ${number} | ${name} | ${refused.errno} (${Errno[refused.errno]}) | ${refused.why} |`);
  }
  lines.push('', '## Without a row (ENOSYS)', '', numbered.flatMap(([number, name]) => (byName.has(name) ? [] : [`${name} (${number})`])).join(LIST), '');
  return lines.join('\n');
}
