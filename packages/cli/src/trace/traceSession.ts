import { createRingControl, describeState, type MachineHooks, RingControl, Tracer } from '@everystep/core';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { inRanges } from '../options/addressFilter.ts';
import { symbolizer } from '../symbolizer.ts';
import { type OutputFile, openOutput } from './outputFile.ts';
import { startDrain, type TraceDrain } from './traceDrain.ts';
import { wantedRanges } from './traceFilter.ts';
import { DEFAULT_TRACE_FILE, type TraceSettings } from './traceOptions.ts';

/** A guest that is ready to run and to be traced. */
export interface TraceSession {
  readonly run: GuestRun;
  readonly tracer: Tracer;
  readonly drain: TraceDrain;
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
    watchedRegisters: settings.watchedRegisters,
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
    onChunk: onTurn,
  });
  tracer = made;
  made.attach(machine);
  kernel.events.switched = ({ process, tid }) => made.switched(process.pid, tid);
  kernel.observers.push({ enter: () => made.enterSyscall(), leave: (_, result) => made.leaveSyscall(result) });
  return { run, tracer: made, drain, output, isFiltered };
}
