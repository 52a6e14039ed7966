import childProcess, { type SpawnSyncReturns } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/**
 * For every test file (vitest.config.ts): a program that a test waits for, and that does not end, fails the test. While
 * a test waits so, vitest's own limit cannot end it, and the whole run would stand still.
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

for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
  Object.assign(childProcess, { [name]: bounded(childProcess[name] as (...args: unknown[]) => unknown) });
}
syncBuiltinESMExports();
