import { spawn } from 'node:child_process';
import { peakSampler } from './peak.ts';

/** What one run took, its whole process tree and all threads, start-up included; times in seconds. */
export interface Usage {
  readonly user: number;
  readonly system: number;
  readonly elapsed: number;
  /** The most memory that the processes had resident together, in bytes; see peak.ts. */
  readonly peak: number;
}

/** A way to run something. */
export interface Way {
  readonly command: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Called before each run, outside what is measured. */
  readonly before?: (() => void) | undefined;
}

/** bash's `time` gives the resources of a command and of the children it waited for. */
const SCRIPT = 'TIMEFORMAT="%3U %3S %3R"; time "$@" </dev/null >/dev/null 2>/dev/null 3>&-';

/** Runs a command without input, its output thrown away. @throws Error if it ends with another status than 0 */
export async function measure({ command, cwd, env = process.env, before }: Way): Promise<Usage> {
  before?.();
  const child = spawn('bash', ['-c', SCRIPT, 'bash', ...command], { cwd, env: { ...env, LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] });
  const sampler = peakSampler(child.pid ?? 0);
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  try {
    const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (status !== 0) throw new Error(`status ${status} from ${command.join(' ')}: ${text.trim()}`);
  } finally {
    sampler.stop();
  }
  const [user = 0, system = 0, elapsed = 0] = text.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { user, system, elapsed, peak: sampler.peak() };
}

/** Ways to do the same, by name. */
export type Ways = Readonly<Record<string, Way>>;

/** What each way took, in the order of the rounds. */
export type Usages = Readonly<Record<string, readonly Usage[]>>;

/**
 * Runs the ways in turn, `rounds` times, in alternating order, so that what disturbs the machine disturbs all of them.
 */
export async function alternate(ways: Ways, rounds: number, onRun: (name: string) => void = () => undefined): Promise<Usages> {
  const names = Object.keys(ways);
  const usages: Record<string, Usage[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      onRun(name);
      usages[name]?.push(await measure(ways[name] as Way));
    }
  }
  return usages;
}
