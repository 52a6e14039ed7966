import { statSync, writeSync } from 'node:fs';
import { LINE_FORMATS, UserError } from '@everystep/core';
import { explain } from '../explain.ts';
import { endByLimit, guestEnd } from '../guestEnd.ts';
import { tellWaits, type WaitListener } from '../host/waitHost.ts';
import { hostErrorText } from '../log/hostError.ts';
import { signalStatus } from '../messages.ts';
import { parseOptions } from '../options/parseOptions.ts';
import { RunLimits } from '../runLimits.ts';
import type { DrainResult } from '../trace/drainTask.ts';
import { checkLevel } from '../trace/levels.ts';
import { closeOutput, isThere, type OutputFile, outputSize } from '../trace/outputFile.ts';
import { grouped, Progress, readableSize } from '../trace/progress.ts';
import { DEFAULT_TRACE_FILE, defaultTraceSettings, type TraceSettings, traceOptions } from '../trace/traceOptions.ts';
import { TraceRun, type TraceRunEnd } from '../trace/traceRun.ts';
import { startSession, type TraceSession } from '../trace/traceSession.ts';
import { checkTriggers, hasTriggers, missedTriggers } from '../trace/triggerOptions.ts';

const SIGPIPE = 13;
const STATUS_OUTPUT_FAILED = 1;
/** Besides those that are lines, formats of which the beginning can be read without the rest. */
const GROWING_FORMATS: ReadonlySet<string> = new Set(['chunks', 'arrow', 'champsim', 'bbv']);
/** The header of a file, a key and some hundred definitions of blocks take a third of that. */
const LEAST_SIZE = 0x1_0000;
/** With --last, the trace can be read from some step of each so many on. */
const CHECKPOINT_STEPS = 1_000_000;

/**
 * `everystep trace`: runs a program and writes what it executes.
 * @param argv what follows `trace`
 * @returns the exit status
 */
export async function traceCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultTraceSettings();
  const parsed = parseOptions('everystep trace', traceOptions(), settings, argv, process.env);
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  if (parsed.rest.length === 0) throw new UserError('no program given (everystep trace -h shows how)');
  if (settings.from >= settings.to) throw new UserError(`nothing to trace: step ${settings.from} (--from) is not before step ${settings.to} (--to)`);
  checkLevel(settings);
  checkTriggers(settings);
  const { format, maxSize } = settings;
  if (maxSize !== Number.POSITIVE_INFINITY && !['chunks', 'none'].includes(format) && !LINE_FORMATS.has(format))
    throw new UserError(`--max-size: what there is of format ${format} cannot be read without the rest; write chunks, and export them`);
  checkDropping(settings);
  const limits = new RunLimits(settings);
  let traceRun: TraceRun | undefined;
  let atWaits: WaitListener | undefined;
  const waits: WaitListener = { before: () => atWaits?.before(), after: () => atWaits?.after() };
  const session = await startSession(
    settings,
    parsed.rest,
    () => traceRun?.onTurn(),
    (host) => tellWaits(host, waits),
  );
  const progress = new Progress();
  const { signals, interrupts } = session;
  const { machine, kernel } = session.run;
  atWaits = {
    before() {
      session.tracer.flush();
      interrupts.letThrough();
    },
    after: () => interrupts.take(),
  };
  session.drain.onStall = (isStalled) => (isStalled ? interrupts.letThrough() : interrupts.take());
  // Signals that end the trace are looked at while all threads wait, too.
  kernel.wantsTurns = true;
  traceRun = new TraceRun({
    kernel,
    limits,
    signals,
    tracer: session.tracer,
    triggers: session.triggers,
    windows: settings.windows,
    canStartAgain: settings.start.length > 0,
    checkpointSteps: settings.last === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : CHECKPOINT_STEPS,
    from: settings.from,
    to: session.isFiltered || hasTriggers(settings) ? settings.to : Math.min(settings.to, settings.from + settings.first),
    isInterrupted: () => interrupts.signal !== undefined || session.plugins?.host.exitStatus !== undefined,
    onSlice: () => {
      const isForKey = session.notes.onSlice();
      session.run.log?.flush();
      progress.show(() => `${grouped(machine.steps)} instructions`);
      return isForKey;
    },
  });
  const ended = await traceRun.run();
  signals.release();
  session.tracer.close(ended.reason);
  session.plugins?.host.finish();
  session.run.log?.close();
  const result = await session.drain.finish();
  interrupts.letThrough();
  progress.clear();
  if (result.bug !== undefined) throw new Error(`in the trace worker: ${result.bug}`);
  const failed = outputFailure(result, session.output);
  if (failed !== undefined) {
    if (failed.code === 'EPIPE') return signalStatus(SIGPIPE);
    const isReadable = (GROWING_FORMATS.has(settings.format) || LINE_FORMATS.has(settings.format)) && hasContents(session.output);
    tell(`everystep: cannot write ${session.output?.name ?? 'the trace'}: ${failed.text}${isReadable ? '; what has been written can be read' : ''}\n`);
    return STATUS_OUTPUT_FAILED;
  }
  tell(summary(settings, session, result));
  if (settings.explain) tell(explain(machine.statistics));
  for (const each of [...session.missed(), ...missedTriggers(settings, session.triggers)]) tell(`everystep: ${each}\n`);
  return guestStatus(session, ended, limits, interrupts.signal);
}

/** @throws UserError where old parts of the output cannot be dropped */
function checkDropping({ dropsOldest, maxSize, format, output = DEFAULT_TRACE_FILE }: TraceSettings): void {
  if (!dropsOldest) return;
  if (maxSize === Number.POSITIVE_INFINITY) throw new UserError('--on-full=drop-oldest: say with --max-size how large the file may get');
  const isFile = output !== '-' && statSync(output, { throwIfNoEntry: false })?.isFile() !== false;
  if (format !== 'chunks' || !isFile) throw new UserError('--on-full=drop-oldest is for --format=chunks in a file; export that');
  if (maxSize < LEAST_SIZE) throw new UserError(`--on-full=drop-oldest: --max-size=${maxSize} is too small to hold much of a trace; give at least 64K`);
}

async function guestStatus({ run, plugins }: TraceSession, { event }: TraceRunEnd, limits: RunLimits, interrupt: number | undefined): Promise<number> {
  if (event.kind === 'stop') run.kernel.close();
  const exitStatus = plugins?.host.exitStatus;
  if (exitStatus !== undefined && event.kind === 'stop') return exitStatus;
  if (interrupt !== undefined && event.kind === 'stop') return signalStatus(interrupt);
  const limit = event.kind === 'stop' ? limits.reached(run.machine) : undefined;
  const { status, message } = limit === undefined ? await guestEnd(run, event) : endByLimit(run, limits.describe(limit));
  tell(message);
  return status;
}

const hasContents = (output: OutputFile | undefined): boolean => output !== undefined && isThere(output) && outputSize(output) !== 0;

/** What went wrong with the output, if anything did. Closes it. */
function outputFailure({ failure }: DrainResult, output: OutputFile | undefined): DrainResult['failure'] {
  if (output === undefined || failure !== undefined) return failure;
  try {
    closeOutput(output);
  } catch (error) {
    return { code: '', text: hostErrorText(error) };
  }
  return isThere(output) ? undefined : { code: '', text: 'somebody has removed it meanwhile' };
}

/** Instructions in the trace. @throws Error if the output does not hold as many as ran */
function tracedInsns({ format, level }: TraceSettings, { tracer, isCounted }: TraceSession, { totals }: DrainResult): number {
  if (level === 'count') return tracer.counted;
  if (isCounted) return totals.wanted;
  if (format === 'none') return tracer.covered;
  if (totals.wanted !== tracer.covered) throw new Error(`${tracer.covered} instructions ran while traced, but ${totals.wanted} are in the trace`);
  return totals.wanted;
}

function summary(settings: TraceSettings, session: TraceSession, result: DrainResult): string {
  const { run, output } = session;
  const insns = tracedInsns(settings, session, result);
  const size = output === undefined ? undefined : outputSize(output);
  if (settings.level === 'count') return `everystep: counted ${grouped(insns)} of ${grouped(run.machine.steps)} instructions\n`;
  const where = output === undefined ? 'to nothing' : `to ${output.name}${size === undefined ? '' : ` (${readableSize(size)})`}`;
  if (result.isFull) return `everystep: traced the run until ${output?.name} had reached --max-size, format ${settings.format}\n`;
  const wanted = insns === run.machine.steps ? `all ${grouped(insns)}` : `${grouped(insns)} of ${grouped(run.machine.steps)}`;
  return `everystep: traced ${wanted} instructions ${where}, format ${settings.format}\n`;
}

function tell(text: string): void {
  if (text === '') return;
  try {
    writeSync(2, text);
  } catch {
    // Nobody can read standard error; the exit status still tells.
  }
}
