import type { HostLimits } from './host.ts';

/** Number of RLIMIT_* limits, and those that everystep itself looks at. */
export const LIMITS = 16;
export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_AS = 9;
export const RLIMIT_SIGPENDING = 11;

/** Limit of open files where a host tells none. */
const USUAL_FILES = 1024;
/** The most that a limit of open files can be: fs.nr_open of a usual Linux. */
export const MOST_FILES = 2 ** 20;

/** One more than the highest descriptor that a process may have. */
export function fileLimit(limits: HostLimits): number {
  const soft = limits.get(RLIMIT_NOFILE)?.[0];
  if (soft === undefined) return USUAL_FILES;
  return soft < 0n || soft > BigInt(MOST_FILES) ? MOST_FILES : Number(soft);
}

/** A soft limit; undefined where there is none. */
export function limitOf(limits: HostLimits, resource: number): number | undefined {
  const soft = limits.get(resource)?.[0];
  return soft === undefined || soft < 0n || soft >= 1n << 53n ? undefined : Number(soft);
}

/** First position that a regular file may not be written at; undefined where there is none. */
export function sizeLimit(limits: HostLimits): number | undefined {
  return limitOf(limits, RLIMIT_FSIZE);
}
