import { writeSync } from 'node:fs';
import { runCommand } from './commands/run.ts';
import { helpText } from './helpText.ts';
import { reportFailure } from './messages.ts';
import { versionText } from './version.ts';

/** A subcommand: takes what follows its name, gives the exit status. */
type Command = (argv: readonly string[]) => Promise<number>;

/** Each loads its own code, so that no command pays for another; what `run` needs, the others do, too. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => runCommand,
  gdb: async () => (await import('./commands/gdb.ts')).gdbCommand,
  trace: async () => (await import('./commands/trace.ts')).traceCommand,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  record: async () => (await import('./commands/record.ts')).recordCommand,
  replay: async () => (await import('./commands/replay.ts')).replayCommand,
  pack: async () => (await import('./commands/pack.ts')).packCommand,
  index: async () => (await import('./commands/makeIndex.ts')).makeIndexCommand,
  'check-recording': async () => (await import('./commands/checkRecording.ts')).checkRecordingCommand,
  diff: async () => (await import('./commands/diff.ts')).diffCommand,
  query: async () => (await import('./commands/query.ts')).queryCommand,
  at: async () => (await import('./commands/at.ts')).atCommand,
  'who-wrote': async () => (await import('./commands/whoWrote.ts')).whoWroteCommand,
  executions: async () => (await import('./commands/executions.ts')).executionsCommand,
  why: async () => (await import('./commands/why.ts')).whyCommand,
  calls: async () => (await import('./commands/calls.ts')).callsCommand,
  syscalls: async () => (await import('./commands/syscalls.ts')).syscallsCommand,
  stdout: async () => (await import('./commands/stdout.ts')).stdoutCommand,
  cache: async () => (await import('./commands/cache.ts')).cacheCommand,
  'check-trace': async () => (await import('./commands/checkTrace.ts')).checkTraceCommand,
};

const print = (text: string): number => {
  writeSync(1, text);
  return 0;
};

/**
 * Runs one command line.
 * @param argv without node and script
 * @returns the exit status
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) {
    writeSync(2, helpText);
    return 2;
  }
  if (name === 'help' && rest.length === 0) return print(helpText);
  if (['-h', '-help', '--help'].includes(name)) return print(helpText);
  if (['version', '-version', '--version', '-V'].includes(name)) return print(versionText);
  const load = COMMANDS[name === 'help' ? rest[0] : name];
  if (load === undefined) {
    const hint = name.startsWith('-') || name === 'help' ? '' : `; to run a program: everystep run ${name}`;
    writeSync(2, `everystep: there is no command '${name === 'help' ? rest[0] : name}' (everystep help lists them)${hint}\n`);
    return 2;
  }
  const command = await load();
  return command(name === 'help' ? ['-h'] : rest);
}

/** SIGUSR1 makes Node wait for a debugger, until somebody has listened for it: from then on it ends the process, as others do. */
function refuseDebugger(): void {
  const listener = (): void => {};
  process.on('SIGUSR1', listener);
  process.off('SIGUSR1', listener);
}

/** The process's entry: runs its command line, reports a failure, and ends. */
export async function start(): Promise<void> {
  refuseDebugger();
  let status: number;
  try {
    status = await main(process.argv.slice(2));
  } catch (error) {
    status = reportFailure(error);
  }
  process.exit(status);
}
