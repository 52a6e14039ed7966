import { UserError } from '@everystep/core';
import { parseCount, parseSeconds, parseSize } from './numbers.ts';
import type { OptionRow } from './optionTable.ts';

/** What bounds the guest's run. */
export interface LimitOptions {
  /** Most bytes of memory that all processes have at a time; undefined: as many as everystep can hold. */
  memory: number | undefined;
  /** Most instructions of all threads; Infinity: any number. */
  maxSteps: number;
  /** Most seconds of wall time; Infinity: any number. */
  timeout: number;
}

export const defaultLimitOptions = (): LimitOptions => ({ memory: undefined, maxSteps: Number.POSITIVE_INFINITY, timeout: Number.POSITIVE_INFINITY });

/** Below this, no program starts. */
const LEAST_MEMORY = 1 << 20;

const group = 'Limits';

/** For every command that runs a program. */
export const LIMIT_OPTIONS: readonly OptionRow<LimitOptions>[] = [
  {
    names: ['memory'],
    argument: 'size',
    equals: true,
    variable: 'EVERYSTEP_MEMORY',
    group,
    help: 'memory of all processes together, in bytes, or with k, M or G behind the number (default: about 4G); pages count from when they are written first. A process that cannot have more is killed',
    state: 'done',
    apply: (s, value) => {
      s.memory = parseSize(value);
      if (s.memory < LEAST_MEMORY) throw new UserError(`'${value}' is too little for any program: give 1M or more`);
    },
  },
  {
    names: ['max-steps'],
    argument: 'number',
    equals: true,
    variable: 'EVERYSTEP_MAX_STEPS',
    group,
    help: 'end the run after this many instructions of all threads of all processes, with exit status 124',
    state: 'done',
    apply: (s, value) => {
      s.maxSteps = parseCount(value);
    },
  },
  {
    names: ['timeout'],
    argument: 'seconds',
    equals: true,
    variable: 'EVERYSTEP_TIMEOUT',
    group,
    help: 'end the run after this time, fractions allowed, with exit status 124',
    state: 'done',
    apply: (s, value) => {
      s.timeout = parseSeconds(value);
    },
  },
];
