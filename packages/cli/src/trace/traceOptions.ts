import {
  checkFormat,
  DEFAULT_FORMAT_SETTINGS,
  type FormatSettings,
  parseTraceLogItems,
  TEXT_FORMATS,
  type TextFormat,
  TRACE_LOG_ITEMS,
  type TraceLogItem,
  UserError,
  WHOLE_TRACE,
} from '@everystep/core';
import { helpOption, optionHelp } from '../options/help.ts';
import { LIMIT_OPTIONS } from '../options/limitOptions.ts';
import { parseCount, parsePositiveCount, parseSize } from '../options/numbers.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultRunSettings, ENGINE_OPTIONS, PLUGIN_OPTIONS, PROCESS_OPTIONS, type RunSettings } from '../options/runOptions.ts';
import { SANDBOX_OPTIONS } from '../options/sandboxOptions.ts';
import { defaultSelection, nameList, SELECTION_OPTIONS, type SelectionSettings } from './selectionOptions.ts';
import { defaultTriggers, TRIGGER_HELP, TRIGGER_OPTIONS, type TriggerSettings } from './triggerOptions.ts';

/** Formats that are tables: a library writes them. */
const TABLE_FORMATS = ['parquet', 'arrow'] as const;
export const isTable = (format: TraceFormat): boolean => TABLE_FORMATS.some((each) => each === format);
/** Formats that 'everystep export' writes. */
type ExportFormat = TextFormat | (typeof TABLE_FORMATS)[number] | 'none';
const WRITTEN_FORMATS: readonly ExportFormat[] = [...TEXT_FORMATS, ...TABLE_FORMATS];
export const EXPORT_FORMATS: readonly ExportFormat[] = [...WRITTEN_FORMATS, 'none'];
export type TraceFormat = ExportFormat | 'chunks';
export const TRACE_FORMATS: readonly TraceFormat[] = [...WRITTEN_FORMATS, 'chunks', 'none'];

/** Where `--format chunks` writes without `-o`. */
export const DEFAULT_TRACE_FILE = 'trace.everystep';

/** How a trace is written: for `trace` and `export`. */
export interface OutputSettings extends FormatSettings {
  format: TraceFormat;
  /** undefined: the format's default. `-`: standard output. */
  output: string | undefined;
  readonly watchedRegisters: string[];
  interval: number;
  traceItems: readonly TraceLogItem[];
}

export const defaultOutputSettings = (): OutputSettings => ({ ...DEFAULT_FORMAT_SETTINGS, format: 'text', output: undefined, watchedRegisters: [] });

/** Which part of a run to trace or export, by steps. */
export interface WindowSettings {
  /** First step. */
  from: number;
  /** First step that is no more part of it. */
  to: number;
  /** Most instructions. */
  first: number;
}

/** What the options of `everystep trace` say. */
export interface TraceSettings extends RunSettings, OutputSettings, WindowSettings, SelectionSettings, TriggerSettings {
  /** Keep only so many instructions, the last ones. */
  last: number;
  /** Most bytes of output. */
  maxSize: number;
  /** When it is reached, what is oldest goes, instead of what is to come. */
  dropsOldest: boolean;
}

export function defaultTraceSettings(): TraceSettings {
  return {
    ...defaultRunSettings(),
    ...defaultOutputSettings(),
    ...WHOLE_TRACE,
    ...defaultSelection(),
    ...defaultTriggers(),
    last: Number.POSITIVE_INFINITY,
    maxSize: Number.POSITIVE_INFINITY,
    dropsOldest: false,
  };
}

/** Options that say how a trace is written. @param formats those that the command writes */
export function outputOptions(formats: readonly TraceFormat[], defaults: string): readonly OptionRow<OutputSettings>[] {
  return [
    {
      names: ['format'],
      argument: 'name',
      equals: true,
      group: 'Output',
      help: `${formats.join(', ')} (default text)`,
      state: 'done',
      apply: (s, value) => {
        s.format = checkFormat(value, formats);
      },
    },
    {
      names: ['o', 'output'],
      argument: 'file',
      equals: true,
      group: 'Output',
      help: `write to file, - being standard output (default: ${defaults})`,
      state: 'done',
      apply: (s, value) => {
        if (value === '') throw new UserError('the file has no name');
        s.output = value;
      },
    },
    {
      names: ['reg'],
      argument: 'glob[,...]',
      equals: true,
      group: 'Output',
      help: "execlog: also show changes of the registers that match, by gdb's names (x*, sp, cpsr, v0); vcd: show these",
      state: 'done',
      apply: (s, value) => void s.watchedRegisters.push(...nameList(value)),
    },
    {
      names: ['interval'],
      argument: 'number',
      equals: true,
      group: 'Output',
      help: `bbv: instructions of an interval (default ${DEFAULT_FORMAT_SETTINGS.interval})`,
      state: 'done',
      apply: (s, value) => {
        s.interval = parsePositiveCount(value);
      },
    },
    {
      names: ['log-items'],
      argument: 'item[,...]',
      equals: true,
      group: 'Output',
      help: `qemu: items of QEMU's -d: ${TRACE_LOG_ITEMS.join(', ')} (default ${DEFAULT_FORMAT_SETTINGS.traceItems.join()})`,
      state: 'done',
      apply: (s, value) => {
        s.traceItems = parseTraceLogItems(value);
      },
    },
  ];
}

/** Options that say which part of a run to trace or export. */
export function windowOptions(group: string, firstHelp: string): readonly OptionRow<WindowSettings>[] {
  return [
    {
      names: ['from'],
      argument: 'step',
      equals: true,
      group,
      help: 'instructions from this step on; a step is the number of instructions completed before',
      state: 'done',
      apply: (s, value) => {
        s.from = parseCount(value);
      },
    },
    {
      names: ['to'],
      argument: 'step',
      equals: true,
      group,
      help: 'instructions before this step',
      state: 'done',
      apply: (s, value) => {
        s.to = parseCount(value);
      },
    },
    {
      names: ['first'],
      argument: 'number',
      equals: true,
      group,
      help: firstHelp,
      state: 'done',
      apply: (s, value) => {
        s.first = parsePositiveCount(value);
      },
    },
  ];
}

/** What `-h` says of the formats, a line each. */
export const FORMAT_LIST: readonly string[] = [
  '  text      readable, one line an instruction',
  "  execlog   what QEMU's execlog plugin writes; with --reg also register changes, as since QEMU 9.0",
  '  jsonl     one JSON object an instruction',
  "  qemu      QEMU's log of -d exec,cpu,in_asm,nochain (--log-items)",
  '  tarmac    Arm Tarmac, for tarmac-trace-utilities',
  '  tenet     for the Tenet plugin of IDA',
  '  spike     the commit log of the Spike simulator',
  '  drcov     covered blocks, for Lighthouse, Cartographer and bncov',
  '  bbv       basic-block vectors of intervals (--interval), for SimPoint',
  '  champsim  64 bytes an instruction, for ChampSim',
  '  vcd       registers (--reg) as waveforms, for GTKWave and Surfer',
  '  callgrind what each instruction, line and call costs, for callgrind_annotate and KCachegrind',
  '  folded    instructions by the functions on the stack, for flame graphs',
  '  lcov      coverage of source lines and branches, for genhtml',
  '  pprof     a profile for go tool pprof',
  '  uftrace   a folder for uftrace: functions as they begin and end',
  '  speedscope, chrome, perfetto',
  '            the same for www.speedscope.app, chrome://tracing and ui.perfetto.dev',
  '  parquet   a table of all values, for DuckDB, Spark, pandas and the like',
  '  arrow     the same table as a stream of Apache Arrow',
];

const AMOUNT: readonly OptionRow<TraceSettings>[] = [
  {
    names: ['last'],
    argument: 'number',
    equals: true,
    group: 'How much to keep (default: everything)',
    help: 'this many instructions, the last before the program ends, crashes, or --stop; chunks: as many or some more',
    state: 'done',
    apply: (s, value) => {
      s.last = parsePositiveCount(value);
    },
  },
  {
    names: ['max-size'],
    argument: 'size',
    equals: true,
    group: 'How much to keep (default: everything)',
    help: 'so many bytes of output, as 500M or 2G; then see --on-full',
    state: 'done',
    apply: (s, value) => {
      s.maxSize = parseSize(value);
    },
  },
  {
    names: ['on-full'],
    argument: 'stop|drop-oldest',
    equals: true,
    group: 'How much to keep (default: everything)',
    help: 'at --max-size: run on without tracing (the default), or, of chunks in a file, drop what is oldest',
    state: 'done',
    apply: (s, value) => {
      if (value !== 'stop' && value !== 'drop-oldest') throw new UserError(`'${value}' is neither stop nor drop-oldest`);
      s.dropsOldest = value === 'drop-oldest';
    },
  },
];

function traceHelp(rows: readonly OptionRow<TraceSettings>[]): string {
  return [
    'usage: everystep trace [options] PROGRAM [arguments]',
    '',
    'Runs a program and writes every instruction that it executes: address, opcode, disassembly, the registers that it',
    'reads and writes with their values, flags and SP included, loads and stores with address, size and datum, and system',
    'calls with what the kernel wrote. Options end at PROGRAM.',
    '',
    optionHelp(rows),
    'Formats:',
    ...FORMAT_LIST,
    "  chunks    compact; 'everystep export' turns it into the others",
    '  none      every value is produced and dropped: for measuring',
    '',
    "Text goes to standard output without -o, between the program's own output. A summary goes to standard error.",
    '',
    ...TRIGGER_HELP,
    '',
    'Examples:',
    '  everystep trace --first 20 ./hello',
    '  everystep trace --format chunks -o hello.everystep ./hello',
    '  everystep trace --symbol main --format jsonl -o main.jsonl ./hello',
    '  everystep trace --level count --class load,store ./hello',
    '  everystep trace --last 100 ./crashes',
    '  everystep trace --start parse --stop syscall=write ./hello',
    '  everystep trace --format chunks -plugin heap -d plugin -D heap.log ./hello',
    '',
    "The exit status is the program's; 1 if the trace could not be written, 124 if --max-steps or --timeout ended the run.",
    '',
  ].join('\n');
}

/** The options of `everystep trace`. */
export function traceOptions(): readonly OptionRow<TraceSettings>[] {
  const rows: readonly OptionRow<TraceSettings>[] = [
    ...SELECTION_OPTIONS,
    ...windowOptions('What to trace (default: everything)', 'no more instructions than this; the program runs on without being traced'),
    ...TRIGGER_OPTIONS,
    ...AMOUNT,
    ...outputOptions(TRACE_FORMATS, `standard output; chunks: ${DEFAULT_TRACE_FILE}, uftrace: uftrace.data`),
    ...PROCESS_OPTIONS,
    ...LIMIT_OPTIONS,
    ...SANDBOX_OPTIONS,
    ...ENGINE_OPTIONS,
    ...PLUGIN_OPTIONS,
    helpOption(() => traceHelp(rows)),
  ];
  return rows;
}
