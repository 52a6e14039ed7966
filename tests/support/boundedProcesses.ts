import childProcess, { type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll } from 'vitest';

/**
 * For every test file (vitest.config.ts): a program that a test waits for, and that does not end, fails the test. While
 * a test waits so, vitest's own limit cannot end it, and the whole run would stand still. What a test has started and
 * not waited for, as it failed, is ended with its file: programs that run for ever would slow down all that comes after.
 */

/** Milliseconds: far above what any program of the tests takes, below vitest's own limit. */
const LIMIT = 240_000;

/** Commands whose caller says how long they may take keep that; both functions take the options as the last argument. */
function bounded<R>(run: (...args: unknown[]) => R): (...args: unknown[]) => R {
  return (...args) => {
    const last = args.at(-1);
    const given: unknown[] = typeof last === 'object' && !Array.isArray(last) ? args.slice(0, -1) : args;
    const options = given.length < args.length ? (last as { timeout?: number }) : {};
    if (options?.timeout !== undefined) return run(...args);
    const result = run(...given, { ...options, timeout: LIMIT, killSignal: 'SIGKILL' });
    const error = (result as Partial<SpawnSyncReturns<string>> | null)?.error as NodeJS.ErrnoException | undefined;
    if (error?.code === 'ETIMEDOUT') throw new Error(`did not end within ${LIMIT / 1000} s: ${JSON.stringify(given)}`);
    return result;
  };
}

/** Those that run. */
const children = new Set<ChildProcess>();

function kept<Args extends unknown[]>(start: (...args: Args) => ChildProcess): (...args: Args) => ChildProcess {
  return (...args) => {
    const child = start(...args);
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
}

function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

for (const name of ['spawn', 'fork'] as const) {
  Object.assign(childProcess, { [name]: kept(childProcess[name] as (...args: unknown[]) => ChildProcess) });
}
// Hooks run in the order opposite to this one: a file's own come before.
afterAll(endAll);
process.on('exit', endAll);

for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
  Object.assign(childProcess, { [name]: bounded(childProcess[name] as (...args: unknown[]) => unknown) });
}
syncBuiltinESMExports();
