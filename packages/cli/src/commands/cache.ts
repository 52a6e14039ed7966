import { statSync, writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { compileFolder } from '../host/compileFolder.ts';
import { nativeCode } from '../host/engineHooks.ts';
import { FolderLock } from '../host/folderLock.ts';
import { runInBackground } from '../host/lowPriority.ts';
import { parseOperand } from '../options/parseOperands.ts';
import { CACHE_SIZE, defaultTranslationOptions } from '../options/translationOptions.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { readableSize } from '../trace/progress.ts';

interface CacheSettings {
  cacheSize: number;
  isBackground: boolean;
}

const OPTIONS = withHelp<CacheSettings>(
  [
    'usage: everystep cache [options] DIRECTORY',
    '',
    'Compiles what runs with --cache=DIRECTORY have kept, so that the next runs find native code of all that was hot. Runs do that by',
    'themselves, in a process of low priority that they leave behind, unless --cache-compile=never is said.',
  ],
  [
    CACHE_SIZE,
    {
      names: ['background'],
      group: 'The engine',
      help: 'as runs do: with the lowest priority, for two minutes of CPU time at most, not at all where another process is at it, and silently',
      state: 'done',
      apply: (s) => {
        s.isBackground = true;
      },
    },
  ],
  ['Example:', '  everystep cache ~/.cache/everystep'],
);

const STATUS_FAILED = 1;

/** CPU time, in seconds, after which what runs leave behind leaves the rest to the next. */
const MOST_SECONDS = 120;

/**
 * `everystep cache`: compiles what is kept of translations.
 * @param argv what follows `cache`
 * @returns the exit status
 */
export async function cacheCommand(argv: readonly string[]): Promise<number> {
  const settings: CacheSettings = { cacheSize: defaultTranslationOptions().cacheSize, isBackground: false };
  const folder = parseOperand('everystep cache', 'directory', OPTIONS, settings, argv);
  if (folder === undefined) return 0;
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UserError(`'${folder}' is no folder: name that of --cache`);
  const native = nativeCode();
  if (native === undefined) throw new UserError(`Node ${process.versions.node} gives nobody the code that it compiles: use one of 20 to 24`);
  const { isBackground } = settings;
  const lock = await FolderLock.take(folder, !isBackground);
  if (lock === undefined) return 0;
  try {
    if (isBackground) runInBackground();
    const mayGoOn = (): boolean => !isBackground || process.cpuUsage().user < MOST_SECONDS * 1e6;
    let status = 0;
    const warn = (text: string): void => {
      status = STATUS_FAILED;
      if (!isBackground) writeSync(2, text);
    };
    const { regions, modules, bytes } = compileFolder(folder, settings.cacheSize, { compile: native.compile, mayGoOn }, warn);
    const seconds = process.cpuUsage().user / 1e6;
    const done = `compiled ${regions} regions in ${modules} ${modules === 1 ? 'module' : 'modules'} (${readableSize(bytes)} of WebAssembly) in ${seconds.toFixed(1)} s of CPU time`;
    if (!isBackground && status === 0) writeSync(1, `everystep: ${modules === 0 ? 'there is nothing left to compile' : done}\n`);
    return status;
  } finally {
    lock.release();
  }
}
