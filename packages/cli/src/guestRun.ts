import { writeSync } from 'node:fs';
import {
  Blocked,
  createAArch64,
  createProcess,
  Environment,
  type Host,
  type Kernel,
  LinuxError,
  type LinuxProcess,
  type Machine,
  type MachineHooks,
  type MachineOptions,
  OPTIMISATIONS,
  SymbolTable,
  signalDefault,
  UserError,
} from '@everystep/core';
import { placeOf } from './backtrace.ts';
import { loadDisassembler } from './disassembly/disassembler.ts';
import { engineHooks } from './host/engineHooks.ts';
import { startHostProgram } from './host/hostPrograms.ts';
import { createHost, createSandbox } from './host/index.ts';
import { TranslationFiles } from './host/translationFiles.ts';
import { blockLogHooks, LogFile } from './log/index.ts';
import { outOfMemory, uncaughtSignal } from './messages.ts';
import type { RunSettings } from './options/index.ts';
import { checkSandbox } from './options/sandboxOptions.ts';
import { BUILD } from './version.ts';

/** Symbols of the files that make a process: the program and its dynamic linker. */
export interface ProcessSymbols {
  readonly tables: readonly SymbolTable[];
  /** What QEMU's logs call the function around an address; '' where they name none. */
  nameAt(address: number): string;
}

/** A guest that is ready to run. */
export interface GuestRun {
  readonly machine: Machine;
  readonly kernel: Kernel;
  /** The first process. */
  readonly process: LinuxProcess;
  readonly symbols: ProcessSymbols;
  /** The log of `-d` and `-strace`; undefined if nothing is logged. */
  readonly log: LogFile | undefined;
  /** Takes what plugins say, where -d plugin asks for that. */
  readonly logPlugins: ((text: string) => void) | undefined;
}

/** What stands between a guest and what it runs on, where somebody writes down all that passes. */
export interface GuestSeams {
  /** Makes the machine that runs the guest. */
  readonly createMachine?: (options: MachineOptions) => Machine;
  /** The host as the guest's kernel is to see it. */
  readonly host?: (host: Host) => Host;
}

/**
 * Makes a guest's process as the options say.
 * @param command the program and its arguments
 * @param hooks observers of the machine, beside those of the log
 * @throws UserError
 */
export async function startGuest(settings: RunSettings, command: readonly string[], hooks: MachineHooks = {}, seams: GuestSeams = {}): Promise<GuestRun> {
  checkOptimisations(settings.disabled);
  const { logItems: items } = settings;
  const log = [...items].some((item) => item !== 'nochain') ? new LogFile(settings.logFile?.replace('%d', String(process.pid))) : undefined;
  const write = (text: string): void => log?.write(text);
  const guest = createAArch64(settings.cpu);
  const disassemble = items.has('in_asm') ? await loadDisassembler() : undefined;
  let run: GuestRun | undefined;
  const nameAt = (address: number): string => run?.symbols.nameAt(address) ?? '';
  const cpu = () => (run as GuestRun).machine.cpu;
  const { logRanges: ranges, oneInsnPerBlock } = settings;
  const logHooks = log === undefined ? {} : blockLogHooks({ guest, items, ranges, oneInsnPerBlock, write, nameAt, cpu, disassemble });
  const [program] = command;
  const { host, visible, sysroot } = hostOf(settings, program);
  const translations = translationFiles(settings);
  try {
    const {
      machine,
      process: linux,
      kernel,
    } = createProcess({
      guest,
      host: seams.host === undefined ? host : seams.host(host),
      program: visible,
      argv: guestArguments(settings, command),
      environment: guestEnvironment(settings),
      options: {
        ...(settings.stackSize === undefined ? {} : { stackSize: settings.stackSize }),
        ...(settings.seed === undefined ? {} : { seed: settings.seed }),
        ...(settings.release === undefined ? {} : { release: settings.release }),
        sysroot,
        ...(seams.createMachine === undefined ? {} : { createMachine: seams.createMachine }),
        ...(settings.memory === undefined ? {} : { memoryLimit: settings.memory }),
        machine: {
          hooks: { ...logHooks, ...engineHooks(), ...hooks },
          oneInsnPerBlock,
          noChain: items.has('nochain'),
          disabled: settings.disabled,
          ...(translations === undefined ? {} : { translations }),
        },
        log: {
          ...(items.has('page') ? { page: write } : {}),
          ...(items.has('strace') ? { strace: write } : {}),
          ...(items.has('unimp') ? { unimplemented: (line: string) => write(`${line}\n`) } : {}),
        },
      },
    });
    // Guest and log may share a terminal or a pipe: what was logged before a system call comes before its output.
    if (log?.shared) kernel.observers.push({ enter: () => log.flush() });
    kernel.events.uncaught = (process, signal) => {
      if (signalDefault(signal) === 'core') tellOnStandardError(process, uncaughtSignal(signal));
    };
    if (settings.execHost) {
      kernel.startHostProgram = (request) => {
        // Node tells of its end when the event loop turns.
        kernel.wantsTurns = true;
        return startHostProgram(request);
      };
    }
    kernel.events.outOfMemory = (process) => {
      const { pc } = machine;
      const place = placeOf({ symbols: processSymbols(process) }, pc);
      tellUser(outOfMemory({ pid: process.pid, pc, place, waitsIn: undefined }, machine.space.capacity));
    };
    run = { machine, kernel, process: linux, symbols: processSymbols(linux), log, logPlugins: items.has('plugin') ? write : undefined };
  } catch (error) {
    log?.close();
    throw error;
  }
  return run;
}

/** The system that the guest runs on, and where it has the program and the sysroot. */
function hostOf(settings: RunSettings, program: string): { readonly host: Host; readonly visible: string; readonly sysroot: string } {
  const { sandbox, libraryPrefix, directories, network } = settings;
  checkSandbox(settings);
  if (sandbox && settings.execHost) throw new UserError('--exec-host=allow: a program of the host would leave the sandbox: leave one of them out');
  if (!sandbox) return { host: createHost(), visible: program, sysroot: libraryPrefix };
  const host = createSandbox({ root: libraryPrefix, directories, network });
  return { host, visible: host.showProgram(program), sysroot: '' };
}

function translationFiles({ cache, cacheSize, cpu }: RunSettings): TranslationFiles | undefined {
  return cache === undefined ? undefined : new TranslationFiles(cache, `${BUILD} ${cpu}`, cacheSize, tellUser);
}

/** What of the environment a program in a sandbox gets, besides what -E says: the rest may hold secrets. */
function harmless({ LANG, TERM, TZ }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries({ LANG, TERM, TZ }).filter(([, value]) => value !== undefined);
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', ...Object.fromEntries(kept) };
}

/** Writes to everystep's own standard error, if anybody reads it. */
function tellUser(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // The exit status still tells.
  }
}

/** Writes to what the process has as its standard error, if that takes it. */
function tellOnStandardError({ files }: LinuxProcess, text: string): void {
  if (!files.has(2)) return;
  try {
    files.get(2).write(Buffer.from(text));
  } catch (error) {
    // Nobody reads it, or there is no room.
    if (!(error instanceof LinuxError || error instanceof Blocked)) throw error;
  }
}

/** @throws UserError if there is no optimisation of one of these names */
export function checkOptimisations(names: Iterable<string>): void {
  for (const name of names) {
    if (!(name in OPTIMISATIONS)) throw new UserError(`--no-opt: there is no optimisation '${name}'; there are ${Object.keys(OPTIMISATIONS).join(', ')}`);
  }
}

/** What the program gets as its arguments. @param command its file, and the others */
export const guestArguments = ({ argv0 }: RunSettings, [program, ...rest]: readonly string[]): readonly string[] => [argv0 ?? program, ...rest];

/** The guest's environment, NAME=value each: the host's, or what of it a sandbox gets, changed by -E and -U in their order. */
export function guestEnvironment({ sandbox, environmentEdits }: RunSettings): readonly string[] {
  const host = sandbox ? harmless(process.env) : process.env;
  const environment = new Environment(Object.entries(host).map(([name, value]) => `${name}=${value}`));
  for (const edit of environmentEdits) {
    if (edit.kind === 'set') environment.set(edit.assignment);
    else environment.unset(edit.name);
  }
  return environment.assignments;
}

/** Symbols of a process's program. The tables are read when the first name is asked for: only logs and traces need them. */
export function processSymbols({ program }: LinuxProcess): ProcessSymbols {
  let tables: readonly SymbolTable[] | undefined;
  const images = program.interpreter === undefined ? [program.image] : [program.image, program.interpreter];
  const all = (): readonly SymbolTable[] => {
    tables ??= images.map((image) => new SymbolTable(image.elf, image.bias));
    return tables;
  };
  return {
    get tables() {
      return all();
    },
    nameAt(address) {
      for (const table of all()) {
        const name = table.nameAt(address);
        if (name !== '') return name;
      }
      return '';
    },
  };
}
