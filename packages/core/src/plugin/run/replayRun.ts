import { UserError } from '../../base/index.ts';
import { PROT_EXEC, PROT_WRITE } from '../../engine/index.ts';
import { ElfFile, imageExtent } from '../../linux/index.ts';
import { type RecordedPart, type ReplayedCall, ReplayedRun, type Replayer } from '../../record/index.ts';
import { ObjectFile, type SymbolHost } from '../../symbols/index.ts';
import type { CodeMapping } from '../../trace/index.ts';
import type { PluginImage, PluginMapping, PluginSyscall } from '../api.ts';
import type { PluginRun, RunListener, RunProcess, RunThread } from './pluginRun.ts';

/** A run that is replayed, as plugins see it: as they saw the recorded one. */
export class ReplayRun implements PluginRun {
  readonly isRecorded = true;
  private readonly threads = new Map<number, RunThread>();
  private listener: RunListener | undefined;
  private readonly run: ReplayedRun;

  /**
   * @param replayer at its beginning
   * @param symbols reads files of the recorded system
   */
  constructor(
    private readonly replayer: Replayer,
    private readonly symbols: SymbolHost,
  ) {
    this.run = new ReplayedRun(replayer, {
      enter: (call) => this.listener?.enter(describe(call)),
      leave: (call, result) => this.listener?.leave(describe(call), result),
      switched: ({ tid, process: { pid } }) => this.switched(pid, tid),
      threadStarted: (pid, tid) => this.started(pid, tid),
      threadEnded: (tid) => this.ended(tid),
      signal: (signal, pid, code, address) => this.listener?.signal({ signal, code, address, pid }),
    });
    this.threads.set(replayer.tid, this.make(replayer.pid, replayer.tid));
  }

  get current(): RunThread {
    const { tid, pid } = this.replayer;
    return this.threads.get(tid) ?? this.make(pid, tid);
  }

  listen(listener: RunListener): void {
    const { replayer, run } = this;
    this.listener = listener;
    const before = replayer.observer;
    replayer.observer = {
      enterCall(number) {
        before.enterCall?.(number);
        run.enterCall(number);
      },
      output: (...written) => before.output?.(...written),
      returned: (result) => run.returned(result),
      switched: () => run.switched(),
      threadStart: (pid, tid) => run.threadStart(pid, tid),
      threadEnd: (tid) => run.threadEnd(tid),
      signal: (...signal) => run.signal(...signal),
      wrote: (space, address, _, data) => {
        if (space === replayer.machine.space) listener.wrote(address, data);
      },
    };
  }

  private make(pid: number, tid: number): RunThread {
    return { tid, process: new ReplayProcess(this.replayer, pid, this.replayer.pid, this.symbols) };
  }

  /** Recordings of version 1 tell of threads only when they run. */
  private switched(pid: number, tid: number): void {
    if (!this.threads.has(tid)) this.started(pid, tid);
    this.listener?.switched(this.current);
  }

  private started(pid: number, tid: number): void {
    const isProcess = ![...this.threads.values()].some((thread) => thread.process.pid === pid);
    const thread = this.make(pid, tid);
    this.threads.set(tid, thread);
    if (isProcess) this.listener?.processStarted(thread.process);
    this.listener?.threadStarted(thread);
  }

  private ended(tid: number): void {
    const thread = this.threads.get(tid);
    if (thread === undefined) return;
    this.listener?.threadEnded(thread);
    this.threads.delete(tid);
    const isLast = ![...this.threads.values()].some(({ process }) => process.pid === thread.process.pid);
    if (isLast) this.listener?.processEnded(thread.process);
  }
}

const describe = ({ number, name, args }: ReplayedCall): PluginSyscall => ({ number, name, args: args.map((arg) => BigInt.asUintN(64, arg)) });

class ReplayProcess implements RunProcess {
  constructor(
    private readonly replayer: Replayer,
    readonly pid: number,
    private readonly parent: number,
    private readonly symbols: SymbolHost,
  ) {}

  private get program() {
    const { files, steps } = this.replayer;
    // What a new process has mapped is told when it first runs: until then it is its parent's.
    return files.at(this.pid, steps) ?? files.at(this.parent, steps);
  }

  get programPath(): string {
    return this.program?.path ?? '';
  }

  get image(): object {
    return this.program?.image ?? this;
  }

  codeMappings(): readonly CodeMapping[] {
    const parts = this.program?.parts ?? [];
    return parts
      .filter(({ prot, isFile }) => (prot & PROT_EXEC) !== 0 && isFile)
      .map(({ start, end, offset, name }) => ({ start, end, offset, path: name, buildId: '' }));
  }

  mappings(): readonly PluginMapping[] {
    return this.replayer.machine.space.list.all.map(({ start, end, prot, name }) => ({
      start,
      end,
      writable: (prot & PROT_WRITE) !== 0,
      executable: (prot & PROT_EXEC) !== 0,
      path: name,
    }));
  }

  images(): readonly PluginImage[] {
    const { program } = this;
    if (program === undefined) return [];
    const first = program.parts.find(({ name, isFile }) => isFile && name !== program.path);
    const interpreter = first === undefined ? [] : [this.imageOf(first.name, program.parts)];
    return [this.imageOf(program.path, program.parts), ...interpreter];
  }

  /** Of a file that cannot be read: where its parts are. */
  private imageOf(path: string, parts: readonly RecordedPart[]): PluginImage {
    const own = parts.filter(({ name }) => name === path);
    const start = own[0]?.start ?? 0;
    const elf = this.elfOf(path);
    const bias = elf === undefined || own.length === 0 ? undefined : new ObjectFile(path, elf, this.symbols).biasOf(own[0]);
    if (elf === undefined || bias === undefined) return { path, start, end: own.at(-1)?.end ?? 0, entry: 0 };
    const { low, high } = imageExtent(elf);
    return { path, start: bias + low, end: bias + high, entry: bias + elf.entry };
  }

  private elfOf(path: string): ElfFile | undefined {
    try {
      const bytes = this.symbols.readFile(path);
      return bytes && new ElfFile(bytes, path);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }
}
