import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { TranslationOptions } from '../options/translationOptions.ts';
import { nativeCode } from './engineHooks.ts';

/**
 * Leaves a process behind that compiles what is kept of translations (commands/cache.ts), for the user need not wait for it. It is one
 * of its own: neither a terminal's ^C nor who waits for this one's output has to do with it.
 */
export function compileLater({ cache, cacheSize }: TranslationOptions): void {
  const [, script] = process.argv;
  if (cache === undefined || script === undefined || nativeCode() === undefined) return;
  const folder = resolve(cache);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return;
  }
  // Loaded when needed, as it takes milliseconds that every run would pay.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const args = [...process.execArgv, script, 'cache', '--background', `--cache-size=${cacheSize}`, folder];
  const child = spawn(process.execPath, args, { cwd: '/', detached: true, stdio: 'ignore' });
  // Where none can be started, all is as it was.
  child.on('error', () => {});
  child.unref();
}
