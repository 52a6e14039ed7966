import { writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { BrokenPipe } from './log/logFile.ts';
import { VERSION } from './version.ts';

/** Exit status for a wrong command line or an unusable file. */
const STATUS_USAGE = 2;
/** Exit status for our own bug (EX_SOFTWARE). */
const STATUS_BUG = 70;
const SIGNAL_STATUS = 128;
const SIGPIPE = 13;

/** Exit status of a process that a signal ended, as shells give it. */
export const signalStatus = (signal: number): number => SIGNAL_STATUS + signal;

/** What C's strsignal says, for signals that end a process. */
const SIGNAL_TEXTS: Readonly<Record<number, string>> = {
  1: 'Hangup',
  2: 'Interrupt',
  3: 'Quit',
  4: 'Illegal instruction',
  5: 'Trace/breakpoint trap',
  6: 'Aborted',
  7: 'Bus error',
  8: 'Floating point exception',
  9: 'Killed',
  10: 'User defined signal 1',
  11: 'Segmentation fault',
  12: 'User defined signal 2',
  13: 'Broken pipe',
  14: 'Alarm clock',
  15: 'Terminated',
  16: 'Stack fault',
  24: 'CPU time limit exceeded',
  25: 'File size limit exceeded',
  26: 'Virtual timer expired',
  27: 'Profiling timer expired',
  29: 'I/O possible',
  30: 'Power failure',
  31: 'Bad system call',
};

/** Where and why a guest failed. */
export interface GuestFault {
  readonly signal: number;
  readonly pc: number;
  /** Function around pc with its offset, `main+0x1c`, or ''. */
  readonly place: string;
  /** The word at pc, if it can be read. */
  readonly word: number | undefined;
  /** Disassembly of the word, or ''. */
  readonly instruction: string;
  /** The address that could not be accessed. */
  readonly address: bigint;
  /** The engine's words for what happened. */
  readonly text: string;
}

const SIGILL = 4;
const SIGTRAP = 5;
const hex = (n: number | bigint): string => `0x${n.toString(16)}`;

/** The line that tells which signal ended the guest, in QEMU's words. */
export function uncaughtSignal(signal: number): string {
  return `everystep: uncaught target signal ${signal} (${SIGNAL_TEXTS[signal] ?? `Unknown signal ${signal}`})\n`;
}

/** The line that tells where and why: pc, function, instruction, address. */
export function faultPlace(fault: GuestFault): string {
  const where = `pc ${hex(fault.pc)}${fault.place === '' ? '' : ` (${fault.place})`}`;
  const word = fault.word === undefined ? '' : `, instruction ${(fault.word >>> 0).toString(16).padStart(8, '0')}`;
  const instruction = fault.instruction === '' ? '' : ` (${fault.instruction})`;
  const address = fault.signal === SIGILL || fault.signal === SIGTRAP ? '' : `, address ${hex(fault.address)}`;
  return `everystep: at ${where}${word}${instruction}${address}: ${fault.text}\n`;
}

/**
 * Reports what ended a command on standard error: the user's mistake in one line, our own bug with what to send us.
 * @returns the exit status
 */
export function reportFailure(error: unknown): number {
  if (error instanceof BrokenPipe) return signalStatus(SIGPIPE);
  if (error instanceof UserError) {
    complain(`everystep: ${error.message}\n`);
    return STATUS_USAGE;
  }
  const trail = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  complain(
    `everystep: this is a bug in everystep, not in the program that it runs. Please report it with the text below, the command line and,\n` +
      `everystep: if you can, the program: everystep ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}\n${trail}\n`,
  );
  return STATUS_BUG;
}

function complain(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody can read standard error; the exit status still tells.
  }
}
