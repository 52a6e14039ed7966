import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { StructWriter, timespec, words } from '../structs.ts';
import { address, int, size, unsigned } from './arguments.ts';
import { processOf } from './processes.ts';
import { row, type SyscallRow } from './row.ts';

/** Policies of scheduling (include/uapi/linux/sched.h). */
const Policy = { other: 0, fifo: 1, roundRobin: 2, batch: 3, idle: 5, deadline: 6 } as const;
const SCHED_RESET_ON_FORK = 0x4000_0000;

/** Those that a user may have, and those that only come with rights that no guest has. */
const ORDINARY: readonly number[] = [Policy.other, Policy.batch, Policy.idle];
const REAL_TIME: readonly number[] = [Policy.fifo, Policy.roundRobin];

/** The slice of time that a thread without real-time policy gets, in nanoseconds. */
const SLICE = 4_000_000n;

/**
 * struct sched_attr:
 *
 *     0 size   4 policy   8 flags (64 bits)   16 nice   20 priority   24 runtime   32 deadline   40 period   48
 */
const ATTR_SIZE = 48;

/** PRIO_* */
const PRIO_PROCESS = 0;
const PRIO_PGRP = 1;
const PRIO_USER = 2;

function setPolicy(process: LinuxProcess, pid: number, policy: number, priority: number): number {
  const target = processOf(process, pid);
  const plain = policy & ~SCHED_RESET_ON_FORK;
  if (pid < 0 || policy < 0 || ![...ORDINARY, ...REAL_TIME].includes(plain)) throw new LinuxError(Errno.EINVAL);
  const isRealTime = REAL_TIME.includes(plain);
  if (isRealTime ? priority < 1 || priority > 99 : priority !== 0) throw new LinuxError(Errno.EINVAL);
  if (isRealTime) throw new LinuxError(Errno.EPERM);
  target.attributes.policy = plain;
  return 0;
}

function setNice(process: LinuxProcess, target: LinuxProcess, nice: number): void {
  const wish = Math.max(-20, Math.min(19, nice));
  if (wish < target.attributes.nice && process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EACCES);
  target.attributes.nice = wish;
}

/** The processes that getpriority, setpriority and the ioprio calls name. @throws LinuxError ESRCH */
function chosen(process: LinuxProcess, which: number, who: number): LinuxProcess[] {
  if (which === PRIO_PROCESS) return [processOf(process, who)];
  const group = who === 0 ? process.identity.processGroup : who;
  const user = who === 0 ? process.identity.uid : who;
  const found = [...process.kernel.processes.values()].filter(({ identity }) =>
    which === PRIO_PGRP ? identity.processGroup === group : identity.uid === user,
  );
  if (found.length === 0) throw new LinuxError(Errno.ESRCH);
  return found;
}

function priorityRange(policy: number): readonly [least: number, most: number] {
  if (REAL_TIME.includes(policy)) return [1, 99];
  if (ORDINARY.includes(policy) || policy === Policy.deadline) return [0, 0];
  throw new LinuxError(Errno.EINVAL);
}

function setAttributes(process: LinuxProcess, pid: number, at: number, flags: number): number {
  if (flags !== 0) throw new LinuxError(Errno.EINVAL);
  const given = process.view(at, 4).getUint32(0, true);
  const length = given === 0 ? ATTR_SIZE : given;
  if (length < ATTR_SIZE) throw new LinuxError(Errno.E2BIG);
  const view = process.view(at, ATTR_SIZE);
  const policy = view.getUint32(4, true);
  if (policy === Policy.deadline) throw new LinuxError(Errno.EPERM);
  setPolicy(process, pid, policy, view.getUint32(20, true));
  if (ORDINARY.includes(policy)) setNice(process, processOf(process, pid), view.getInt32(16, true));
  return 0;
}

/** Which processors a process may use: one after the other, all that there are. */
function processorMask(process: LinuxProcess): Uint8Array {
  const { processors } = process.host.system();
  // The kernel tells as many bytes as its own masks have: whole words.
  const mask = new Uint8Array(8 * Math.ceil(processors / 64));
  for (let i = 0; i < processors; i++) mask[i >> 3] |= 1 << (i & 7);
  return mask;
}

export const schedulingRows: readonly SyscallRow[] = [
  row('sched_yield', [], () => 0),

  row('sched_getaffinity', [int, size, address], (process, pid, length, at) => {
    processOf(process, pid);
    const mask = processorMask(process);
    if (length % 8 !== 0 || length < mask.length) throw new LinuxError(Errno.EINVAL);
    process.write(at, mask);
    return mask.length;
  }),
  row('sched_setaffinity', [int, size, address], (process, pid, length, at) => {
    processOf(process, pid);
    const present = processorMask(process);
    const wish = process.read(at, Math.min(length, present.length));
    if (!wish.some((byte, i) => (byte & present[i]) !== 0)) throw new LinuxError(Errno.EINVAL);
    return 0;
  }),

  row('sched_getscheduler', [int], (process, pid) => processOf(process, pid).attributes.policy),
  row('sched_setscheduler', [int, int, address], (process, pid, policy, at) => setPolicy(process, pid, policy, process.view(at, 4).getInt32(0, true))),
  row('sched_getparam', [int, address], (process, pid, at) => {
    processOf(process, pid);
    process.write(at, words(0));
    return 0;
  }),
  row('sched_setparam', [int, address], (process, pid, at) =>
    setPolicy(process, pid, processOf(process, pid).attributes.policy, process.view(at, 4).getInt32(0, true)),
  ),
  row('sched_get_priority_max', [int], (_process, policy) => priorityRange(policy)[1]),
  row('sched_get_priority_min', [int], (_process, policy) => priorityRange(policy)[0]),
  row('sched_rr_get_interval', [int, address], (process, pid, at) => {
    processOf(process, pid);
    process.write(at, timespec(SLICE));
    return 0;
  }),
  row('sched_getattr', [int, address, unsigned, unsigned], (process, pid, at, length, flags) => {
    const { policy, nice } = processOf(process, pid).attributes;
    if (flags !== 0 || length < ATTR_SIZE) throw new LinuxError(Errno.EINVAL);
    process.write(
      at,
      new StructWriter(ATTR_SIZE)
        .u32(ATTR_SIZE)
        .u32(policy)
        .u64(0)
        .u32(nice >>> 0).bytes,
    );
    return 0;
  }),
  row('sched_setattr', [int, address, unsigned], setAttributes),

  row('getcpu', [address, address], (process, processor, node) => {
    process.writeIfWanted(processor, words(0));
    process.writeIfWanted(node, words(0));
    return 0;
  }),

  row('getpriority', [int, int], (process, which, who) => {
    if (which < PRIO_PROCESS || which > PRIO_USER) throw new LinuxError(Errno.EINVAL);
    // The kernel's form: 20 - nice, so that it is never taken for a failure.
    return 20 - Math.min(...chosen(process, which, who).map(({ attributes }) => attributes.nice));
  }),
  row('setpriority', [int, int, int], (process, which, who, nice) => {
    if (which < PRIO_PROCESS || which > PRIO_USER) throw new LinuxError(Errno.EINVAL);
    for (const target of chosen(process, which, who)) setNice(process, target, nice);
    return 0;
  }),

  // IOPRIO_WHO_PROCESS is 1, and so on.
  row('ioprio_get', [int, int], (process, which, who) => {
    if (which < 1 || which > 3) throw new LinuxError(Errno.EINVAL);
    return Math.max(...chosen(process, which - 1, who).map(({ attributes }) => attributes.ioPriority));
  }),
  row('ioprio_set', [int, int, int], (process, which, who, wish) => {
    const kind = wish >> 13;
    if (which < 1 || which > 3 || kind < 0 || kind > 3 || (wish & 0x1fff) > 7 || (kind === 0 && (wish & 0x1fff) !== 0)) throw new LinuxError(Errno.EINVAL);
    if (kind === 1 && process.identity.effectiveUid !== 0) throw new LinuxError(Errno.EPERM);
    for (const { attributes } of chosen(process, which - 1, who)) attributes.ioPriority = wish;
    return 0;
  }),
];
