import { createHost } from '../../packages/cli/src/host/index.ts';
import { tellOutput } from '../../packages/cli/src/record/outputHost.ts';
import {
  type Compression,
  createAArch64,
  createMachine,
  createProcess,
  describeState,
  JournalReader,
  JournalWriter,
  type Kernel,
  type Machine,
  type MachineOptions,
  RecordingMachine,
  type RunEvent,
  Timeline,
  type TimelineOptions,
} from '../../packages/core/src/index.ts';

const PLAIN: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };

/** A program that has been recorded into memory. */
export interface RecordedProgram {
  readonly bytes: Uint8Array;
  readonly steps: number;
  readonly event: RunEvent;
}

/** Runs a program with this machine instead of its own. */
export type RunProgram = (
  create: ((options: MachineOptions) => Machine) | undefined,
  wrote?: (stream: number, bytes: number) => void,
) => { readonly machine: Machine; readonly kernel: Kernel };

export const startProgram =
  (path: string, argv: readonly string[] = [path], machine: Omit<MachineOptions, 'guest' | 'syscall'> = {}, strace?: (text: string) => void): RunProgram =>
  (create, wrote = () => {}) =>
    createProcess({
      guest: createAArch64('max'),
      host: tellOutput(createHost(), wrote),
      program: path,
      argv,
      environment: ['PATH=/usr/bin'],
      options: { machine, ...(strace === undefined ? {} : { log: { strace } }), ...(create === undefined ? {} : { createMachine: create }) },
    });

/** Records a run from its start to its end. */
export function recordProgram(start: RunProgram): RecordedProgram {
  const parts: Uint8Array[] = [];
  const digest = (bytes: Uint8Array): string => createDigest(bytes);
  let recorder: RecordingMachine | undefined;
  const create = (options: MachineOptions): RecordingMachine => {
    const header = {
      ...{ guest: options.guest.name, cpu: 'max', version: '', program: '', argv: [], environment: [], workingDirectory: '/', began: 0 },
      registers: describeState(options.guest.state),
    };
    const journal = new JournalWriter({ write: (bytes) => void parts.push(bytes.slice()), compression: PLAIN, digest }, header);
    recorder = new RecordingMachine(createMachine, options, { journal, now: () => Number(process.hrtime.bigint()) / 1e6 });
    return recorder;
  };
  const { machine, kernel } = start(create, (stream, bytes) => recorder?.output(stream, bytes));
  recorder?.attach(kernel);
  let event: RunEvent;
  do event = kernel.run();
  while (event.kind === 'stop' || event.kind === 'budget');
  recorder?.end(event.kind === 'exit' ? { kind: 'exit', status: event.status } : { kind: 'stopped', why: event.kind });
  return { bytes: Buffer.concat(parts), steps: machine.steps, event };
}

const createDigest = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Opens a journal that is in memory. */
export function openJournal(bytes: Uint8Array): JournalReader {
  return new JournalReader({ size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length), compression: PLAIN });
}

export function openTimeline({ bytes }: RecordedProgram, options: Partial<TimelineOptions> = {}): Timeline {
  return new Timeline({ guest: createAArch64('max'), journal: openJournal(bytes), now: () => Number(process.hrtime.bigint()) / 1e6, ...options });
}

/** A timeline with the index of another one of the same program, as if it had been kept in a file. */
export function reopenTimeline(recorded: RecordedProgram, made: Timeline, options: Partial<TimelineOptions> = {}): Timeline {
  const parts = Array.from(made.save(), (bytes) => bytes.slice());
  const timeline = openTimeline(recorded, options);
  timeline.restore({ table: parts[parts.length - 1], part: (number) => parts[number] });
  return timeline;
}
