import { Errno, LinuxError } from '../errno.ts';
import { int, unsigned } from './arguments.ts';
import { row, type SyscallRow } from './row.ts';

/** MEMBARRIER_CMD_*: those that a process must register for, with the command that does so. */
const REGISTRATIONS: ReadonlyMap<number, number> = new Map([
  [8, 0x10],
  [0x20, 0x40],
]);
const GLOBAL = 1;
const GLOBAL_EXPEDITED = 2;
const REGISTER_GLOBAL_EXPEDITED = 4;
const SUPPORTED = [GLOBAL, GLOBAL_EXPEDITED, REGISTER_GLOBAL_EXPEDITED, ...REGISTRATIONS.keys(), ...REGISTRATIONS.values()];

export const barrierRows: readonly SyscallRow[] = [
  // One thread at a time runs, and sees what the others have written: there is nothing to be done.
  row('membarrier', [int, unsigned], ({ attributes }, command, flags) => {
    if (flags !== 0) throw new LinuxError(Errno.EINVAL);
    if (command === 0) return SUPPORTED.reduce((all, each) => all | each, 0);
    if (!SUPPORTED.includes(command)) throw new LinuxError(Errno.EINVAL);
    const registration = REGISTRATIONS.get(command);
    if (registration !== undefined && (attributes.barriers & registration) === 0) throw new LinuxError(Errno.EPERM);
    attributes.barriers |= command;
    return 0;
  }),
];
