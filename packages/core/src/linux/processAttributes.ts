import type { HostIdentity } from './host.ts';

/** SCHED_OTHER */
const ORDINARY = 0;

/** All capabilities of Linux 6: CAP_CHOWN (0) to CAP_CHECKPOINT_RESTORE (40). */
const ALL_CAPABILITIES = (1n << 41n) - 1n;

/** Settings of a process that change nothing about how it runs here, but that it can ask for again. A child inherits them. */
export class ProcessAttributes {
  /** -20 to 19 */
  nice: number;
  /** SCHED_* */
  policy = ORDINARY;
  /** ioprio_set; 0: not set. */
  ioPriority = 0;
  personality = 0;
  dumpable = true;
  keepsCapabilities = false;
  /** PR_SET_CHILD_SUBREAPER */
  adoptsOrphans = false;
  /** PR_SET_PDEATHSIG */
  parentDeathSignal = 0;
  /** In nanoseconds. */
  timerSlack = 50_000n;
  /** /proc/self/oom_score_adj */
  outOfMemoryScore = 0;
  /** Commands of membarrier that it has registered for. */
  barriers = 0;
  capabilities: { readonly effective: bigint; readonly permitted: bigint; readonly inheritable: bigint };

  constructor(identity: HostIdentity) {
    this.nice = identity.nice;
    const held = identity.effectiveUid === 0 ? ALL_CAPABILITIES : 0n;
    this.capabilities = { effective: held, permitted: held, inheritable: 0n };
  }

  /** A child's, after fork. */
  fork(identity: HostIdentity): ProcessAttributes {
    return Object.assign(new ProcessAttributes(identity), this, { adoptsOrphans: false, parentDeathSignal: 0 });
  }
}
