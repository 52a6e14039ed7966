import { writeSync } from 'node:fs';
import { outputObserver, Replayer, ReplayRun, recordedGuest, UserError } from '@everystep/core';
import { checkOptimisations } from '../guestRun.ts';
import { engineHooks } from '../host/engineHooks.ts';
import { LogFile } from '../log/index.ts';
import { parseOperands } from '../options/parseOperands.ts';
import { loadPlugins } from '../plugins/loadPlugins.ts';
import { recordedFileReader } from '../record/recordedFiles.ts';
import { openRecording } from '../record/recordingFolder.ts';
import { defaultReplaySettings, type ReplaySettings, replayOptions } from '../record/replayOptions.ts';
import { writeOutput } from '../record/writeOutput.ts';
import { grouped } from '../trace/progress.ts';
import { symbolHost } from '../trace/symbolHost.ts';

/** What `-d` can be told. */
const LOGGED: ReadonlySet<string> = new Set(['plugin', 'nochain']);

/**
 * `everystep replay`: runs a recording again.
 * @param argv what follows `replay`
 * @returns the exit status: 0 if it does what the recorded run did
 */
export async function replayCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultReplaySettings();
  const paths = parseOperands('everystep replay', replayOptions(), settings, argv, { environment: process.env });
  if (paths === undefined) return 0;
  if (paths.length > 1) throw new UserError(`one recording at a time, not '${paths.join(' ')}'`);
  return replay(paths[0] ?? settings.folder, settings);
}

async function replay(path: string, settings: ReplaySettings): Promise<number> {
  const { disabled, oneInsnPerBlock, logItems: items, plugins: specs } = settings;
  const journal = openRecording(path);
  const guest = recordedGuest(journal);
  checkOptimisations(disabled);
  for (const item of items)
    if (!LOGGED.has(item)) throw new UserError(`-d ${item}: a replay logs nothing of that (everystep export and everystep syscalls show it of recordings)`);
  const symbols = symbolHost(recordedFileReader(path, journal));
  const { argv } = journal.header;
  const plugins = specs.length === 0 ? undefined : await loadPlugins(specs, guest, argv, (line) => writeSync(2, line), symbols);
  const hooks = { ...engineHooks(), ...plugins?.host.hooks };
  const replayer = new Replayer({ guest, journal, machine: { hooks, disabled, oneInsnPerBlock, noChain: items.has('nochain') } });
  const log = items.has('plugin') ? new LogFile(settings.logFile?.replace('%d', String(process.pid))) : undefined;
  try {
    const write = writeOutput();
    if (settings.showsOutput)
      replayer.observer = outputObserver(replayer, (output) => {
        log?.flush();
        write(output);
      });
    plugins?.startWith((host) => host.attachRun(replayer.machine, new ReplayRun(replayer, symbols)), log && ((text) => log.write(text)));
    while (replayer.run(settings.to) === 'stop' && plugins?.host.exitStatus === undefined) {
      // Whoever stopped it has done what there was to do.
    }
    plugins?.host.finish();
  } finally {
    log?.close();
  }
  const { end, lastStep } = journal;
  const part = replayer.steps < lastStep ? `${grouped(replayer.steps)} of ${grouped(lastStep)}` : `all ${grouped(lastStep)}`;
  writeSync(2, `everystep: replayed ${part} instructions: the same as recorded\n`);
  if (end === undefined) writeSync(2, 'everystep: the recording is incomplete: whoever made it was interrupted\n');
  return plugins?.host.exitStatus ?? 0;
}
