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

/** Plugins of examples/sum, and what they write in Node, too (tests/cli/plugins.test.ts). */
const PLUGINS = ['insn', 'mem,inline=on', 'branch,model=bimodal,limit=1', 'traps'];
const PLUGIN_LOG = [
  'cpu 0 insns: 12000015',
  'total insns: 12000015',
  'inline mem accesses: 6000003',
  'bimodal, 12 bits: 1000001 conditional branches, 2 mispredicted (0.00%)',
  'address, executed, taken, mispredicted, rate, instruction',
  '0x4000ec (main), 1000001, 100.00%, 2, 0.00%, B.cond',
  'VCPU, interrupts, exceptions, hostcalls',
  '   0,          0,          1,          0',
  '',
].join('\n');

test.for(['chromium', 'firefox'] as const)(
  'programs do in a worker of %s what they do under QEMU, and plugins what they do in Node',
  async (name, { skip }) => {
    const browser = findBrowser(name);
    if (browser === undefined) return skip(missingText(name));
    const session = await BrowserSession.start(browser);
    try {
      for (const [program, ...args] of COMMANDS) {
        const { status, stdout } = spawnSync('qemu-aarch64', [program, ...args], { env: {}, encoding: 'latin1' });
        const outcome = await session.run(readFileSync(program), [program, ...args], 120);
        expect({ status: outcome.status, output: outcome.output }).toEqual({ status, output: stdout });
      }
      const { log } = await session.run(readFileSync('examples/sum/sum'), ['sum'], 120, PLUGINS);
      expect(log).toBe(PLUGIN_LOG);
      expect(session.userAgent.toLowerCase()).toContain(name === 'chromium' ? 'chrome' : 'firefox');
    } finally {
      await session.close();
    }
  },
);

test('a browser that is not there is named', () => {
  expect(findBrowser('chromium', '')).toBeUndefined();
  expect(missingText('chromium')).toContain('apt-get install');
});
