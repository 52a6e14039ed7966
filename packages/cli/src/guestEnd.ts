import { type RunEvent, signalDefault } from '@everystep/core';
import { callersOf, placeOf } from './backtrace.ts';
import { loadDisassembler } from './disassembly/disassembler.ts';
import { type GuestRun, processSymbols } from './guestRun.ts';
import { calledFrom, faultPlace, limitReached, STATUS_LIMIT, signalStatus, uncaughtSignal } from './messages.ts';

/** How a guest's run ended. */
export interface GuestEnd {
  /** The exit status for the shell. */
  readonly status: number;
  /** What to tell on standard error; '' if nothing. */
  readonly message: string;
}

/** What the end of a run means: the program's exit status, or the signal that ended it with where and why. */
export async function guestEnd(run: GuestRun, event: RunEvent): Promise<GuestEnd> {
  if (event.kind === 'fault') {
    const message = uncaughtSignal(event.signal) + (await describeFault(run, event));
    return { status: signalStatus(event.signal), message };
  }
  const { termination } = run.process;
  if (termination?.kind === 'signal') {
    // As QEMU: signals that would not dump core end a program silently.
    const message = signalDefault(termination.signal) === 'core' ? uncaughtSignal(termination.signal) : '';
    return { status: signalStatus(termination.signal), message };
  }
  return { status: event.kind === 'exit' ? event.status & 0xff : 0, message: '' };
}

/** A limit has ended a run that could go on: processes end where they are, in good order. */
export function endByLimit(run: GuestRun, what: string): GuestEnd {
  const { kernel, machine } = run;
  const all = [...kernel.processes.values()].flatMap(({ threads }) => threads);
  const thread = all.includes(kernel.current) ? kernel.current : (all[0] ?? kernel.current);
  const { process, pending } = thread;
  const pc = thread === kernel.current ? machine.pc : thread.pc;
  const place = placeOf({ symbols: processSymbols(process) }, pc);
  const waitsIn = pending === undefined ? undefined : (process.describeCall(pending.number).name ?? `system call ${pending.number}`);
  kernel.close();
  return { status: STATUS_LIMIT, message: limitReached(what, { pid: process.pid, pc, place, waitsIn }) };
}

async function describeFault(run: GuestRun, event: Extract<RunEvent, { kind: 'fault' }>): Promise<string> {
  const { machine } = run;
  const word = machine.space.fetch32(event.pc);
  const place = placeOf(run, event.pc);
  let instruction = '';
  if (word !== undefined) {
    const { mnemonic, operands } = (await loadDisassembler())(event.pc, word);
    if (mnemonic !== '.byte') instruction = `${mnemonic} ${operands}`.trimEnd();
  }
  const callers = callersOf(run, event.pc).map(({ pc, place }) => calledFrom(pc, place));
  return faultPlace({ signal: event.signal, pc: event.pc, place, word, instruction, address: event.address, text: event.text }) + callers.join('');
}
