import { signalName, type Trigger, type TriggerPlace, type Triggers, UserError } from '@everystep/core';
import { splitList } from '../options/lists.ts';
import { parseCount, parsePositiveCount, parseUnsigned } from '../options/numbers.ts';
import type { OptionRow } from '../options/optionTable.ts';

/** When stretches that are traced begin and end. */
export interface TriggerSettings {
  /** As on the command line. */
  readonly start: string[];
  readonly stop: string[];
  isNested: boolean;
  /** Most stretches. */
  windows: number;
}

export function defaultTriggers(): TriggerSettings {
  return { start: [], stop: [], isNested: false, windows: Number.POSITIVE_INFINITY };
}

export const hasTriggers = ({ start, stop }: TriggerSettings): boolean => start.length > 0 || stop.length > 0;

/** Highest signal number. */
const LAST_SIGNAL = 64;

const WHEN = 'When to trace (default: from the start to the end)';

/** Options that say when a trace begins and ends. */
export const TRIGGER_OPTIONS: readonly OptionRow<TriggerSettings>[] = [
  {
    names: ['start'],
    argument: 'trigger',
    equals: true,
    group: WHEN,
    help: 'trace from here on, see Triggers; may be repeated: any of them',
    state: 'done',
    apply: (s, value) => void s.start.push(value),
  },
  {
    names: ['stop'],
    argument: 'trigger',
    equals: true,
    group: WHEN,
    help: 'trace up to here, until the next --start if there is one; may be repeated',
    state: 'done',
    apply: (s, value) => void s.stop.push(value),
  },
  {
    names: ['nested'],
    group: WHEN,
    help: 'each --start has a --stop of its own: the outermost pair counts',
    state: 'done',
    apply: (s) => {
      s.isNested = true;
    },
  },
  {
    names: ['windows'],
    argument: 'number',
    equals: true,
    group: WHEN,
    help: 'no more stretches from --start to --stop than this',
    state: 'done',
    apply: (s, value) => {
      s.windows = parsePositiveCount(value);
    },
  },
];

/** What there is in a program that triggers can be about. */
export interface TriggerFacts {
  /** Whether there may be a function of a name, now or once a library is there. */
  readonly mayBe: (name: string) => boolean;
  readonly hasRegister: (name: string) => boolean;
  readonly hasSyscall: (name: string) => boolean;
}

/** @throws UserError where options about stretches are given, but none that begin or end these */
export function checkTriggers({ start, stop, isNested, windows }: TriggerSettings): void {
  if (isNested && (start.length === 0 || stop.length === 0)) throw new UserError('--nested is about pairs of triggers: give --start and --stop');
  if (windows !== Number.POSITIVE_INFINITY && start.length === 0) throw new UserError('--windows counts stretches that --start begins: give a --start');
}

/** What did not come of what triggers wait for, a sentence each. */
export function missedTriggers({ start, stop }: TriggerSettings, { unknownNames, haveFired }: Triggers): readonly string[] {
  const unknown = unknownNames.map((name) => `no file that was mapped has a function '${name}' (--start or --stop)`);
  if (unknown.length > 0 || haveFired) return unknown;
  const [waited, outcome] = start.length > 0 ? [start, 'tracing never began (--start)'] : [stop, 'tracing went on to the end (--stop)'];
  return waited.length === 0 ? [] : [`${waited.map((each) => `'${each}'`).join(' or ')} never came: ${outcome}`];
}

/** Lines of help about triggers. */
export const TRIGGER_HELP: readonly string[] = [
  'Triggers:',
  '  main  0x4005d0             before the instruction at a function, of the program or a library, or at an address',
  '  step=5_000_000             when so many instructions have completed',
  '  syscall=write              behind a system call',
  '  signal  signal=SEGV        when a signal reaches a process',
  '  plugin  plugin=NAME        where a plugin says so (api.trigger, docs/plugins.md)',
  '  ...,x0=3                   and a register has this value there',
  '  ...,count=5                from the fifth time on that it is so',
];

/** Parses a trigger. @throws UserError */
export function parseTrigger(text: string, facts: TriggerFacts): Trigger {
  const [where, ...conditions] = splitList(text);
  const registers: { name: string; value: bigint }[] = [];
  let count = 1;
  for (const condition of conditions) {
    const [name, digits] = condition.split('=', 2);
    const value = parseUnsigned(digits ?? '');
    if (value === undefined) throw new UserError(`'${condition}' in the trigger '${text}' is no condition: give REGISTER=NUMBER or count=NUMBER`);
    if (name === 'count') count = Number(value);
    else if (facts.hasRegister(name)) registers.push({ name, value });
    else throw new UserError(`there is no register '${name}' (in the trigger '${text}')`);
  }
  if (count < 1) throw new UserError(`count=0 in the trigger '${text}': the first time is 1`);
  return { place: parsePlace(where, text, facts), registers, count };
}

function parsePlace(where: string, text: string, { mayBe, hasSyscall }: TriggerFacts): TriggerPlace {
  if (where.startsWith('step=')) return { kind: 'step', step: parseCount(where.slice(5)) };
  if (where.startsWith('syscall=')) {
    const name = where.slice(8);
    if (!hasSyscall(name)) throw new UserError(`there is no system call '${name}' (in the trigger '${text}')`);
    return { kind: 'syscall', name };
  }
  if (where === 'signal') return { kind: 'signal', signal: undefined };
  if (where.startsWith('signal=')) return { kind: 'signal', signal: signalNumber(where.slice(7)) };
  if (where === 'plugin') return { kind: 'plugin', name: undefined };
  if (where === 'plugin=') throw new UserError(`plugin= in the trigger '${text}': give the name that the plugin calls api.trigger with, or plugin alone`);
  if (where.startsWith('plugin=')) return { kind: 'plugin', name: where.slice(7) };
  const address = parseUnsigned(where);
  if (address !== undefined) return { kind: 'pc', pc: Number(address) };
  if (!mayBe(where)) throw new UserError(`there is no function '${where}' in the program (in the trigger '${text}'); give an address`);
  return { kind: 'function', name: where };
}

function signalNumber(name: string): number {
  const number = parseUnsigned(name);
  if (number !== undefined && number >= 1n && number <= BigInt(LAST_SIGNAL)) return Number(number);
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) if ([name, `SIG${name}`].includes(signalName(signal))) return signal;
  throw new UserError(`there is no signal '${name}'`);
}
