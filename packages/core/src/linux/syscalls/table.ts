import { assert } from '../../base/index.ts';
import { attributeRows } from './attributes.ts';
import { barrierRows } from './barriers.ts';
import { capabilityRows } from './capabilities.ts';
import { clockAdjustmentRows } from './clockAdjustment.ts';
import { cloneRows } from './clone.ts';
import { copyingRows } from './copying.ts';
import { descriptorRows } from './descriptors.ts';
import { directoryRows } from './directories.ts';
import { eventRows } from './events.ts';
import { execRows } from './exec.ts';
import { fileSpaceRows } from './fileSpace.ts';
import { futexRows } from './futex.ts';
import { inotifyRows } from './inotify.ts';
import { lockRows } from './locks.ts';
import { memoryRows } from './memory.ts';
import { openingRows } from './opening.ts';
import { otherProcessRows } from './otherProcesses.ts';
import { pathRows } from './paths.ts';
import { pollingRows } from './polling.ts';
import { prctlRows } from './prctl.ts';
import { processRows } from './processes.ts';
import { refusedRows } from './refused.ts';
import type { SyscallRow } from './row.ts';
import { schedulingRows } from './scheduling.ts';
import { sendingSignalRows } from './sendingSignals.ts';
import { signalfdRows } from './signalfd.ts';
import { signalRows } from './signals.ts';
import { socketMessageRows } from './socketMessages.ts';
import { socketRows } from './sockets.ts';
import { statRows } from './stats.ts';
import { terminalRows } from './terminal.ts';
import { timeRows } from './time.ts';
import { timerRows } from './timers.ts';
import { transferRows } from './transfer.ts';

/** Every system call that everystep implements. The others fail with ENOSYS, as rseq does under QEMU. */
export const syscallRows: readonly SyscallRow[] = [
  ...transferRows,
  ...copyingRows,
  ...descriptorRows,
  ...lockRows,
  ...fileSpaceRows,
  ...openingRows,
  ...pathRows,
  ...directoryRows,
  ...statRows,
  ...memoryRows,
  ...processRows,
  ...cloneRows,
  ...execRows,
  ...futexRows,
  ...signalRows,
  ...sendingSignalRows,
  ...signalfdRows,
  ...timeRows,
  ...timerRows,
  ...terminalRows,
  ...attributeRows,
  ...schedulingRows,
  ...capabilityRows,
  ...prctlRows,
  ...otherProcessRows,
  ...clockAdjustmentRows,
  ...barrierRows,
  ...refusedRows,
  ...pollingRows,
  ...eventRows,
  ...inotifyRows,
  ...socketRows,
  ...socketMessageRows,
];

/** The rows by an architecture's numbers. @param without names that fail as if there were no rows for them */
export function createSyscallTable(names: ReadonlyMap<number, string>, without: ReadonlySet<string> = new Set()): (SyscallRow | undefined)[] {
  const byName = new Map(syscallRows.map((row) => [row.name, row]));
  assert(byName.size === syscallRows.length, 'two rows for one system call');
  const table: (SyscallRow | undefined)[] = [];
  for (const [number, name] of names) if (!without.has(name)) table[number] = byName.get(name);
  return table;
}
