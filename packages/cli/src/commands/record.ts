import { writeSync } from 'node:fs';
import {
  createMachine,
  describeState,
  JournalWriter,
  type LinearMemory,
  type MachineOptions,
  type RecordingHeader,
  RecordingMachine,
  type RunEnd,
  type RunEvent,
  UserError,
} from '@everystep/core';
import { endByLimit, type GuestEnd, guestEnd } from '../guestEnd.ts';
import { type GuestRun, guestArguments, guestEnvironment, startGuest } from '../guestRun.ts';
import { milliseconds } from '../host/clock.ts';
import { HostSignals } from '../host/hostSignals.ts';
import { tellWaits } from '../host/waitHost.ts';
import { hostErrorText } from '../log/hostError.ts';
import { signalStatus } from '../messages.ts';
import { parseOptions } from '../options/parseOptions.ts';
import { tellOutput } from '../record/outputHost.ts';
import { createRecording } from '../record/recordingFolder.ts';
import { defaultRecordSettings, type RecordSettings, recordOptions } from '../record/recordOptions.ts';
import { type LimitReached, RunLimits } from '../runLimits.ts';
import { Interrupts } from '../trace/interrupts.ts';
import { grouped, readableSize } from '../trace/progress.ts';
import { versionText } from '../version.ts';
import { makeIndexOf } from './makeIndex.ts';

/** Milliseconds after which the size of the recording is looked at. */
const LOOK_TIME = 500;
/** Steps after which signals and the clock are looked at, at the latest: mostly `onTurn` sees to that. */
const SLICE = 1_000_000_000;
const STATUS_OUTPUT_FAILED = 1;

/**
 * `everystep record`: runs a program and writes down what comes to it from outside.
 * @param argv what follows `record`
 * @returns the exit status
 */
export async function recordCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultRecordSettings();
  const parsed = parseOptions('everystep record', recordOptions(), settings, argv, process.env);
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  if (parsed.rest.length === 0) throw new UserError('no program given (everystep record -h shows how)');
  return new RecordedRun(settings, parsed.rest).run();
}

class RecordedRun {
  private readonly limits: RunLimits;
  private recorder: RecordingMachine | undefined;
  private journal: JournalWriter | undefined;
  private guest: GuestRun | undefined;
  private signals: HostSignals | undefined;
  private interrupts: Interrupts | undefined;
  private looked = 0;
  /** What went wrong with the output, once it has. */
  private failure: string | undefined;

  constructor(
    private readonly settings: RecordSettings,
    private readonly command: readonly string[],
  ) {
    this.limits = new RunLimits(settings);
  }

  async run(): Promise<number> {
    const { settings, command } = this;
    const recording = createRecording(settings.folder);
    const keep = (writing: () => void): void => {
      if (this.failure !== undefined) return;
      try {
        writing();
        // It is ended between two runs.
        if (this.journal !== undefined && this.journal.bytes >= settings.maxSize) this.guest?.machine.requestStop();
      } catch (error) {
        this.failure = hostErrorText(error);
        this.guest?.machine.requestStop();
      }
    };
    const write = (bytes: Uint8Array): void => keep(() => recording.sink.write(bytes));
    const create = (options: MachineOptions): RecordingMachine => {
      const header: RecordingHeader = {
        guest: options.guest.name,
        cpu: settings.cpu,
        version: versionText.trim(),
        runtime: `Node.js ${process.version}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
        program: command[0],
        argv: guestArguments(settings, command),
        environment: guestEnvironment(settings),
        workingDirectory: process.cwd(),
        began: Date.now(),
        ...(settings.memory === undefined ? {} : { memoryLimit: settings.memory }),
        registers: describeState(options.guest.state),
      };
      // From the first byte on, what ends the run leaves a whole recording.
      this.interrupts = new Interrupts((name) => this.signals?.has(name) === true);
      const sink = { ...recording.sink, write, engineModule: options.hooks?.engineModule };
      const journal = (memory: LinearMemory): JournalWriter => {
        this.journal = new JournalWriter(sink, header, memory);
        return this.journal;
      };
      this.recorder = new RecordingMachine(createMachine, options, { journal, now: milliseconds });
      return this.recorder;
    };
    const run = await startGuest(
      settings,
      command,
      { budget: () => this.onTurn() },
      {
        createMachine: create,
        host: (host) =>
          tellOutput(
            tellWaits(host, {
              before: () => this.beforeWait(),
              after: () => this.interrupts?.take(),
            }),
            (stream, data) => this.recorder?.output(stream, data),
          ),
      },
    ).catch((error: unknown) => {
      recording.abandon();
      throw error;
    });
    this.guest = run;
    keep(() => recording.begin());
    const signals = new HostSignals(run.kernel);
    this.signals = signals;
    this.limits.attach(run.kernel);
    const recorder = this.recorder as unknown as RecordingMachine;
    recorder.attach(run.kernel);
    const interrupts = this.interrupts as unknown as Interrupts;
    run.kernel.wantsTurns = true;
    const event = await this.toEnd(run, signals, interrupts);
    signals.release();
    interrupts.letThrough();
    const end = await this.endOf(run, event, interrupts.signal);
    const isWhole = !recorder.isOver;
    recorder.end(recordedEnd(run, event));
    recording.close();
    if (this.failure !== undefined) {
      tell(`${end.message}everystep: cannot write the recording '${settings.folder}': ${this.failure}; what has been written can be replayed\n`);
      return STATUS_OUTPUT_FAILED;
    }
    run.machine.saveTranslations();
    const { bytes } = this.journal as unknown as JournalWriter;
    const part = isWhole ? `all ${grouped(run.machine.steps)} instructions` : 'the run until --max-size';
    tell(`${end.message}everystep: recorded ${part} to ${settings.folder} (${readableSize(bytes)})\n`);
    if (settings.makesIndex) await makeIndexOf(settings.folder);
    return end.status;
  }

  /** The host may wait: nothing is to be lost if it is ended meanwhile. */
  private beforeWait(): void {
    this.journal?.flush();
    this.interrupts?.letThrough();
  }

  /** While the guest runs, every few milliseconds. */
  private onTurn(): void {
    this.signals?.onTurn();
    if (this.guest === undefined) return;
    this.limits.onTurn(this.guest.kernel);
    if (milliseconds() - this.looked >= LOOK_TIME) this.guest.machine.requestStop();
  }

  private async toEnd({ machine, kernel }: GuestRun, signals: HostSignals, interrupts: Interrupts): Promise<RunEvent | LimitReached> {
    for (;;) {
      const limit = this.limits.reached(machine);
      if (limit !== undefined) return limit;
      if (interrupts.signal !== undefined || this.failure !== undefined) return { kind: 'stop' };
      const event = kernel.run(this.limits.until(machine, machine.steps + SLICE));
      if (event.kind !== 'budget' && event.kind !== 'stop') return event;
      this.look();
      await signals.turn();
    }
  }

  private look(): void {
    const { journal, recorder, settings } = this;
    this.looked = milliseconds();
    recorder?.flushIfDue();
    if (journal !== undefined && journal.bytes >= settings.maxSize) recorder?.end({ kind: 'stopped', why: '--max-size' });
  }

  private async endOf(run: GuestRun, event: RunEvent | LimitReached, interrupt: number | undefined): Promise<GuestEnd> {
    if (typeof event === 'string') return endByLimit(run, this.limits.describe(event));
    if (event.kind === 'stop') run.kernel.close();
    if (event.kind === 'stop') return { status: interrupt === undefined ? STATUS_OUTPUT_FAILED : signalStatus(interrupt), message: '' };
    return guestEnd(run, event);
  }
}

function recordedEnd(run: GuestRun, event: RunEvent | LimitReached): RunEnd {
  if (typeof event === 'string') return { kind: 'stopped', why: event === 'steps' ? '--max-steps' : '--timeout' };
  if (event.kind === 'fault') {
    const { signal, code, address, pc, text } = event;
    return { kind: 'signal', signal, fault: { code, address: address.toString(16), pc, text } };
  }
  if (event.kind !== 'exit') return { kind: 'stopped', why: 'interrupted' };
  const { termination } = run.process;
  return termination?.kind === 'signal' ? { kind: 'signal', signal: termination.signal } : { kind: 'exit', status: event.status & 0xff };
}

function tell(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody can read standard error; the exit status still tells.
  }
}
