import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** Gives all threads of this process the lowest priority, V8's compilers included: Linux has one for each thread. */
export function runInBackground(): void {
  let threads: readonly number[] = [];
  try {
    threads = readdirSync('/proc/self/task').map(Number);
  } catch {
    // Elsewhere the process has one.
  }
  for (const thread of [0, ...threads]) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch {
      // It has just ended.
    }
  }
}
