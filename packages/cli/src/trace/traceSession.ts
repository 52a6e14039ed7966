import { createRingControl, describeState, type MachineHooks, RingControl, type Symbolize, type Thread, Tracer } from '@everystep/core';
import { type GuestRun, startGuest } from '../guestRun.ts';
import { inRanges } from '../options/addressFilter.ts';
import { buildIdReader } from './buildId.ts';
import { openFormat } from './openFormat.ts';
import type { OutputFile } from './outputFile.ts';
import { startDrain, type TraceDrain } from './traceDrain.ts';
import { tracedProcess } from './tracedProcess.ts';
import { wantedRanges } from './traceFilter.ts';
import type { TraceSettings } from './traceOptions.ts';

/** System calls behind which other files may be mapped executable. */
const REMAPPING: ReadonlySet<string> = new Set(['mmap', 'munmap', 'mprotect', 'mremap', 'shmat', 'shmdt', 'execve', 'execveat']);

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
  const output = format === 'none' ? undefined : openFormat(settings);
  const control = createRingControl();
  const { guest } = machine;
  const drain = startDrain({
    memory: machine.space.memory.memory.buffer as unknown as SharedArrayBuffer,
    control,
    format,
    fd: output?.fd ?? -1,
    outputName: output?.name ?? '',
    cpu: settings.cpu,
    header: { guest: guest.name, cpu: settings.cpu, program: command[0], argv: command, filtered: isFiltered, registers: describeState(guest.state) },
    watchedRegisters: settings.watchedRegisters,
    limit: isFiltered ? settings.first : Number.POSITIVE_INFINITY,
  });
  const buildId = buildIdReader();
  let running: Pick<Thread, 'process' | 'tid'> = { process: run.process, tid: run.process.pid };
  const made = new Tracer({
    state: guest.state,
    abi: guest.linux,
    control,
    send: (definitions) => drain.send(definitions),
    wait: (seen) => void Atomics.wait(control, RingControl.consumed, seen),
    symbolize: symbolizer(run),
    process: () => tracedProcess(running, buildId),
    wants: isFiltered ? (pc) => inRanges(ranges, pc) : undefined,
    onChunk: onTurn,
  });
  tracer = made;
  made.attach(machine);
  kernel.events.switched = (thread) => {
    running = thread;
    made.switched(thread.process.pid, thread.tid);
  };
  kernel.observers.push({
    enter: () => made.enterSyscall(),
    leave: ({ name }, result) => {
      made.leaveSyscall(result);
      if (name !== undefined && REMAPPING.has(name)) made.remapped();
    },
  });
  return { run, tracer: made, drain, output, isFiltered };
}

function symbolizer({ symbols }: GuestRun): Symbolize {
  return (pc) => {
    for (const table of symbols.tables) {
      const symbol = table.functionAt(pc);
      if (symbol !== undefined) return { name: symbol.name, offset: pc - symbol.address };
    }
    return undefined;
  };
}
