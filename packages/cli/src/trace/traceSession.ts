import { createRingControl, describeState, type FormatSettings, type MachineHooks, RingControl, type Symbolize, Tracer } from '@everystep/core';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { inRanges } from '../options/addressFilter.ts';
import { type OutputFile, openOutput } from './outputFile.ts';
import { startDrain, type TraceDrain } from './traceDrain.ts';
import { wantedRanges } from './traceFilter.ts';
import { TraceNotes } from './traceNotes.ts';
import { DEFAULT_TRACE_FILE, type TraceSettings } from './traceOptions.ts';

/** A guest that is ready to run and to be traced. */
export interface TraceSession {
  readonly run: GuestRun;
  readonly tracer: Tracer;
  readonly drain: TraceDrain;
  readonly notes: TraceNotes;
  /** undefined: the trace goes nowhere. */
  readonly output: OutputFile | undefined;
  /** True if only some addresses are traced. */
  readonly isFiltered: boolean;
}

/**
 * Starts a guest with its tracer, its drain worker and its output.
 * @param command the program and its arguments
 * @param onTurn called every few milliseconds while the guest runs; may stop the machine
 * @throws UserError
 */
export async function startSession(settings: TraceSettings, command: readonly string[], onTurn: () => void): Promise<TraceSession> {
  // The machine takes its hooks before there is a tracer, which needs the machine's memory and the program's symbols.
  let tracer: Tracer | undefined;
  const hooks: MachineHooks = {
    budget: onTurn,
    ringFull: () => tracer?.hooks.ringFull?.(),
    blockCutShort: (completed) => tracer?.hooks.blockCutShort?.(completed),
  };
  const run = await startGuest(settings, command, hooks);
  const { machine, kernel } = run;
  const ranges = wantedRanges(settings, run.symbols, command[0]);
  const isFiltered = ranges.length > 0;
  const { format } = settings;
  const output = format === 'none' ? undefined : openOutput(settings.output ?? (format === 'chunks' ? DEFAULT_TRACE_FILE : '-'));
  const control = createRingControl();
  const { guest } = machine;
  const drain = startDrain({
    memory: machine.space.memory.memory.buffer as unknown as SharedArrayBuffer,
    control,
    format,
    fd: output?.fd ?? -1,
    cpu: settings.cpu,
    header: { guest: guest.name, cpu: settings.cpu, program: command[0], argv: command, filtered: isFiltered, registers: describeState(guest.state) },
    formatSettings: formatSettingsOf(settings),
    limit: isFiltered ? settings.first : Number.POSITIVE_INFINITY,
  });
  const made = new Tracer({
    state: guest.state,
    abi: guest.linux,
    control,
    send: (definitions) => drain.send(definitions),
    wait: (seen) => void Atomics.wait(control, RingControl.consumed, seen),
    symbolize: symbolizer(run),
    wants: isFiltered ? (pc) => inRanges(ranges, pc) : undefined,
    onChunk: () => {
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
    wantsKeys: format === 'chunks' && !isFiltered,
  });
  notes.tellImages(run.process);
  tracer = made;
  made.attach(machine);
  kernel.events.switched = ({ process, tid }) => {
    made.switched(process.pid, tid);
    notes.switched(process, tid);
  };
  kernel.observers.push({
    enter: () => made.enterSyscall(),
    leave: (call, result) => {
      made.leaveSyscall(result);
      notes.afterSyscall(call, result);
    },
  });
  return { run, tracer: made, drain, notes, output, isFiltered };
}

/** What the drain worker is told of the settings. */
const formatSettingsOf = ({ watchedRegisters, interval, traceItems }: FormatSettings): FormatSettings => ({ watchedRegisters, interval, traceItems });

function symbolizer({ symbols }: GuestRun): Symbolize {
  return (pc) => {
    for (const table of symbols.tables) {
      const symbol = table.functionAt(pc);
      if (symbol !== undefined) return { name: symbol.name, offset: pc - symbol.address };
    }
    return undefined;
  };
}
