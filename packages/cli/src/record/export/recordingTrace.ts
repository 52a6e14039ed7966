import {
  CodeNames,
  codeMappingsOf,
  createRingControl,
  describeState,
  type JournalReader,
  REMAPPING_CALLS,
  RecordedSymbols,
  type ReplayedCall,
  ReplayedRun,
  type ReplayedThread,
  Replayer,
  type RunEvent,
  recordedGuest,
  type SymbolHost,
  Tracer,
  wishOf,
} from '@everystep/core';
import { engineHooks } from '../../host/engineHooks.ts';
import { buildIdReader } from '../../trace/buildId.ts';
import type { DrainResult, DrainTask } from '../../trace/drainTask.ts';
import { checkFormatOptions } from '../../trace/formatOptions.ts';
import type { OutputFile } from '../../trace/outputFile.ts';
import { isSelective, missedNames, type SelectionSettings, selectionOf } from '../../trace/selectionOptions.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { ThreadSelection } from '../../trace/threadSelection.ts';
import { startDrain } from '../../trace/traceDrain.ts';
import { wantedData, wantedRanges } from '../../trace/traceFilter.ts';
import { TraceNotes } from '../../trace/traceNotes.ts';
import type { OutputSettings, WindowSettings } from '../../trace/traceOptions.ts';
import { codeFactsOf, formatSettingsOf } from '../../trace/traceSession.ts';
import { recordedFileReader } from '../recordedFiles.ts';

/** The replay stops so often, so that it can be ended. */
const SLICE_MILLISECONDS = 200;

/** What of a recording is traced, and how it is written. */
export interface RecordingTraceSettings extends OutputSettings, WindowSettings, SelectionSettings {
  readonly disabled: ReadonlySet<string>;
}

export interface RecordingTrace {
  readonly result: DrainResult;
  /** What was asked for and has not come, a sentence each. */
  readonly missed: readonly string[];
  /** Instructions of level `count`. */
  readonly counted: number;
  /** When the window began, on the clock of `performance`. */
  readonly opened: number;
}

/** Replays a recording with a tracer, so that what is written is what a trace of the recorded run would have been. */
export class RecordingTracer {
  private readonly replayer: Replayer;
  private readonly run: ReplayedRun;
  private readonly names: CodeNames;
  private readonly symbols: SymbolHost;
  private tracer: Tracer | undefined;
  private notes: TraceNotes | undefined;
  private sliceStart = 0;
  private opened = performance.now();
  private readonly threads: ThreadSelection<ReplayedThread>;

  /**
   * @param path of the recording
   * @throws UserError
   */
  constructor(
    private readonly journal: JournalReader,
    private readonly path: string,
    private readonly settings: RecordingTraceSettings,
  ) {
    const hooks = {
      ...engineHooks(),
      ringFull: () => this.tracer?.hooks.ringFull?.(),
      blockCutShort: (completed: number) => this.tracer?.hooks.blockCutShort?.(completed),
      budget: () => this.onTurn(),
    };
    this.threads = new ThreadSelection(settings);
    this.replayer = new Replayer({ guest: recordedGuest(journal), journal, machine: { hooks, disabled: settings.disabled } });
    this.run = new ReplayedRun(this.replayer, {
      enter: () => this.tracer?.enterSyscall(),
      leave: (call, result) => this.leave(call, result),
      switched: (thread) => this.switched(thread),
    });
    this.replayer.observer = this.run;
    this.symbols = symbolHost(recordedFileReader(path, journal));
    this.names = new CodeNames(() => codeMappingsOf(this.run.current.process.parts), this.symbols);
  }

  /**
   * Traces the window.
   * @param output undefined: the trace goes nowhere
   * @param onSlice told of the steps done, now and then; true ends the trace there
   * @throws UserError
   */
  async trace(output: OutputFile | undefined, onSlice: (step: number) => boolean | Promise<boolean>): Promise<RecordingTrace> {
    const { replayer, settings, journal } = this;
    const { machine } = replayer;
    checkFormatOptions(settings, machine.guest);
    const isFiltered = isSelective(settings);
    const { programPath } = this.run.current.process;
    const recorded = new RecordedSymbols(replayer, this.symbols);
    const program = recorded.programOf();
    const symbols = { tables: program === undefined ? [] : recorded.tables(program) };
    const ranges = { ranges: wantedRanges(settings, symbols, programPath), data: wantedData(settings, symbols, programPath) };
    const symbolize = (pc: number) => this.names.symbolize(pc);
    const selected = wishOf(selectionOf(settings, ranges), await codeFactsOf(settings, machine, (pc) => this.names.namesAt(pc)));
    const control = createRingControl();
    const drain = startDrain({
      ...this.task(output, control, isFiltered, selected.wish.isWhole),
      data: ranges.data.length === 0 ? undefined : { spans: ranges.data, ignoredTopBits: machine.guest.ignoredTopBits },
    });
    const buildId = buildIdReader(recordedFileReader(this.path, journal));
    const { guest } = machine;
    const tracer = new Tracer({
      state: guest.state,
      abi: guest.linux,
      control,
      send: (definitions) => drain.send(definitions),
      wait: (seen) => drain.wait(seen),
      symbolize,
      process: () => tracedProcess(this.run.current, buildId),
      onMapping: (event) => this.notes?.mapped(event),
      wish: selected.wish,
      onChunk: () => {
        drain.published?.();
        this.notes?.onChunk();
        if (this.notes?.keyIsDue === true) machine.requestStop();
      },
    });
    const stateAt = machine.cpu.offset(guest.state.flags.a);
    this.notes = new TraceNotes({
      send: (note) => drain.send(note),
      control,
      tracer,
      state: () => ({ step: replayer.steps, pc: machine.pc, state: machine.space.memory.bytes.slice(stateAt, stateAt + guest.state.size) }),
      wantsKeys: settings.format === 'chunks' && !isFiltered,
    });
    this.tracer = tracer;
    tracer.attach(machine);
    this.switched(this.run.current);
    const to = isFiltered ? settings.to : Math.min(settings.to, settings.from + settings.first);
    await this.runWindow(to, tracer, onSlice);
    return { result: await drain.finish(), missed: [...missedNames(selected.names), ...this.threads.missed], counted: tracer.counted, opened: this.opened };
  }

  private async runWindow(to: number, tracer: Tracer, onSlice: (step: number) => boolean | Promise<boolean>): Promise<void> {
    const { replayer, settings, journal } = this;
    const goOn = async (until: number): Promise<'there' | 'end' | 'ended'> => {
      for (;;) {
        this.sliceStart = performance.now();
        const stop = replayer.run(until);
        if (stop !== 'stop') return stop === 'step' ? 'there' : 'end';
        this.notes?.onSlice();
        if ((await onSlice(replayer.steps)) || tracer.enough) return 'ended';
      }
    };
    if (settings.from > 0 && (await goOn(settings.from)) !== 'there') return tracer.close('interrupted');
    this.opened = performance.now();
    tracer.open();
    const how = await goOn(to);
    if (how !== 'end') return tracer.close(how === 'there' || tracer.enough ? 'limit' : 'interrupted');
    const event = endOf(journal);
    tracer.ranUntil(event);
    tracer.close(event.kind === 'exit' ? 'exit' : event.kind === 'fault' ? 'fault' : journal.end === undefined ? 'interrupted' : 'limit');
  }

  private onTurn(): void {
    this.tracer?.hooks.budget?.();
    if (performance.now() - this.sliceStart > SLICE_MILLISECONDS) this.replayer.machine.requestStop();
  }

  private switched(thread: ReplayedThread): void {
    const { pid } = thread.process;
    this.tracer?.switched(pid, thread.tid, this.threads.wants(thread));
    this.notes?.switched(pid, thread.tid);
  }

  private leave({ name, thread }: ReplayedCall, result: bigint | undefined): void {
    const { tracer, settings } = this;
    tracer?.leaveSyscall(result);
    // Another program may be wanted where this one was not, or the other way round.
    if (settings.processes.length > 0 && name?.startsWith('execve') && result === undefined) this.switched(thread);
    if (name !== undefined && REMAPPING_CALLS.has(name)) tracer?.remapped();
  }

  private task(output: OutputFile | undefined, control: Int32Array, isFiltered: boolean, isWhole: boolean): Omit<DrainTask, 'notes' | 'data'> {
    const { settings, journal, replayer } = this;
    const { header } = journal;
    const { guest, space } = replayer.machine;
    return {
      memory: space.memory.memory.buffer as unknown as SharedArrayBuffer,
      control,
      format: settings.format,
      fd: output?.fd ?? -1,
      outputName: output?.name ?? '',
      cpu: header.cpu as DrainTask['cpu'],
      header: {
        guest: guest.name,
        cpu: header.cpu,
        program: header.program,
        argv: header.argv,
        level: settings.level,
        filtered: !isWhole,
        registers: describeState(guest.state),
      },
      formatSettings: formatSettingsOf(settings),
      limit: isFiltered ? settings.first : Number.POSITIVE_INFINITY,
      last: Number.POSITIVE_INFINITY,
      maxSize: Number.POSITIVE_INFINITY,
      dropsOldest: false,
      recording: this.path,
    };
  }
}

/** How the recorded run ended, as the machine told it. */
function endOf({ end }: JournalReader): RunEvent {
  if (end?.kind === 'exit') return { kind: 'exit', status: end.status };
  if (end?.kind !== 'signal') return { kind: 'stop' };
  const { signal, fault } = end;
  if (fault === undefined) return { kind: 'exit', status: 128 + signal };
  return { ...fault, kind: 'fault', signal, address: BigInt(`0x${fault.address}`) };
}

function tracedProcess({ process: { pid, image, programPath, parts }, tid }: ReplayedThread, buildId: (path: string) => string) {
  return {
    pid,
    tid,
    image,
    program: programPath,
    mappings: () => parts.filter(({ isFile }) => isFile).map(({ start, end, offset, name }) => ({ start, end, offset, path: name, buildId: buildId(name) })),
  };
}
