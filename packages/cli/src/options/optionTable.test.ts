import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { versionText } from '../version.ts';
import { LOG_ITEMS, optionsDocument, runHelp, runOptions } from './index.ts';

const rows = runOptions(runHelp);

describe('the table of options', () => {
  it('has no name and no variable twice', () => {
    for (const all of [rows.flatMap((row) => row.names), rows.flatMap((row) => row.variable ?? []), LOG_ITEMS.map((item) => item.name)]) {
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it('has every option and variable of qemu-aarch64 7.2', () => {
    const names = new Set(rows.flatMap((row) => row.names));
    for (const name of [
      'h',
      'help',
      'g',
      'L',
      's',
      'cpu',
      'E',
      'U',
      '0',
      'r',
      'B',
      'R',
      'd',
      'dfilter',
      'D',
      'p',
      'singlestep',
      'strace',
      'seed',
      'trace',
      'plugin',
      'version',
    ]) {
      expect(names).toContain(name);
    }
    const variables = new Set(rows.map((row) => row.variable));
    const ofQemu =
      'GDB LD_PREFIX STACK_SIZE CPU SET_ENV UNSET_ENV ARGV0 UNAME GUEST_BASE RESERVED_VA LOG DFILTER LOG_FILENAME PAGESIZE SINGLESTEP STRACE RAND_SEED TRACE PLUGIN VERSION';
    for (const variable of ofQemu.split(' ')) expect(variables).toContain(`EVERYSTEP_${variable}`);
  });

  it('is what the documentation shows', async () => {
    await expect(optionsDocument(rows)).toMatchFileSnapshot('../../../../docs/generated/options.md');
  });

  it('has help that fits a terminal', () => {
    const help = runHelp(rows);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(112);
    for (const { names } of rows) expect(help).toContain(`-${names[0]}`);
  });
});

it("the version is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(versionText).toMatch(new RegExp(`^everystep version ${version}\n`));
});
