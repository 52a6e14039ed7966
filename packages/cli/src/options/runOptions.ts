import { CPU_MODEL_NAMES, type CpuModelName, UserError } from '@everystep/core';
import { pluginHelp } from '../plugins/pluginHelp.ts';
import { versionText } from '../version.ts';
import { type AddressRange, parseAddressRanges } from './addressFilter.ts';
import { type DebugAddress, parseDebugAddress } from './debugAddress.ts';
import { defaultLimitOptions, LIMIT_OPTIONS, type LimitOptions } from './limitOptions.ts';
import { type LogItem, logItemHelp, parseLogItems } from './logItems.ts';
import { parseSize, parseUnsigned } from './numbers.ts';
import type { OptionRow } from './optionTable.ts';
import { defaultSandboxSettings, SANDBOX_OPTIONS, type SandboxSettings } from './sandboxOptions.ts';
import { defaultTranslationOptions, TRANSLATION_OPTIONS, type TranslationOptions } from './translationOptions.ts';

/** One `-E` or `-U`. */
export type EnvironmentEdit = { readonly kind: 'set'; readonly assignment: string } | { readonly kind: 'unset'; readonly name: string };

/** What the options of `everystep run` say; the options fill it in. */
export interface RunSettings extends LimitOptions, SandboxSettings, TranslationOptions {
  /** Where guest paths are looked for first (the sysroot). */
  libraryPrefix: string;
  /** In the order in which they were given. */
  readonly environmentEdits: EnvironmentEdit[];
  /** argv[0], if it is not the program's path. */
  argv0: string | undefined;
  /** In bytes; undefined: 8 MiB, or the host's limit if that is more. */
  stackSize: number | undefined;
  /** Makes random numbers repeat. 0 to 2^64 - 1. */
  seed: bigint | undefined;
  /** `uname -r`. */
  release: string | undefined;
  /** Whether the guest may execute programs of the host's own. */
  execHost: boolean;
  cpu: CpuModelName;
  oneInsnPerBlock: boolean;
  /** Names of optimisations to leave out. */
  readonly disabled: Set<string>;
  readonly logItems: Set<LogItem>;
  /** Addresses that in_asm, op, op_opt, out_asm, exec and cpu are limited to. */
  logRanges: readonly AddressRange[] | undefined;
  /** The log's file; undefined: standard error. */
  logFile: string | undefined;
  /** What `-plugin` says, each as given. */
  plugins: string[];
  /** Where to wait for a debugger; undefined: the program runs without. */
  debugAddress: DebugAddress | undefined;
}

/** Settings before any option. */
export function defaultRunSettings(): RunSettings {
  return {
    ...defaultLimitOptions(),
    ...defaultSandboxSettings(),
    ...defaultTranslationOptions(),
    libraryPrefix: '',
    environmentEdits: [],
    argv0: undefined,
    stackSize: undefined,
    seed: undefined,
    release: undefined,
    execHost: false,
    cpu: 'max',
    oneInsnPerBlock: false,
    disabled: new Set(),
    logItems: new Set(),
    logRanges: undefined,
    logFile: undefined,
    plugins: [],
    debugAddress: undefined,
  };
}

function cpuName(text: string): CpuModelName {
  const name = CPU_MODEL_NAMES.find((each) => each === text);
  if (name === undefined) throw new UserError(`there is no CPU '${text}'; there are ${CPU_MODEL_NAMES.join(', ')}`);
  return name;
}

const assignment = (text: string): EnvironmentEdit => {
  if (!text.includes('=')) throw new UserError(`'${text}' is no NAME=value`);
  return { kind: 'set', assignment: text };
};

const variableName = (text: string): EnvironmentEdit => {
  if (text.includes('=')) throw new UserError(`'${text}' is no variable's name`);
  return { kind: 'unset', name: text };
};

/** Options that say how the guest's process is made: for every command that runs one. */
export const PROCESS_OPTIONS: readonly OptionRow<RunSettings>[] = [
  {
    names: ['L'],
    argument: 'path',
    variable: 'EVERYSTEP_LD_PREFIX',
    group: "The program's process",
    help: 'look for the files of the guest (its dynamic linker, its libraries) below path first',
    state: 'done',
    apply: (s, value) => {
      s.libraryPrefix = value;
    },
  },
  {
    names: ['E'],
    argument: 'var=value[,...]',
    variable: 'EVERYSTEP_SET_ENV',
    group: "The program's process",
    help: 'set environment variables of the program; may be repeated',
    state: 'done',
    apply: (s, value) => void s.environmentEdits.push(...value.split(',').map(assignment)),
  },
  {
    names: ['U'],
    argument: 'var[,...]',
    variable: 'EVERYSTEP_UNSET_ENV',
    group: "The program's process",
    help: 'unset environment variables of the program; may be repeated, and the last of -E and -U wins',
    state: 'done',
    apply: (s, value) => void s.environmentEdits.push(...value.split(',').map(variableName)),
  },
  {
    names: ['0'],
    argument: 'argv0',
    variable: 'EVERYSTEP_ARGV0',
    group: "The program's process",
    help: 'give the program argv0 as argv[0] instead of its path',
    state: 'done',
    apply: (s, value) => {
      s.argv0 = value;
    },
  },
  {
    names: ['s'],
    argument: 'size',
    variable: 'EVERYSTEP_STACK_SIZE',
    group: "The program's process",
    help: "stack size in bytes, or with k, M or G behind the number (default 8M, or the host's limit if that is more)",
    state: 'done',
    apply: (s, value) => {
      s.stackSize = parseSize(value);
      if (s.stackSize === 0) throw new UserError('the stack needs a size above 0');
    },
  },
  {
    names: ['seed'],
    argument: 'number',
    variable: 'EVERYSTEP_RAND_SEED',
    group: "The program's process",
    help: 'random numbers that repeat: what the guest gets as random depends on this number only (0 to 2^64 - 1)',
    state: 'done',
    apply: (s, value) => {
      s.seed = parseUnsigned(value);
      if (s.seed === undefined) throw new UserError(`'${value}' is no seed: give a number from 0 to 2^64 - 1`);
    },
  },
  {
    names: ['r'],
    argument: 'uname',
    variable: 'EVERYSTEP_UNAME',
    group: "The program's process",
    help: 'the kernel release that uname tells the program',
    state: 'done',
    apply: (s, value) => {
      s.release = value;
    },
  },
  {
    names: ['exec-host'],
    argument: 'allow|deny',
    equals: true,
    variable: 'EVERYSTEP_EXEC_HOST',
    group: "The program's process",
    help: "whether the program may execute the host's own programs, outside the sysroot; they run on the host, beside everystep (default deny: ENOEXEC)",
    state: 'done',
    apply: (s, value) => {
      if (value !== 'allow' && value !== 'deny') throw new UserError(`'${value}' is neither allow nor deny`);
      s.execHost = value === 'allow';
    },
  },
  {
    names: ['cpu'],
    argument: 'model',
    variable: 'EVERYSTEP_CPU',
    group: "The program's process",
    help: 'the CPU that the program sees (-cpu help lists them; default max: all that everystep has)',
    state: 'done',
    print: (value) => (value === 'help' ? `Available CPUs:\n${CPU_MODEL_NAMES.map((name) => `  ${name}\n`).join('')}` : undefined),
    apply: (s, value) => {
      const [name, property] = value.split(',', 2);
      if (property !== undefined) throw new UserError(`CPU properties ('${property}') are not supported: leave them out`);
      s.cpu = cpuName(name);
    },
  },
  {
    names: ['B'],
    argument: 'address',
    variable: 'EVERYSTEP_GUEST_BASE',
    group: "The program's process",
    help: "accepted, and without effect: the guest's addresses never depend on where its memory lies",
    state: 'done',
    apply: (_, value) => {
      if (parseUnsigned(value) === undefined) throw new UserError(`'${value}' is no address`);
    },
  },
  {
    names: ['R'],
    argument: 'size',
    variable: 'EVERYSTEP_RESERVED_VA',
    group: "The program's process",
    help: 'reserve size bytes of guest address space',
    state: 'not supported',
    instead: 'the guest always has its whole address space; leave it out',
  },
  {
    names: ['p'],
    argument: 'pagesize',
    variable: 'EVERYSTEP_PAGESIZE',
    group: "The program's process",
    help: 'the page size in bytes; only 4096',
    state: 'done',
    apply: (_, value) => {
      if (parseUnsigned(value) !== 4096n) throw new UserError(`a page size of '${value}' is not supported: pages have 4096 bytes; leave it out`);
    },
  },
  {
    names: ['t'],
    argument: 'tsig hsig n[,...]',
    variable: 'EVERYSTEP_RTSIG_MAP',
    group: "The program's process",
    help: "map the guest's real-time signals to others of the host",
    state: 'not supported',
    instead: 'the guest has all its real-time signals; leave it out',
  },
];

/** Options that change how the engine works, never what the guest does. */
export const ENGINE_OPTIONS: readonly OptionRow<RunSettings>[] = [
  {
    names: ['one-insn-per-tb'],
    variable: 'EVERYSTEP_ONE_INSN_PER_TB',
    group: 'The engine',
    help: 'make blocks of one instruction each',
    state: 'done',
    apply: (s) => {
      s.oneInsnPerBlock = true;
    },
  },
  {
    names: ['singlestep'],
    variable: 'EVERYSTEP_SINGLESTEP',
    group: 'The engine',
    help: 'the same, by its older name',
    state: 'done',
    apply: (s) => {
      s.oneInsnPerBlock = true;
    },
  },
  {
    names: ['no-opt'],
    argument: 'name',
    equals: true,
    variable: 'EVERYSTEP_NO_OPT',
    group: 'The engine',
    help: 'leave out an optimisation; may be repeated',
    state: 'done',
    apply: (s, value) => {
      for (const name of value.split(',')) s.disabled.add(name);
    },
  },
  ...TRANSLATION_OPTIONS,
];

const LOG_OPTIONS: readonly OptionRow<RunSettings>[] = [
  {
    names: ['d'],
    argument: 'item[,...]',
    variable: 'EVERYSTEP_LOG',
    group: 'Logging',
    help: 'log these items (-d help lists them)',
    state: 'done',
    print: (value) => (value.split(',').includes('help') ? logItemHelp() : undefined),
    apply: (s, value) => {
      for (const item of parseLogItems(value)) s.logItems.add(item);
    },
  },
  {
    names: ['dfilter'],
    argument: 'range[,...]',
    variable: 'EVERYSTEP_DFILTER',
    group: 'Logging',
    help: 'log blocks in these address ranges only: start+size, end-size or start..end',
    state: 'done',
    apply: (s, value) => {
      s.logRanges = parseAddressRanges(value);
    },
  },
  {
    names: ['D'],
    argument: 'logfile',
    variable: 'EVERYSTEP_LOG_FILENAME',
    group: 'Logging',
    help: 'write the log to logfile, %d in it being the process number (default: standard error)',
    state: 'done',
    apply: (s, value) => {
      if (value.replace('%d', '').includes('%')) throw new UserError(`'${value}' is no name for a log file: only one %d may stand in it`);
      s.logFile = value;
    },
  },
  {
    names: ['strace'],
    variable: 'EVERYSTEP_STRACE',
    group: 'Logging',
    help: 'log system calls, as -d strace',
    state: 'done',
    apply: (s) => void s.logItems.add('strace'),
  },
];

const PLUGIN_OPTION: OptionRow<RunSettings> = {
  names: ['plugin'],
  argument: 'name[,arguments]',
  variable: 'EVERYSTEP_PLUGIN',
  group: 'Plugins',
  help: 'load a plugin, by its name (-plugin help lists them; NAME,help) or a file.js; may be repeated; -d plugin logs its output',
  state: 'done',
  print: (value) => pluginHelp(value),
  apply: (s, value) => void s.plugins.push(value),
};

/** Options that say what to run beside the program, and what to log of it: for commands that run one. */
export const PLUGIN_OPTIONS: readonly OptionRow<RunSettings>[] = [PLUGIN_OPTION, ...LOG_OPTIONS];

const OTHER_OPTIONS: readonly OptionRow<RunSettings>[] = [
  {
    names: ['g'],
    argument: 'port',
    variable: 'EVERYSTEP_GDB',
    group: 'Debugging',
    help: "wait, before the first instruction, for gdb to connect ('target remote :port'); also address:port, where port alone is localhost's, or the path of a socket",
    state: 'done',
    apply: (s, value) => {
      s.debugAddress = parseDebugAddress(value);
    },
  },
  {
    names: ['trace'],
    argument: 'events',
    variable: 'EVERYSTEP_TRACE',
    group: 'Debugging',
    help: "QEMU's trace events",
    state: 'not supported',
    instead: "QEMU's trace events are about QEMU itself; 'everystep trace' traces instructions",
  },
  { names: ['version'], variable: 'EVERYSTEP_VERSION', group: 'About', help: 'show the version', state: 'done', print: () => versionText },
];

const WITHOUT_HELP = [...PROCESS_OPTIONS, ...LIMIT_OPTIONS, ...SANDBOX_OPTIONS, ...ENGINE_OPTIONS, ...PLUGIN_OPTIONS, ...OTHER_OPTIONS];

/** The options of `everystep run`. `help` makes the text that -h prints of the table. */
export function runOptions(help: (rows: readonly OptionRow<RunSettings>[]) => string): readonly OptionRow<RunSettings>[] {
  const rows: readonly OptionRow<RunSettings>[] = [
    ...WITHOUT_HELP,
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => help(rows) },
  ];
  return rows;
}
