import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@everystep/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LogFile } from './logFile.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everystep-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps every line, in order', () => {
  const path = join(folder, 'a');
  const log = new LogFile(path);
  let expected = '';
  for (let i = 0; i < 50_000; i++) {
    const line = `line ${i}, ünïcode\n`;
    expected += line;
    log.write(line);
    if (i % 10_007 === 0) log.flush();
  }
  log.close();
  expect(readFileSync(path, 'utf8')).toBe(expected);
  expect(log.shared).toBe(false);
});

it('empties an old file, and says why it cannot open one', () => {
  const path = join(folder, 'b');
  for (const text of ['long text\n', 'x\n']) {
    const log = new LogFile(path);
    log.write(text);
    log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('x\n');
  expect(() => new LogFile(join(folder, 'none', 'c'))).toThrow(new UserError(`cannot open the log file '${folder}/none/c': no such file or directory`));
});

it.skipIf(process.platform !== 'linux')('says once that the disk is full', () => {
  const log = new LogFile('/dev/full');
  expect(log.shared).toBe(true);
  log.write('x');
  expect(() => log.flush()).toThrow("cannot write the log file '/dev/full': no space left on device");
  log.write('y');
  log.close();
});
