import { ByteWriter, utf8Bytes } from '../../base/index.ts';
import type { ObjectFile } from '../../symbols/index.ts';
import { baseName, type ProfiledThread, type ProfileListener, Profiler, type TracedFunction } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import { TextOutput } from './textOutput.ts';

/** Where each file's code stands in the addresses of the trace: they are ours, so that one list does for all processes. */
const OBJECT_SPACE = 0x1_0000_0000;
const FIRST_OBJECT = 0x10_0000_0000;
/** uftrace's most; functions deeper in the stack are left out. */
const MOST_DEPTH = 1024;
/** Bytes of a thread's records that are kept before they are written. */
const BUFFER = 0x1_0000;

const ENTRY = 0;
const EXIT = 1;
const MAGIC = 5;

/** Feature bits of `info`: task sessions, symbols relative to their files, and that depth is counted. */
const FEATURES = 0x1263;
/** What lines of `info` there are: program, its build-id, exit status, command line, and tasks. */
const Info = { exeName: 1, exitStatus: 4, commandLine: 8, taskInfo: 0x80 } as const;

/**
 * A data folder of uftrace (version 4 of its format): `info`, `task.txt`, a map, a list of symbols for each program and
 * library, and for each thread `TID.dat` with records of 16 bytes:
 *
 *     u64 time in ns, one instruction taking one
 *     u64 bits 0-1 type (0 entry, 1 exit), 2 more, 3-5 magic 5, 6-15 depth, 16-63 address of the function
 */
export function createUftraceFormatter(reader: TraceReader, context: FormatContext): TraceFormatter {
  const writer: UftraceWriter = new UftraceWriter(
    context.openFile,
    () => reader.step,
    (pid) => profiler.programs.programOf(pid) ?? 'process',
  );
  const profiler: Profiler = new Profiler(reader, context, writer);
  return profileFormatter(profiler, () => writer.finish(`everystep export --format=uftrace ${context.command.join(' ')}`));
}

interface Task {
  readonly records: TextOutput;
  readonly tid: number;
  readonly stack: TracedFunction[];
}

/** The thread of a call, as it is counted. */
type CallingThread = Pick<ProfiledThread, 'index' | 'pid' | 'tid'>;

/** Writes a data folder of what functions do. */
export class UftraceWriter implements ProfileListener {
  private readonly tasks: (Task | undefined)[] = [];
  private readonly taskLines: string[] = [];
  /** Places of files, and the functions of each that are in the trace; of no file: undefined. */
  private readonly objects = new Map<ObjectFile | undefined, { readonly base: number; readonly functions: Set<TracedFunction> }>();
  private program = '';
  private firstPid = -1;
  private readonly pids = new Set<number>();

  /**
   * @param open begins a file of the folder
   * @param step the time of what is told, in instructions
   * @param programOf path of a process's program
   */
  constructor(
    private readonly open: FormatContext['openFile'],
    private readonly step: () => number,
    private readonly programOf: (pid: number) => string,
  ) {}

  enter(thread: CallingThread, fn: TracedFunction): void {
    const task = this.taskOf(thread);
    this.record(task, ENTRY, fn);
    task.stack.push(fn);
  }

  leave(thread: CallingThread): void {
    const task = this.taskOf(thread);
    const fn = task.stack.pop();
    if (fn !== undefined) this.record(task, EXIT, fn);
  }

  /** All functions have ended. @param commandLine that made the folder */
  finish(commandLine: string): void {
    for (const task of this.tasks) task?.records.flush();
    this.file('task.txt', this.taskLines.join(''));
    const map: string[] = [];
    for (const [object, { base, functions }] of this.objects) {
      const path = object?.path ?? '/unknown';
      map.push(`${hex(base, 12)}-${hex(base + OBJECT_SPACE, 12)} r-xp 00000000 00:00 0                          ${path}\n`);
      this.file(`${baseName(path)}.sym`, symbolList(path, functions));
    }
    this.file('sid-0.map', `${map.join('')}7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]\n`);
    const tids = this.tasks.flatMap((task) => (task === undefined ? [] : [task.tid]));
    this.file('info', [...infoHeader(), ...utf8Bytes(this.infoLines(commandLine, tids))]);
  }

  private infoLines(commandLine: string, tids: readonly number[]): string {
    return [
      `exename:${this.program}`,
      'exit_status:0',
      `cmdline:${commandLine}`,
      'taskinfo:lines=2',
      `taskinfo:nr_tid=${tids.length}`,
      `taskinfo:tids=${tids.join()}`,
      '',
    ].join('\n');
  }

  private file(name: string, contents: string | readonly number[]): void {
    const out = new TextOutput(this.open(name), BUFFER);
    out.bytes(typeof contents === 'string' ? utf8Bytes(contents) : contents);
    out.flush();
  }

  private taskOf({ index, pid, tid }: CallingThread): Task {
    const known = this.tasks[index];
    if (known !== undefined) return known;
    const task = { records: new TextOutput(this.open(`${tid}.dat`), BUFFER), tid, stack: [] };
    this.tasks[index] = task;
    const time = `timestamp=${seconds(this.step())}`;
    if (this.firstPid < 0) {
      this.firstPid = pid;
      this.program = this.programOf(pid);
      this.taskLines.push(`SESS ${time} pid=${pid} sid=0 exename="${this.program}"\n`);
    }
    if (this.pids.size > 0 && !this.pids.has(pid)) this.taskLines.push(`FORK ${time} pid=${pid} ppid=${this.firstPid}\n`);
    else this.taskLines.push(`TASK ${time} tid=${tid} pid=${pid}\n`);
    this.pids.add(pid);
    return task;
  }

  private record({ records, stack }: Task, type: number, fn: TracedFunction): void {
    if (stack.length >= MOST_DEPTH) return;
    records.reserve(16);
    littleEndian(records, this.step(), 8);
    littleEndian(records, type | (MAGIC << 3) | (stack.length << 6), 2);
    littleEndian(records, this.addressOf(fn), 6);
  }

  private addressOf(fn: TracedFunction): number {
    let place = this.objects.get(fn.object);
    if (place === undefined) {
      place = { base: FIRST_OBJECT + this.objects.size * OBJECT_SPACE, functions: new Set() };
      this.objects.set(fn.object, place);
    }
    place.functions.add(fn);
    return place.base + placeIn(fn);
  }
}

/** A function's address in its file's part of our addresses. Those without a file have made-up ones. */
const placeIn = ({ object, start, id }: TracedFunction): number => (object === undefined ? (id + 1) * 16 : start % OBJECT_SPACE);

/** The list of symbols, whose addresses are relative to the file's place; the last line is where the last one ends. */
function symbolList(path: string, functions: ReadonlySet<TracedFunction>): string {
  const sorted = [...functions].sort((a, b) => placeIn(a) - placeIn(b));
  const lines = sorted.flatMap((fn, i) => {
    const start = placeIn(fn);
    const next = sorted[i + 1] === undefined ? start + 16 : placeIn(sorted[i + 1]);
    const known = fn.object?.functionAt(fn.start);
    const end = Math.max(start + 1, Math.min(next, known === undefined ? start + 16 : known.end));
    const name = fn.name.replaceAll('\n', ' ');
    return [`${hex(start, 12)} T ${name}\n`, ...(end < next ? [`${hex(end, 12)} ? __sym_end\n`] : [])];
  });
  const last = sorted.at(-1);
  const end = last === undefined ? 0 : Math.max(last.object?.functionAt(last.start)?.end ?? 0, placeIn(last) + 16);
  return `# symbols: ${functions.size}\n# path name: ${path}\n${lines.join('')}${hex(end, 12)} ? __sym_end\n`;
}

/** The first 40 bytes of `info`. */
function infoHeader(): readonly number[] {
  const out = new ByteWriter(64);
  out.bytes(utf8Bytes('Ftrace!\0'));
  out.fixed32(4);
  // Bytes of the header, little-endian, 64 bits.
  out.bytes([40, 0, 1, 2]);
  out.fixed32(FEATURES);
  out.fixed32(0);
  out.fixed32(Info.exeName | Info.exitStatus | Info.commandLine | Info.taskInfo);
  out.fixed32(0);
  out.fixed32(MOST_DEPTH);
  out.fixed32(0);
  return Array.from(out.view());
}

function littleEndian(out: TextOutput, n: number, bytes: number): void {
  let rest = n;
  for (let i = 0; i < bytes; i++, rest = Math.floor(rest / 256)) out.byte(rest % 256);
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
const seconds = (step: number): string => `${Math.floor(step / 1e9)}.${String(step % 1e9).padStart(9, '0')}`;
