import { writeSync } from 'node:fs';
import { createAArch64, type LiveSurroundings, type PluginHost, type RunEvent, UserError } from '@everystep/core';
import { DebugSession } from '../debug/debugSession.ts';
import { explain } from '../explain.ts';
import { endByLimit, type GuestEnd, guestEnd } from '../guestEnd.ts';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { compileLater } from '../host/compileLater.ts';
import { HostSignals } from '../host/hostSignals.ts';
import { defaultRunSettings, parseOptions, type RunSettings, runHelp, runOptions } from '../options/index.ts';
import { loadPlugins } from '../plugins/loadPlugins.ts';
import { type LimitReached, RunLimits } from '../runLimits.ts';

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
  return runGuest(settings, parsed.rest, false);
}

/**
 * Runs a program.
 * @param command the program and its arguments
 * @param announces whether to say how a debugger can connect
 * @returns the exit status
 */
export async function runGuest(settings: RunSettings, command: readonly string[], announces: boolean): Promise<number> {
  const { debugAddress } = settings;
  if (debugAddress !== undefined && settings.plugins.length > 0)
    throw new UserError('-plugin: a program that gdb debugs (-g) runs without plugins: leave one of them out');
  const debug = debugAddress === undefined ? undefined : await DebugSession.open(debugAddress);
  const limits = new RunLimits(settings);
  let signals: HostSignals | undefined;
  let guest: GuestRun | undefined;
  const onTurn = (): void => {
    signals?.onTurn();
    if (guest !== undefined) limits.onTurn(guest.kernel);
    debug?.hooks.budget();
  };
  const plugins =
    settings.plugins.length === 0 ? undefined : await loadPlugins(settings.plugins, createAArch64(settings.cpu), command, (line) => writeSync(2, line));
  const run = await startGuest(settings, command, { budget: onTurn, ...plugins?.host.hooks, ...(debug && { callback: debug.hooks.callback }) });
  plugins?.start(run);
  guest = run;
  signals = new HostSignals(run.kernel);
  limits.attach(run.kernel);
  if (announces) debug?.announce(command[0]);
  try {
    await debug?.serve(run, surroundingsOf(run, signals, limits));
    const event = await runToEnd(run, signals, limits, plugins?.host);
    signals.release();
    plugins?.host.finish();
    const { status, message } = await endOf(run, event, limits);
    run.log?.flush();
    if (run.machine.saveTranslations() && settings.compilesLater) compileLater(settings);
    if (settings.explain) writeSync(2, explain(run.machine.statistics));
    if (message !== '') writeSync(2, message);
    return status;
  } finally {
    run.log?.close();
  }
}

/** What a debugger's target needs of a run. */
function surroundingsOf({ machine, log }: GuestRun, signals: HostSignals, limits: RunLimits): LiveSurroundings {
  return {
    until: (step) => limits.until(machine, step),
    turn: async () => {
      log?.flush();
      await signals.turn();
      return limits.reached(machine) === undefined;
    },
  };
}

/** A plugin has ended the run. */
interface PluginExit {
  readonly kind: 'plugin';
  readonly status: number;
}

async function endOf(run: GuestRun, event: RunEvent | LimitReached | PluginExit, limits: RunLimits): Promise<GuestEnd> {
  if (typeof event === 'string') return endByLimit(run, limits.describe(event));
  if (event.kind !== 'plugin') return guestEnd(run, event);
  run.kernel.close();
  return { status: event.status, message: '' };
}

async function runToEnd(
  { machine, kernel, log }: GuestRun,
  signals: HostSignals,
  limits: RunLimits,
  plugins: PluginHost | undefined,
): Promise<RunEvent | LimitReached | PluginExit> {
  for (;;) {
    if (plugins?.exitStatus !== undefined) return { kind: 'plugin', status: plugins.exitStatus };
    const limit = limits.reached(machine);
    if (limit !== undefined) return limit;
    const slice = log === undefined ? Number.POSITIVE_INFINITY : LOG_SLICE;
    const event = kernel.run(limits.until(machine, machine.steps + slice));
    if (plugins?.exitStatus !== undefined) continue;
    if (event.kind !== 'budget' && event.kind !== 'stop') return event;
    log?.flush();
    await signals.turn();
  }
}
