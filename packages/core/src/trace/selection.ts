import { globExpression, UserError } from '../base/index.ts';
import type { InsnClass } from '../guest/index.ts';
import type { StateLayout } from '../ir/index.ts';
import { type AddressSpan, BARE_INSN, FLAGS, type InsnPlace, type InsnWish, type RegisterWish, type TraceLevel, WHOLE_INSN, type Wish } from './wish.ts';

/** Which instructions a trace is about, as command lines say it. Lists that are empty ask for nothing in particular. */
export interface Selection {
  readonly level: TraceLevel;
  /** Addresses of code. */
  readonly ranges: readonly AddressSpan[];
  /** Globs of names of functions, or of files that code is mapped from (`libz.so.1`, or the whole path): see CodeFacts.namesAt. */
  readonly names: readonly string[];
  /** As `names`; what they match is not traced. */
  readonly withoutNames: readonly string[];
  /** Globs of mnemonics, such as `ldr*`. */
  readonly insns: readonly string[];
  readonly classes: readonly InsnClass[];
  /** Globs of gdb's names of registers: only their values are told, and those of memory where nothing else is asked for. */
  readonly registers: readonly string[];
  /** Addresses of data: instructions that load or store some of it. */
  readonly data: readonly AddressSpan[];
}

/** The selection of everything. */
export function selectAll(level: TraceLevel): Selection {
  return { level, ranges: [], names: [], withoutNames: [], insns: [], classes: [], registers: [], data: [] };
}

/** What a selection needs to know of code. Asked when code is translated, of the address space that runs then. */
export interface CodeFacts {
  readonly state: StateLayout;
  /** All names of the function around an address, and of the file that its code is mapped from; the same array for the same names. */
  namesAt(pc: number): readonly string[];
  mnemonicOf(pc: number, word: number): string;
  classesOf(word: number): readonly InsnClass[];
}

/** Whether a selection leaves out any instruction. */
export function isPartial({ ranges, names, withoutNames, insns, classes, data }: Selection): boolean {
  return [ranges, names, withoutNames, insns, classes, data].some(({ length }) => length > 0);
}

/** What a name in a selection has been found to mean so far. */
export interface SelectedName {
  readonly name: string;
  /** Of a function or file that code is from, or of an instruction. */
  readonly kind: 'code' | 'mnemonic';
  /** Some code that has been translated has it. */
  isFound: boolean;
}

/** The wish for what a selection says, and which of its names code has had. */
export interface SelectedWish {
  readonly wish: Wish;
  readonly names: readonly SelectedName[];
}

/** Makes the wish. Selections that are equal have wishes that are. */
export function wishOf(selection: Selection, facts: CodeFacts): SelectedWish {
  const { level, ranges, withoutNames, insns, classes, data } = selection;
  const names = notFound('code', selection.names);
  const without = notFound('code', withoutNames);
  const mnemonics = notFound('mnemonic', insns);
  const isNamed = nameTest(names, facts);
  const isExcluded = nameTest(without, facts);
  const isMnemonicWanted = mnemonicTest(mnemonics, facts);
  const kinds = new Set(classes);
  const detail = detailOf(selection, facts.state);
  const isPlaceWanted = (pc: number): boolean =>
    ((ranges.length === 0 && names.length === 0) || ranges.some(({ start, end }) => pc >= start && pc <= end) || isNamed(pc)) && !isExcluded(pc);
  const isKindWanted = ({ pc, word }: InsnPlace): boolean => {
    if (data.length > 0 && !facts.classesOf(word).some((kind) => kind === 'load' || kind === 'store')) return false;
    if (mnemonics.length === 0 && kinds.size === 0) return true;
    if (kinds.size > 0 && facts.classesOf(word).some((kind) => kinds.has(kind))) return true;
    return isMnemonicWanted(pc, word);
  };
  const isWhole = !isPartial(selection) && selection.registers.length === 0;
  const wish: Wish = {
    key: `trace ${JSON.stringify(selection)}`,
    level,
    isWhole,
    ...(data.length > 0 ? { data } : {}),
    insn: isWhole ? () => detail : (place) => (isPlaceWanted(place.pc) && isKindWanted(place) ? detail : undefined),
  };
  return { wish, names: [...names, ...without, ...mnemonics] };
}

const notFound = (kind: SelectedName['kind'], names: readonly string[]): SelectedName[] => names.map((name) => ({ name, kind, isFound: false }));

/** Tells whether an instruction has one of the mnemonics. */
function mnemonicTest(names: readonly SelectedName[], facts: CodeFacts): (pc: number, word: number) => boolean {
  if (names.length === 0) return () => false;
  const globs = names.map(({ name }) => globExpression(name.toLowerCase()));
  return (pc, word) => {
    const mnemonic = facts.mnemonicOf(pc, word).toLowerCase();
    let isFound = false;
    for (const [i, glob] of globs.entries()) {
      if (!glob.test(mnemonic)) continue;
      (names[i] as SelectedName).isFound = true;
      isFound = true;
    }
    return isFound;
  };
}

/** Tells whether code has one of the names. */
function nameTest(names: readonly SelectedName[], facts: CodeFacts): (pc: number) => boolean {
  if (names.length === 0) return () => false;
  const globs = names.map(({ name }) => globExpression(name));
  const known = new Map<readonly string[], boolean>();
  return (pc) => {
    const called = facts.namesAt(pc);
    let found = known.get(called);
    if (found !== undefined) return found;
    found = false;
    for (const [i, glob] of globs.entries()) {
      if (!called.some((name) => glob.test(name))) continue;
      (names[i] as SelectedName).isFound = true;
      found = true;
    }
    known.set(called, found);
    return found;
  };
}

/** What is wanted of each instruction that is wanted at all. */
function detailOf({ level, registers, data }: Selection, state: StateLayout): InsnWish {
  // Which data it is about is seen by the addresses.
  const memory = data.length > 0 ? 'addresses' : 'none';
  if (level !== 'values') return memory === 'none' ? BARE_INSN : { ...BARE_INSN, memory };
  if (registers.length === 0) return WHOLE_INSN;
  const wish: RegisterWish = { touched: registersNamed(registers, state), always: [] };
  return { before: wish, after: wish, memory };
}

/** Indexes of the visible registers that globs of gdb's names match; FLAGS for cpsr. @throws UserError if one matches none */
export function registersNamed(globs: readonly string[], state: StateLayout): ReadonlySet<number> {
  const named: readonly (readonly [name: string, index: number])[] = [
    ...state.registers.filter(({ visible }) => visible).map(({ name, index }) => [name, index] as const),
    ['cpsr', FLAGS],
    ['nzcv', FLAGS],
  ];
  const found = globs.map((glob) => {
    const test = globExpression(glob.toLowerCase());
    const indexes = named.filter(([name]) => test.test(name)).map(([, index]) => index);
    if (indexes.length === 0) throw new UserError(`there is no register '${glob}' whose values could be kept; gdb's names are meant (x0, sp, cpsr, v0)`);
    return indexes;
  });
  return new Set(found.flat());
}
