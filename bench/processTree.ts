import { readdirSync, readFileSync } from 'node:fs';

/** The clock of /proc/PID/stat, the same on all of Linux's machines that run browsers. */
const TICKS_PER_SECOND = 100;

/** A file of /proc; '' once its process has ended. */
export const readProc = (file: string): string => {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
};

function tasksOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The processes below one, without itself. */
export function descendants(pid: string): string[] {
  const children = tasksOf(pid).flatMap((task) =>
    readProc(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter((child) => child !== ''),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Seconds of CPU time of a process, those below it, and those among them that have ended and were waited for. */
export function cpuTimeOf(pid: number): { readonly user: number; readonly system: number } {
  let user = 0;
  let system = 0;
  for (const each of [String(pid), ...descendants(String(pid))]) {
    // Behind the name, which may have anything in it, from field 3 on: utime, stime, cutime and cstime are 14 to 17.
    const fields = readProc(`/proc/${each}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 15)
      .map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields;
    user += (utime + cutime) / TICKS_PER_SECOND;
    system += (stime + cstime) / TICKS_PER_SECOND;
  }
  return { user, system };
}
