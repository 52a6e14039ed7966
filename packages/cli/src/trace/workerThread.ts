import { existsSync, readdirSync } from 'node:fs';

/** Where Linux lists the threads of this process. */
const THREADS = '/proc/self/task';

/**
 * Starts a worker's thread, and says whether it still runs. Node tells of a worker's end when its event loop turns; those who keep it
 * from turning have to look for themselves.
 * @param start starts one thread
 * @returns `isAlive` is always true where the system does not list its threads
 */
export function threadStartedBy<T>(start: () => T): { readonly result: T; readonly isAlive: () => boolean } {
  const before = new Set(threads());
  const result = start();
  const [thread, ...others] = threads().filter((each) => !before.has(each));
  const isKnown = thread !== undefined && others.length === 0;
  return { result, isAlive: () => !isKnown || existsSync(`${THREADS}/${thread}`) };
}

function threads(): readonly string[] {
  try {
    return readdirSync(THREADS);
  } catch {
    // Not Linux.
    return [];
  }
}
