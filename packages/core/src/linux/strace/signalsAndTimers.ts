import type { AddressSpace } from '../../engine/index.ts';
import { d, type Printer, signalLabel } from './printers.ts';
import { pointerText, structure, timevalText } from './structures.ts';

/** si_code of signals that a process sends. */
const SENDERS: ReadonlyMap<number, string> = new Map([
  [0, 'SI_USER'],
  [-1, 'SI_QUEUE'],
  [-2, 'SI_TIMER'],
  [-3, 'SI_MESGQ'],
  [-4, 'SI_ASYNCIO'],
  [-5, 'SI_SIGIO'],
  [-6, 'SI_TKILL'],
]);
/** Those that carry no value. */
const WITHOUT_VALUE = new Set([0, -6]);

/** siginfo_t: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_value. */
export const signalInfo: Printer = (given, i, space) =>
  structure(space, given.long(i), 32, (v) => {
    const code = v.getInt32(8, true);
    const value = WITHOUT_VALUE.has(code) ? '' : `, si_sigval=${v.getBigUint64(24, true)}`;
    const signal = v.getInt32(0, true);
    const label = signal > 0 && signal < 32 ? signalLabel(signal) : `${signal}`;
    return `{si_signo=${label}, si_code=${SENDERS.get(code) ?? code}, si_pid=${v.getUint32(16, true)}, si_uid=${v.getUint32(20, true)}${value}}`;
  });

/** struct itimerval, whose two times are shown as their addresses where they cannot be read. */
export function intervalText(space: AddressSpace, at: bigint): string {
  if (at === 0n) return pointerText(at);
  return `{it_interval=${timevalText(space, at)},it_value=${timevalText(space, BigInt.asUintN(64, at + 16n))},}`;
}

export const interval: Printer = (given, i, space) => intervalText(space, given.long(i));

/** semctl's commands; those that share a number with another kind of IPC have that one's name. */
const IPC_COMMANDS: ReadonlyMap<number, string> = new Map([
  [0, 'IPC_RMID'],
  [1, 'IPC_SET'],
  [2, 'IPC_STAT'],
  [3, 'IPC_INFO'],
  [11, 'MSG_STAT'],
  [12, 'MSG_INFO'],
  [13, 'SHM_STAT'],
  [14, 'SHM_INFO'],
  [15, 'GETZCNT'],
  [16, 'SETVAL'],
  [17, 'SETALL'],
  [18, 'SEM_STAT'],
  [19, 'SEM_INFO'],
]);

export const ipcCommand: Printer = (given, i, space) => {
  const command = given.unsigned(i) & 0xff;
  return IPC_COMMANDS.get(command) ?? (given.int(i) === command ? d(given, i, space) : `${command}`);
};
