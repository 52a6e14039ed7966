import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBrowser, missingText } from '../../bench/browser/browsers.ts';
import { BrowserSession } from '../../bench/browser/session.ts';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

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

test('packed recordings do in a worker of Chromium what the programs did, and can be asked there', async ({ skip }) => {
  const browser = findBrowser('chromium');
  if (browser === undefined) return skip(missingText('chromium'));
  const programs = [...buildPrograms('tests/record/programs', '.build/record'), ...buildPrograms('tests/syscalls/programs', '.build/syscalls')];
  const everystep = new BuiltCommand();
  const folder = mkdtempSync(join(tmpdir(), 'everystep-recording-'));
  const [recording, packed] = ['recording', 'packed'].map((name) => join(folder, name));
  const session = await BrowserSession.start(browser);
  try {
    // Processes and threads; a value on its way.
    for (const name of ['forkedLoops', 'origins']) {
      const { stdout } = everystep.run(['record', '-o', recording, programs.find((program) => program.name === name)?.path ?? name]);
      expect(everystep.run(['pack', '--compression=deflate', '-o', packed, recording]).status).toBe(0);
      const { instructions } = JSON.parse(everystep.run(['check-recording', '--json', packed]).stdout);
      const { steps, output } = await session.replay(readFileSync(packed), [], 120);
      expect({ steps, output }).toEqual({ steps: instructions, output: stdout });
    }
    const { step, tid } = JSON.parse(everystep.run(['who-wrote', '--json', recording, 'result']).stdout);
    const { insn, registers } = JSON.parse(everystep.run(['at', '--json', recording, String(step)]).stdout);
    const questions = [
      { kind: 'at', step },
      { kind: 'who-wrote', what: 'result' },
    ] as const;
    const { answers } = await session.replay(readFileSync(packed), questions, 120);
    expect(answers[0]).toContain(`thread ${tid}: ${insn.place}\n`);
    expect(answers[0]).toContain(`\nx0 = ${registers.x0}\n`);
    expect(answers[1]).toMatch(new RegExp(`^step ${step}, thread ${tid}: main\\+0x.* wrote 0x.*, where 0x456 was then$`));
    // What pages cannot undo is said.
    everystep.run(['pack', '-o', packed, recording]);
    await expect(session.replay(readFileSync(packed), [], 120)).rejects.toThrow('everystep pack --compression=deflate');
  } finally {
    await session.close();
    rmSync(folder, { recursive: true });
  }
});

test('a browser that is not there is named', () => {
  expect(findBrowser('chromium', '')).toBeUndefined();
  expect(missingText('chromium')).toContain('apt-get install');
});
