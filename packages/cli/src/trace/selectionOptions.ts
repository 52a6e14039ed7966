import { INSN_CLASSES, isPartial, type SelectedName, type Selection, TRACE_LEVELS, type TraceLevel, UserError } from '@everystep/core';
import { type AddressRange, parseAddressRanges } from '../options/addressFilter.ts';
import { splitList } from '../options/lists.ts';
import type { OptionRow } from '../options/optionTable.ts';

/** Which instructions are traced, and what of them. */
export interface SelectionSettings {
  level: TraceLevel;
  readonly ranges: AddressRange[];
  /** Names of functions that the program must have. */
  readonly symbols: string[];
  readonly names: string[];
  readonly withoutNames: string[];
  readonly insns: string[];
  readonly classes: (typeof INSN_CLASSES)[number][];
  readonly registers: string[];
  /** Addresses of data, and names of data that the program must have. */
  readonly data: AddressRange[];
  readonly dataSymbols: string[];
  /** Globs of the file names of processes' programs. */
  readonly processes: string[];
  /** Threads, by the order in which they first run, from 1. */
  readonly threads: number[];
}

export function defaultSelection(): SelectionSettings {
  return {
    level: 'values',
    ranges: [],
    symbols: [],
    names: [],
    withoutNames: [],
    insns: [],
    classes: [],
    registers: [],
    data: [],
    dataSymbols: [],
    processes: [],
    threads: [],
  };
}

/** What the settings select, once symbols have become ranges. */
export function selectionOf(settings: SelectionSettings, { ranges, data }: Pick<SelectionSettings, 'ranges' | 'data'>): Selection {
  const { level, names, withoutNames, insns, classes, registers } = settings;
  return { level, ranges, names, withoutNames, insns, classes, registers, data };
}

/** Whether instructions are left out of the stretch that is traced. */
export function isSelective(settings: SelectionSettings): boolean {
  const { symbols, dataSymbols, registers, processes, threads } = settings;
  return isPartial(selectionOf(settings, settings)) || [symbols, dataSymbols, registers, processes, threads].some(({ length }) => length > 0);
}

/** A sentence for each name of which no code has been. */
export function missedNames(names: readonly SelectedName[]): readonly string[] {
  return names
    .filter(({ isFound }) => !isFound)
    .map(({ kind, name }) =>
      kind === 'code'
        ? `no code that was translated is called '${name}' (--in or --not)`
        : `no instruction '${name}' was translated where it is wanted (--insn)`,
    );
}

const WHICH = 'What to trace (default: everything)';

/** Names with commas between them, but for those in brackets. @throws UserError if one is empty */
export const nameList = (value: string): string[] => {
  const parts = splitList(value);
  if (parts.includes('')) throw new UserError(`'${value}' has an empty name`);
  return parts;
};

function oneOf<T extends string>(value: string, known: readonly T[], what: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new UserError(`'${value}' is no ${what}: there are ${known.join(', ')}`);
  return found;
}

function threadNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new UserError(`'${text}' is no thread: the first that runs is 1, the next 2`);
  return Number(text);
}

/** Options that say what is traced. */
export const SELECTION_OPTIONS: readonly OptionRow<SelectionSettings>[] = [
  {
    names: ['level'],
    argument: 'name',
    equals: true,
    group: WHICH,
    help: `how much of each instruction: ${TRACE_LEVELS.join(', ')} (default values); what is cheaper comes first`,
    state: 'done',
    apply: (s, value) => {
      s.level = oneOf(value, TRACE_LEVELS, 'level');
    },
  },
  {
    names: ['range'],
    argument: 'range[,...]',
    equals: true,
    group: WHICH,
    help: 'instructions at these addresses: start..end (both included), start+size or end-size; may be repeated',
    state: 'done',
    apply: (s, value) => void s.ranges.push(...parseAddressRanges(value)),
  },
  {
    names: ['symbol'],
    argument: 'name[,...]',
    equals: true,
    group: WHICH,
    help: 'instructions of these functions, which the program must have; may be repeated',
    state: 'done',
    apply: (s, value) => void s.symbols.push(...nameList(value)),
  },
  {
    names: ['in'],
    argument: 'glob[,...]',
    equals: true,
    group: WHICH,
    help: 'instructions of functions or mapped files with these names (main, libz.so.1, /usr/lib/*); may be repeated',
    state: 'done',
    apply: (s, value) => void s.names.push(...nameList(value)),
  },
  {
    names: ['not'],
    argument: 'glob[,...]',
    equals: true,
    group: WHICH,
    help: 'no instructions of functions or mapped files with these names (libc.so.6); may be repeated',
    state: 'done',
    apply: (s, value) => void s.withoutNames.push(...nameList(value)),
  },
  {
    names: ['insn'],
    argument: 'glob[,...]',
    equals: true,
    group: WHICH,
    help: "instructions with these mnemonics ('ldr*'); may be repeated",
    state: 'done',
    apply: (s, value) => void s.insns.push(...nameList(value)),
  },
  {
    names: ['class'],
    argument: 'name[,...]',
    equals: true,
    group: WHICH,
    help: `instructions of these kinds: ${INSN_CLASSES.join(', ')}; with --insn: of either`,
    state: 'done',
    apply: (s, value) => void s.classes.push(...nameList(value).map((name) => oneOf(name, INSN_CLASSES, 'class of instructions'))),
  },
  {
    names: ['data'],
    argument: 'range|name[,...]',
    equals: true,
    group: WHICH,
    help: 'instructions that load or store something at these addresses, or of these variables of the program; may be repeated',
    state: 'done',
    apply: (s, value) => {
      for (const each of nameList(value)) {
        if (/^[0-9]/.test(each)) s.data.push(...parseAddressRanges(each));
        else s.dataSymbols.push(each);
      }
    },
  },
  {
    names: ['only-reg'],
    argument: 'glob[,...]',
    equals: true,
    group: WHICH,
    help: "of values, only those of the registers that match, by gdb's names (x*, sp, cpsr, v0), and no memory",
    state: 'done',
    apply: (s, value) => void s.registers.push(...nameList(value)),
  },
  {
    names: ['process'],
    argument: 'glob[,...]',
    equals: true,
    group: WHICH,
    help: "instructions of processes whose program's file has this name (cc1)",
    state: 'done',
    apply: (s, value) => void s.processes.push(...nameList(value)),
  },
  {
    names: ['thread'],
    argument: 'number[,...]',
    equals: true,
    group: WHICH,
    help: 'instructions of these threads: 1 is the first that runs, 2 the next that is new',
    state: 'done',
    apply: (s, value) => void s.threads.push(...nameList(value).map(threadNumber)),
  },
];
