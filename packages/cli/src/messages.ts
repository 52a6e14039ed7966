import { writeSync } from 'node:fs';
import { signalText, UserError } from '@everystep/core';
import { BrokenPipe } from './log/logFile.ts';
import { VERSION } from './version.ts';

/** Exit status for a wrong command line or an unusable file. */
const STATUS_USAGE = 2;
/** Exit status for our own bug (EX_SOFTWARE). */
const STATUS_BUG = 70;
/** Exit status of a run that a limit has ended, as timeout(1) has it. */
export const STATUS_LIMIT = 124;
const SIGNAL_STATUS = 128;
const SIGPIPE = 13;

/** Exit status of a process that a signal ended, as shells give it. */
export const signalStatus = (signal: number): number => SIGNAL_STATUS + signal;

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
  return `everystep: uncaught target signal ${signal} (${signalText(signal)})\n`;
}

/** The line that tells where and why: pc, function, instruction, address. */
export function faultPlace(fault: GuestFault): string {
  // Beyond what a number can be, control went to the address.
  const pc = Number.isSafeInteger(fault.pc) ? fault.pc : fault.address;
  const where = `pc ${hex(pc)}${fault.place === '' ? '' : ` (${fault.place})`}`;
  const word = fault.word === undefined ? '' : `, instruction ${(fault.word >>> 0).toString(16).padStart(8, '0')}`;
  const instruction = fault.instruction === '' ? '' : ` (${fault.instruction})`;
  const address = fault.signal === SIGILL || fault.signal === SIGTRAP ? '' : `, address ${hex(fault.address)}`;
  return `everystep: at ${where}${word}${instruction}${address}: ${fault.text}\n`;
}

/** A line of the backtrace: where a call came from. */
export const calledFrom = (pc: number, place: string): string => `everystep: called from ${hex(pc)}${place === '' ? '' : ` (${place})`}\n`;

/** Where a run was when something ended it. */
export interface Whereabouts {
  readonly pid: number;
  readonly pc: number;
  /** Function around pc with its offset, `main+0x1c`, or ''. */
  readonly place: string;
  /** The name of the system call that it waits in. */
  readonly waitsIn: string | undefined;
}

/** The line that tells which limit ended a run, and where. */
export function limitReached(what: string, { pid, pc, place, waitsIn }: Whereabouts): string {
  const waits = waitsIn === undefined ? '' : `, waiting in ${waitsIn}`;
  return `everystep: the run was ended ${what}: process ${pid} was at pc ${hex(pc)}${place === '' ? '' : ` (${place})`}${waits}\n`;
}

/** The line that tells that a process is killed as there is no memory for it. */
export function outOfMemory({ pid, pc, place }: Whereabouts, limit: number): string {
  const where = `pc ${hex(pc)}${place === '' ? '' : ` (${place})`}`;
  return `everystep: out of memory: process ${pid} is killed at ${where}: all programs together have ${limit} bytes (--memory)\n`;
}

/** What ended a command: the user's mistake in one line, or our own bug with what to send us. */
export function describeFailure(error: unknown): { readonly status: number; readonly text: string } {
  if (error instanceof BrokenPipe) return { status: signalStatus(SIGPIPE), text: '' };
  if (error instanceof UserError) return { status: STATUS_USAGE, text: `everystep: ${error.message}\n` };
  const trail = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const text =
    'everystep: this is a bug in everystep, not in the program that it runs. Please report it with these lines, the\n' +
    `everystep: command line and, if you can, the program. everystep ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}\n${trail}\n`;
  return { status: STATUS_BUG, text };
}

/** Reports on standard error what ended a command. @returns the exit status */
export function reportFailure(error: unknown): number {
  const { status, text } = describeFailure(error);
  try {
    writeSync(2, text);
  } catch {
    // Nobody can read standard error; the exit status still tells.
  }
  return status;
}
