import { checkFormat, TEXT_FORMATS, type TextFormat, UserError } from '@everystep/core';
import { type AddressRange, parseAddressRanges } from '../options/addressFilter.ts';
import { optionHelp } from '../options/help.ts';
import { LIMIT_OPTIONS } from '../options/limitOptions.ts';
import { parseCount } from '../options/numbers.ts';
import type { OptionRow } from '../options/optionTable.ts';
import { defaultRunSettings, ENGINE_OPTIONS, PROCESS_OPTIONS, type RunSettings } from '../options/runOptions.ts';
import { SANDBOX_OPTIONS } from '../options/sandboxOptions.ts';

export type TraceFormat = TextFormat | 'chunks' | 'none';
export const TRACE_FORMATS: readonly TraceFormat[] = [...TEXT_FORMATS, 'chunks', 'none'];

/** Where `--format chunks` writes without `-o`. */
export const DEFAULT_TRACE_FILE = 'trace.everystep';

/** How a trace is written: for `trace` and `export`. */
export interface OutputSettings {
  format: TraceFormat;
  /** undefined: the format's default. `-`: standard output. */
  output: string | undefined;
  /** Globs of the registers whose changes execlog shows. */
  readonly watchedRegisters: string[];
}

/** What the options of `everystep trace` say. */
export interface TraceSettings extends RunSettings, OutputSettings {
  readonly ranges: AddressRange[];
  readonly symbols: string[];
  /** First step to trace. */
  from: number;
  /** First step not to trace. */
  to: number;
  /** Most instructions to trace. */
  first: number;
}

export function defaultTraceSettings(): TraceSettings {
  return {
    ...defaultRunSettings(),
    format: 'text',
    output: undefined,
    watchedRegisters: [],
    ranges: [],
    symbols: [],
    from: 0,
    to: Number.POSITIVE_INFINITY,
    first: Number.POSITIVE_INFINITY,
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
      argument: 'glob',
      equals: true,
      group: 'Output',
      help: "execlog: also show changes of the registers that match, by gdb's names (x*, sp, cpsr, v0); may be repeated",
      state: 'done',
      apply: (s, value) => void s.watchedRegisters.push(value),
    },
  ];
}

const FILTERS: readonly OptionRow<TraceSettings>[] = [
  {
    names: ['range'],
    argument: 'range[,...]',
    equals: true,
    group: 'What to trace (default: everything)',
    help: 'instructions at these addresses: start..end (both included), start+size or end-size; may be repeated',
    state: 'done',
    apply: (s, value) => void s.ranges.push(...parseAddressRanges(value)),
  },
  {
    names: ['symbol'],
    argument: 'name[,...]',
    equals: true,
    group: 'What to trace (default: everything)',
    help: 'instructions of these functions; may be repeated',
    state: 'done',
    apply: (s, value) => void s.symbols.push(...value.split(',')),
  },
  {
    names: ['from'],
    argument: 'step',
    equals: true,
    group: 'What to trace (default: everything)',
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
    group: 'What to trace (default: everything)',
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
    group: 'What to trace (default: everything)',
    help: 'no more instructions than this; the program runs on without being traced',
    state: 'done',
    apply: (s, value) => {
      s.first = parseCount(value);
      if (s.first === 0) throw new UserError('give a number above 0');
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
    '  text      readable, one line an instruction',
    "  execlog   what QEMU's execlog plugin writes; with --reg also register changes, as since QEMU 9.0",
    '  jsonl     one JSON object an instruction',
    '  callgrind what each instruction, line and call costs, for callgrind_annotate and KCachegrind',
    '  folded    instructions by the functions on the stack, for flame graphs',
    '  lcov      coverage of source lines and branches, for genhtml',
    '  pprof     a profile for go tool pprof',
    '  uftrace   a folder for uftrace: functions as they begin and end',
    '  speedscope, chrome, perfetto',
    '            the same for www.speedscope.app, chrome://tracing and ui.perfetto.dev',
    "  chunks    compact; 'everystep export' turns it into the others",
    '  none      every value is produced and dropped: for measuring',
    '',
    "Text goes to standard output without -o, between the program's own output. A summary goes to standard error.",
    '',
    'Examples:',
    '  everystep trace --first 20 ./hello',
    '  everystep trace --format chunks -o hello.everystep ./hello',
    '  everystep trace --symbol main --format jsonl -o main.jsonl ./hello',
    '',
    "The exit status is the program's; 1 if the trace could not be written, 124 if --max-steps or --timeout ended the run.",
    '',
  ].join('\n');
}

/** The options of `everystep trace`. */
export function traceOptions(): readonly OptionRow<TraceSettings>[] {
  const rows: readonly OptionRow<TraceSettings>[] = [
    ...FILTERS,
    ...outputOptions(TRACE_FORMATS, `standard output; chunks: ${DEFAULT_TRACE_FILE}, uftrace: uftrace.data`),
    ...PROCESS_OPTIONS,
    ...LIMIT_OPTIONS,
    ...SANDBOX_OPTIONS,
    ...ENGINE_OPTIONS,
    { names: ['h', 'help'], group: 'About', help: 'show this help', state: 'done', print: () => traceHelp(rows) },
  ];
  return rows;
}
