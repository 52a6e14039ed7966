import { spawnSync } from 'node:child_process';

/** What one run took, its whole process tree and all threads, start-up included; in seconds. */
export interface Time {
  readonly user: number;
  readonly system: number;
  readonly elapsed: number;
}

/** bash's `time` gives the resources of a command and of the children it waited for. */
const SCRIPT = 'TIMEFORMAT="%3U %3S %3R"; time "$@" </dev/null >/dev/null 2>/dev/null 3>&-';

/** Runs a command without input and output. @throws Error if it ends with another status than 0 */
export function measure(command: readonly string[]): Time {
  const { status, stderr, error } = spawnSync('bash', ['-c', SCRIPT, 'bash', ...command], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`status ${status} from ${command.join(' ')}: ${stderr.trim()}`);
  const [user, system, elapsed] = stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { user: user as number, system: system as number, elapsed: elapsed as number };
}

/** A way to run something, by name. */
export type Ways = Readonly<Record<string, readonly string[]>>;

/** Times of each way, in the order of the rounds. */
export type Times<W extends Ways> = { readonly [K in keyof W]: Time[] };

/**
 * Runs the ways in turn, `rounds` times, in alternating order, so that what disturbs the machine disturbs all of them.
 */
export function alternate<W extends Ways>(ways: W, rounds: number, onRun: (name: string) => void = () => undefined): Times<W> {
  const names = Object.keys(ways) as (keyof W & string)[];
  const times = Object.fromEntries(names.map((name) => [name, [] as Time[]])) as unknown as Times<W>;
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      onRun(name);
      times[name].push(measure(ways[name] as readonly string[]));
    }
  }
  return times;
}
