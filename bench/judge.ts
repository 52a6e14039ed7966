import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf, QEMU } from './command.ts';
import { alternate, measure, type Usage, type Usages, type Way, type Ways } from './measure.ts';
import { type Ratios, ratiosOf } from './ratios.ts';
import type { SetName, Subject } from './subject.ts';
import { progress } from './text.ts';

/** How subjects are measured. */
export interface Setting {
  readonly pairs: number;
  /** The command, without `run`. */
  readonly everystep: readonly string[];
  /** The same under another Node. */
  readonly otherNode: readonly string[] | undefined;
  readonly isTraced: boolean;
  readonly filter: string | undefined;
  /** Whether the command has a cache on disk. */
  readonly hasCache: boolean;
  /** A folder for what is written. */
  readonly folder: string;
}

/** What came of one subject. */
export interface Result {
  readonly set: SetName;
  readonly name: string;
  readonly kind: string;
  /** By way: native, qemu, everystep, warm, compile, other node, traced. */
  readonly usages: Usages;
  readonly ratios: Ratios;
  /** Why it could not be measured. */
  readonly failure?: string;
}

/** A hash of what a program prints and writes. */
function digestOf({ command, cwd, env }: Way, output: string | undefined): string {
  if (output !== undefined) rmSync(output, { force: true });
  const hash = createHash('sha256').update(outputOf(command, { cwd, env }));
  return (output === undefined ? hash : hash.update(readFileSync(output))).digest('hex');
}

function isRunning(way: Way, output: string | undefined): boolean {
  try {
    digestOf(way, output);
    return true;
  } catch {
    return false;
  }
}

/** The ways that a subject is run. */
function waysOf({ set, guest, native, cwd, env, output }: Subject, { everystep, otherNode, isTraced, filter, hasCache, folder }: Setting): Ways {
  const way = (command: readonly string[]): Way => ({ command: [...command, ...guest], cwd, env });
  const ways: Record<string, Way> = { qemu: way(QEMU), everystep: way([...everystep, 'run']) };
  if (hasCache && set === 'debian') {
    const cache = join(folder, 'cache');
    mkdirSync(cache, { recursive: true });
    // What the first leaves to be compiled, `compile` does before others find it.
    ways.warm = way([...everystep, 'run', '--cache-compile=never', `--cache=${cache}`]);
    ways.compile = { command: [...everystep, 'cache', cache] };
  }
  if (otherNode !== undefined) ways['other node'] = way([...otherNode, 'run']);
  if (isTraced) ways.traced = way([...everystep, 'trace', '--format=none', ...(filter === undefined ? [] : [`--in=${filter}`])]);
  // The host's build of a Debian program may be another version, which need not know all options.
  const host = native === undefined ? undefined : { command: native, cwd, env };
  return host !== undefined && isRunning(host, output) ? { native: host, ...ways } : ways;
}

/** What it took to compile what is kept; nothing with a Node that cannot. */
async function compilingOf(compile: Way): Promise<readonly Usage[]> {
  try {
    return [await measure(compile)];
  } catch {
    return [];
  }
}

/**
 * Compares a subject's output under everystep, in all ways but traced, with that under QEMU, then measures all ways. The
 * comparison is also what fills the cache on disk: what its first run has kept is compiled, and the second one finds that.
 */
export async function judge(subject: Subject, setting: Setting): Promise<Result> {
  const { set, name, kind, output } = subject;
  const usable = (usages: Usages, failure?: string): Result => ({
    set,
    name,
    kind,
    usages,
    ratios: ratiosOf(usages),
    ...(failure === undefined ? {} : { failure }),
  });
  try {
    progress(`${name}: comparing outputs`);
    const { compile, ...ways } = waysOf(subject, setting);
    const expected = digestOf(ways.qemu as Way, output);
    const compiled: Usage[] = [];
    for (const way of ['everystep', 'other node', 'warm', 'warm']) {
      const each = ways[way];
      if (each !== undefined && digestOf(each, output) !== expected) return usable({}, `the output of ${way} differs from QEMU's`);
      if (way === 'warm' && compile !== undefined && compiled.length === 0) compiled.push(...(await compilingOf(compile)));
    }
    const usages = await alternate(ways, setting.pairs, (way) => progress(`${name}: ${way}`));
    return usable(compiled.length === 0 ? usages : { ...usages, compile: compiled });
  } catch (error) {
    return usable({}, error instanceof Error ? error.message : String(error));
  } finally {
    progress('');
    rmSync(join(setting.folder, 'cache'), { recursive: true, force: true });
  }
}
