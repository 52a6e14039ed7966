import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../fuzz/random.ts';
import { buildPrograms } from '../programs/build.mjs';
import { growsBeyond } from '../support/growingFiles.ts';
import { useTraceCommand } from './traceCommand.ts';

/** Moments for each kind of trace; `EVERYSTEP_KILLS=20 npx vitest run tests/cli/traceKilled.test.ts` tries more. */
const KILLS = Number(process.env.EVERYSTEP_KILLS ?? 1);
const SEED = Number(process.env.EVERYSTEP_SEED ?? 1);
/** The latest moment, in milliseconds behind the first bytes. */
const LATEST = 500;
const SIGNALS = [
  ['SIGKILL', 9],
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const;

const everystep = useTraceCommand();
let busy = '';
beforeAll(() => {
  busy = buildPrograms(join(import.meta.dirname, 'programs'), '.build/trace-programs').find(({ name }) => name === 'busyForever')?.path ?? '';
});

const KINDS: readonly (readonly string[])[] = [[], ['--max-size=256K', '--on-full=drop-oldest'], ['--level=loads'], ['--class=load,store,syscall']];

describe.each(KINDS)('a trace of threads and processes (%s)', (...options) => {
  const kind = KINDS.findIndex(([first]) => first === options[0]);
  const random = new Random(SEED + kind);

  it.each(Array.from({ length: KILLS }, (_, i) => [...SIGNALS[(kind + i) % SIGNALS.length], random.below(LATEST)] as const))(
    'can be read when %s (%i) comes %i ms behind its first bytes',
    async (name, number, moment) => {
      const file = everystep.file(`${name} ${moment} ${options.join('')}`);
      const child = spawn(process.execPath, [everystep.path, 'trace', '--format=chunks', ...options, '-o', file, busy], { stdio: 'ignore' });
      const ended = once(child, 'close');
      await growsBeyond(0, file, child);
      await setTimeout(moment);
      child.kill(name);
      const [status, signal] = await ended;
      const isKilled = signal === name;
      // Each signal ends everystep as SIGKILL does where a disk keeps the guest waiting for half a second.
      if (name === 'SIGKILL' || isKilled) expect([status, signal]).toEqual([null, name]);
      else expect([status, signal]).toEqual([128 + number, null]);
      const incomplete = /^everystep: .*: the trace file is incomplete: .*\n$/;
      const checked = everystep.run('check-trace', file);
      expect(checked).toMatchObject({ status: 0, stdout: expect.stringMatching(/: [\d,]+ instructions, .* no problems\n$/) });
      expect(checked.stderr).toMatch(isKilled ? incomplete : /^$/);
      const exported = everystep.run('export', file, '--format=execlog', '-o', '/dev/null');
      expect(exported.status).toBe(0);
      expect(exported.stderr).toMatch(isKilled ? incomplete : /^$/);
    },
  );
});
