import { writeSync } from 'node:fs';
import { type RunEvent, UserError } from '@everystep/core';
import { guestEnd } from '../guestEnd.ts';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { defaultRunSettings, parseOptions, runHelp, runOptions } from '../options/index.ts';

/** Steps after which the log is written out, so that ^C in a long loop loses little of it. */
const LOG_SLICE = 50_000_000;

/**
 * `everystep run`: runs a program as qemu-aarch64 would.
 * @param argv what follows `run`
 * @returns the exit status
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultRunSettings();
  const parsed = parseOptions('everystep run', runOptions(runHelp), settings, argv, process.env);
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  if (parsed.rest.length === 0) throw new UserError('no program given (everystep run -h shows how)');
  const run = await startGuest(settings, parsed.rest);
  try {
    const { status, message } = await guestEnd(run, runToEnd(run));
    run.log?.flush();
    if (message !== '') writeSync(2, message);
    return status;
  } finally {
    run.log?.close();
  }
}

function runToEnd({ machine, kernel, log }: GuestRun): RunEvent {
  if (log === undefined) return kernel.run();
  for (;;) {
    const event = kernel.run(machine.steps + LOG_SLICE);
    if (event.kind !== 'budget') return event;
    log.flush();
  }
}
