import { createHost } from '../../packages/cli/src/host/index.ts';
import { tellOutput } from '../../packages/cli/src/record/outputHost.ts';
import {
  type Compression,
  createAArch64,
  createMachine,
  createProcess,
  describeState,
  type Host,
  IndexPart,
  JournalReader,
  JournalWriter,
  type KeptIndex,
  type Kernel,
  type Machine,
  type MachineOptions,
  RecordingMachine,
  type RunEvent,
  Timeline,
  type TimelineOptions,
} from '../../packages/core/src/index.ts';

const PLAIN: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A program that has been recorded into memory. */
export interface RecordedProgram {
  readonly bytes: Uint8Array;
  readonly steps: number;
  readonly event: RunEvent;
  /** What it wrote to standard output and error, in that order. */
  readonly output: Buffer;
}

/** A host where standard input is empty, and nobody sees what is written to standard output and error. */
function silent(host: Host): Host {
  const quiet = Object.create(host) as Host;
  quiet.write = (handle, data) => (handle === 1 || handle === 2 ? data.length : host.write(handle, data));
  quiet.read = (handle, into) => (handle === 0 ? 0 : host.read(handle, into));
  quiet.readable = (handle, timeout) => (handle === 0 ? -1 : host.readable(handle, timeout));
  return quiet;
}

/** Runs a program with this machine instead of its own. */
export type RunProgram = (
  create: ((options: MachineOptions) => Machine) | undefined,
  wrote?: (stream: number, data: Uint8Array) => void,
) => { readonly machine: Machine; readonly kernel: Kernel };

export const startProgram =
  (path: string, argv: readonly string[] = [path], machine: Omit<MachineOptions, 'guest' | 'syscall'> = {}, strace?: (text: string) => void): RunProgram =>
  (create, wrote = () => {}) =>
    createProcess({
      guest: createAArch64('max'),
      host: tellOutput(silent(createHost()), wrote),
      program: path,
      argv,
      environment: ['PATH=/usr/bin'],
      options: { machine, ...(strace === undefined ? {} : { log: { strace } }), ...(create === undefined ? {} : { createMachine: create }) },
    });

export interface RecordOptions {
  /** Of the journal. */
  readonly compression?: Compression;
  /** The recording ends there, if the run does not before. */
  readonly mostSteps?: number;
}

/** Records a run from its start to its end. What it writes to standard output and error is shown nowhere. */
export function recordProgram(start: RunProgram, { compression = PLAIN, mostSteps }: RecordOptions = {}): RecordedProgram {
  const parts: Uint8Array[] = [];
  let recorder: RecordingMachine | undefined;
  const create = (options: MachineOptions): RecordingMachine => {
    const header = {
      ...{ guest: options.guest.name, cpu: 'max', version: '', program: '', argv: [], environment: [], workingDirectory: '/', began: 0 },
      registers: describeState(options.guest.state),
    };
    const sink = {
      write: (bytes: Uint8Array) => void parts.push(bytes.slice()),
      read: (offset: number, length: number) => Buffer.concat(parts).subarray(offset, offset + length),
      compression,
      equal: (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0,
      now,
    };
    recorder = new RecordingMachine(createMachine, options, { journal: (memory) => new JournalWriter(sink, header, memory), now });
    return recorder;
  };
  const output: Uint8Array[] = [];
  const { machine, kernel } = start(create, (stream, data) => {
    output.push(data.slice());
    recorder?.output(stream, data);
  });
  recorder?.attach(kernel);
  let event: RunEvent;
  do event = kernel.run(mostSteps);
  while (event.kind === 'stop' || (event.kind === 'budget' && machine.steps < (mostSteps ?? Number.POSITIVE_INFINITY)));
  recorder?.end(event.kind === 'exit' ? { kind: 'exit', status: event.status } : { kind: 'stopped', why: event.kind });
  return { bytes: Buffer.concat(parts), steps: machine.steps, event, output: Buffer.concat(output) };
}

/** Opens a journal that is in memory. */
export function openJournal(bytes: Uint8Array, compression = PLAIN): JournalReader {
  return new JournalReader({ size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length), compression });
}

export function openTimeline({ bytes }: RecordedProgram, options: Partial<TimelineOptions> = {}): Timeline {
  return new Timeline({ guest: createAArch64('max'), journal: openJournal(bytes), now, ...options });
}

/** A timeline with the index of another one of the same program, as if it had been kept in a file. */
export function reopenTimeline(recorded: RecordedProgram, made: Timeline, options: Partial<TimelineOptions> = {}): Timeline {
  const timeline = openTimeline(recorded, options);
  timeline.restore(keptIn(made.save()));
  return timeline;
}

const keptIn = (saved: Iterable<Uint8Array>): KeptIndex => {
  const pieces = Array.from(saved, (bytes) => bytes.slice());
  return { table: pieces[pieces.length - 1], part: (number) => pieces[number] };
};

/** Makes an index in parts. @param bounds where parts end and the next ones begin, in ascending order @returns what each saves */
export function* indexParts(
  { bytes, steps }: RecordedProgram,
  bounds: readonly number[],
  options: Partial<TimelineOptions> = {},
): Generator<Iterable<Uint8Array>> {
  for (const [i, from] of [0, ...bounds].entries()) {
    const part = new IndexPart({ guest: createAArch64('max'), journal: openJournal(bytes), now, ...options });
    part.make({ skipTo: (step) => Math.max(step, from), claim: (until) => Math.min(until, bounds[i] ?? steps) });
    yield part.save();
  }
}

/** The same, to be given to a timeline. */
export const keptParts = (...given: Parameters<typeof indexParts>): readonly KeptIndex[] => Array.from(indexParts(...given), keptIn);

/** A timeline with an index that was made in parts. */
export function timelineOfParts(recorded: RecordedProgram, bounds: readonly number[], options: Partial<TimelineOptions> = {}): Timeline {
  const timeline = openTimeline(recorded, options);
  timeline.restore(...keptParts(recorded, bounds, options));
  return timeline;
}
