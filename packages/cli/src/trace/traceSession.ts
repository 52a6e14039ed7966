import { writeSync } from 'node:fs';
import {
  type CodeFacts,
  CodeNames,
  createAArch64,
  createRingControl,
  describeState,
  type FormatSettings,
  type Host,
  type Machine,
  type MachineHooks,
  REMAPPING_CALLS,
  type Thread,
  Tracer,
  type Trigger,
  Triggers,
  tracedProcess,
  UserError,
  wishOf,
} from '@everystep/core';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { HostSignals } from '../host/hostSignals.ts';
import { type LoadedPlugins, loadPlugins } from '../plugins/loadPlugins.ts';
import { buildIdReader } from './buildId.ts';
import { checkFormatOptions } from './formatOptions.ts';
import { Interrupts } from './interrupts.ts';
import { openFormat } from './openFormat.ts';
import { closedOutput, type OutputFile } from './outputFile.ts';
import { isSelective, missedNames, type SelectionSettings, selectionOf } from './selectionOptions.ts';
import { readAsGuest, symbolHost } from './symbolHost.ts';
import { ThreadSelection } from './threadSelection.ts';
import { NO_DRAIN, startDrain, type TraceDrain } from './traceDrain.ts';
import { placesIn, wantedData, wantedRanges } from './traceFilter.ts';
import { TraceNotes } from './traceNotes.ts';
import type { TraceSettings } from './traceOptions.ts';
import { hasTriggers, parseTrigger } from './triggerOptions.ts';

/** Where old chunks are dropped: bytes of records for each key, before compression, as part of the greatest size of the file. */
const KEY_PART = 1 / 4;

/** A guest that is ready to run and to be traced. */
export interface TraceSession {
  readonly run: GuestRun;
  readonly tracer: Tracer;
  readonly triggers: Triggers;
  readonly drain: TraceDrain;
  readonly notes: TraceNotes;
  readonly plugins: LoadedPlugins | undefined;
  readonly signals: HostSignals;
  readonly interrupts: Interrupts;
  /** undefined: the trace goes nowhere. */
  readonly output: OutputFile | undefined;
  /** True if only some instructions are traced. */
  readonly isFiltered: boolean;
  /** The drain counts instructions: not all that run while the tracer is open are in the trace. */
  readonly isCounted: boolean;
  /** What was asked for and has not come so far, a sentence each. */
  readonly missed: () => readonly string[];
}

/**
 * Starts a guest with its tracer, its drain worker and its output.
 * @param command the program and its arguments
 * @param onTurn called every few milliseconds while the guest runs; may stop the machine
 * @param host the host as the guest is to see it
 * @throws UserError
 */
export async function startSession(settings: TraceSettings, command: readonly string[], onTurn: () => void, host: (host: Host) => Host): Promise<TraceSession> {
  // The machine takes its hooks before there is a tracer, which needs the machine's memory and the program's symbols.
  let tracer: Tracer | undefined;
  let triggers: Triggers | undefined;
  const plugins = settings.plugins.length === 0 ? undefined : await loadPlugins(settings.plugins, createAArch64(settings.cpu), command, report);
  const hooks: MachineHooks = {
    budget: () => {
      tracer?.hooks.budget?.();
      onTurn();
    },
    ringFull: () => tracer?.hooks.ringFull?.(),
    // The plugins' host calls the tracer's, of the blocks that are the tracer's.
    blockCutShort: (completed) => (plugins?.host ?? tracer)?.hooks.blockCutShort?.(completed),
    callback: (number) =>
      plugins?.host.hasCallback(number) === true
        ? plugins.host.hooks.callback?.(number) === true
        : triggers?.reached(tracer?.watchedPcs ?? [], number) === true,
  };
  const run = await startGuest(settings, command, hooks, { host });
  const { machine, kernel } = run;
  checkFormatOptions(settings, machine.guest);
  const files = symbolHost((path) => readAsGuest(kernel.host, path));
  const places = placesIn(run.process, files);
  const ranges = { ranges: wantedRanges(settings, places, command[0]), data: wantedData(settings, places, command[0]) };
  const isFiltered = isSelective(settings);
  const isCounted = isFiltered || [settings.first, settings.last, settings.maxSize].some((limit) => limit !== Number.POSITIVE_INFINITY);
  const names = new CodeNames(() => kernel.current.process.mappings, files);
  const find = (name: string): readonly number[] => names.find(name);
  const selected = wishOf(selectionOf(settings, ranges), await codeFactsOf(settings, machine, (pc) => names.namesAt(pc)));
  const { format } = settings;
  const madeTriggers = triggersOf(settings, run, find);
  triggers = madeTriggers;
  const control = createRingControl();
  const { guest } = machine;
  const discards = goesNowhere(settings, isCounted);
  const buildId = buildIdReader();
  // Old chunks are dropped up to a key: there must be some in what is kept.
  const bytesOfKey = settings.dropsOldest ? settings.maxSize * KEY_PART : undefined;
  let running: Pick<Thread, 'process' | 'tid'> = { process: run.process, tid: run.process.pid };
  const made = new Tracer({
    state: guest.state,
    ignoredTopBits: guest.ignoredTopBits,
    abi: guest.linux,
    control,
    send: (definitions) => drain.send(definitions),
    discards,
    chunkBytes: bytesOfKey,
    wait: (seen) => drain.wait(seen),
    symbolize: (pc) => names.symbolize(pc),
    process: () => tracedProcess(running, buildId),
    onMapping: (event) => notes.mapped(event),
    hasPlugins: plugins !== undefined,
    wish: selected.wish,
    onChunk: () => {
      drain.published?.();
      notes.onChunk();
      if (notes.keyIsDue) machine.requestStop();
      onTurn();
    },
  });
  // The flags are the state's first registers.
  const stateAt = machine.cpu.offset(guest.state.flags.a);
  const notes = new TraceNotes({
    send: (note) => drain.send(note),
    control,
    tracer: made,
    state: () => ({ step: machine.steps, pc: machine.pc, state: machine.space.memory.bytes.slice(stateAt, stateAt + guest.state.size) }),
    // Of a filtered trace any chunk can be read alone.
    wantsKeys: format === 'chunks' && selected.wish.isWhole,
    bytesOfKey,
    setLongestSlice: (insns) => {
      machine.longestSlice = insns;
    },
  });
  tracer = made;
  made.attach(machine);
  const threads = new ThreadSelection<Thread>(settings);
  const switched = (thread: Thread): void => {
    running = thread;
    madeTriggers.switched(find);
    made.switched(thread.process.pid, thread.tid, threads.wants(thread));
    notes.switched(thread.process.pid, thread.tid);
  };
  kernel.events.switched = switched;
  kernel.observers.push({
    enter: () => made.enterSyscall(),
    signal: ({ signal }) => madeTriggers.signal(signal),
    leave: (call, result) => {
      made.leaveSyscall(result);
      madeTriggers.syscall(call.name);
      // Another program may be wanted where this one was not, or the other way round.
      if (settings.processes.length > 0 && call.name?.startsWith('execve') && result === undefined) switched(kernel.current);
      if (call.name !== undefined && REMAPPING_CALLS.has(call.name)) {
        made.remapped();
        madeTriggers.remapped(find);
        if (madeTriggers.haveMoved) machine.requestStop();
      }
    },
  });
  // The first thread runs without having been switched to.
  switched(kernel.current);
  plugins?.start(run, { tracer: made, triggers: madeTriggers });
  // Once nothing is left that the user may have got wrong: an old trace is lost now.
  const opened = format === 'none' ? undefined : openFormat(settings);
  // The worker has that file open, too, and then others in its place: what is no more should not take room on the disk.
  const output = opened !== undefined && settings.dropsOldest ? closedOutput(opened) : opened;
  // From the first byte on, what ends the run leaves a whole trace. Not before: who opens a pipe waits for its reader.
  const signals = new HostSignals(kernel);
  const interrupts = new Interrupts((name) => signals.has(name));
  const drain = discards
    ? NO_DRAIN
    : startDrain({
        memory: machine.space.memory.memory.buffer as unknown as SharedArrayBuffer,
        control,
        format,
        fd: output?.fd ?? -1,
        outputName: output?.name ?? '',
        cpu: settings.cpu,
        header: {
          guest: guest.name,
          cpu: settings.cpu,
          program: command[0],
          argv: command,
          level: settings.level,
          filtered: !selected.wish.isWhole,
          registers: describeState(guest.state),
        },
        formatSettings: formatSettingsOf(settings),
        limit: isFiltered || hasTriggers(settings) ? settings.first : Number.POSITIVE_INFINITY,
        data: ranges.data.length === 0 ? undefined : { spans: ranges.data, ignoredTopBits: guest.ignoredTopBits },
        last: settings.last,
        maxSize: settings.maxSize,
        dropsOldest: settings.dropsOldest,
      });
  const missed = (): readonly string[] => [...missedNames(selected.names), ...threads.missed];
  return { run, tracer: made, triggers: madeTriggers, drain, notes, plugins, signals, interrupts, output, isFiltered, isCounted, missed };
}

/** Tells the user of a plugin that failed. */
function report(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads standard error.
  }
}

/** True if nobody looks at the trace, not even to count what is in it. */
function goesNowhere(settings: TraceSettings, isCounted: boolean): boolean {
  const { format, level } = settings;
  return level === 'count' || (format === 'none' && !isCounted && !hasTriggers(settings));
}

function triggersOf({ start, stop, isNested }: TraceSettings, { machine, kernel, process }: GuestRun, find: (name: string) => readonly number[]): Triggers {
  const { state, linux } = machine.guest;
  // Libraries come later.
  const mayBe = (name: string): boolean => process.program.interpreter !== undefined || find(name).length > 0;
  const hasRegister = (name: string): boolean => state.registers.some((register) => register.visible && register.name === name);
  const syscalls = new Set(linux.syscalls.values());
  const hasSyscall = (name: string): boolean => syscalls.has(name);
  const parse = (option: string, list: readonly string[]): Trigger[] =>
    list.map((text) => {
      try {
        return parseTrigger(text, { mayBe, hasRegister, hasSyscall });
      } catch (error) {
        throw error instanceof UserError ? new UserError(`--${option}: ${error.message}`) : error;
      }
    });
  return new Triggers({
    start: parse('start', start),
    stop: parse('stop', stop),
    isNested,
    register: (name) => machine.cpu.getByName(name),
    process: () => kernel.current.process.pid,
    steps: () => machine.steps,
    fired: () => machine.requestStop(),
  });
}

/** Disassembles only where mnemonics are asked for. */
export async function codeFactsOf({ insns }: SelectionSettings, machine: Machine, namesAt: (pc: number) => readonly string[]): Promise<CodeFacts> {
  const { guest } = machine;
  const disassemble = insns.length === 0 ? undefined : await loadDisassembler();
  return {
    state: guest.state,
    namesAt,
    mnemonicOf: (pc, word) => disassemble?.(pc, word).mnemonic ?? '',
    classesOf: (word) => guest.insnClasses?.(word) ?? [],
  };
}

/** What the drain worker is told of the settings. */
export const formatSettingsOf = ({ watchedRegisters, interval, traceItems }: FormatSettings): FormatSettings => ({ watchedRegisters, interval, traceItems });
