import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findBrowser, missingText } from '../../bench/browser/browsers.ts';
import { BrowserSession } from '../../bench/browser/session.ts';

/** Programs with arguments. */
const COMMANDS = [
  ['examples/sum/sum'],
  ['.build/busybox/busybox', 'sh', '-c', 'i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; echo $i | sha256sum; (exit 3)'],
] as const;

test.for(['chromium', 'firefox'] as const)('programs do in a worker of %s what they do under QEMU', async (name, { skip }) => {
  const browser = findBrowser(name);
  if (browser === undefined) return skip(missingText(name));
  const session = await BrowserSession.start(browser);
  try {
    for (const [program, ...args] of COMMANDS) {
      const { status, stdout } = spawnSync('qemu-aarch64', [program, ...args], { env: {}, encoding: 'latin1' });
      const outcome = await session.run(readFileSync(program), [program, ...args], 120);
      expect({ status: outcome.status, output: outcome.output }).toEqual({ status, output: stdout });
    }
    expect(session.userAgent.toLowerCase()).toContain(name === 'chromium' ? 'chrome' : 'firefox');
  } finally {
    await session.close();
  }
});

test('a browser that is not there is named', () => {
  expect(findBrowser('chromium', '')).toBeUndefined();
  expect(missingText('chromium')).toContain('apt-get install');
});
