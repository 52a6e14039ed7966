import { UserError } from '@everystep/core';
import { parseSize } from './numbers.ts';
import type { OptionRow } from './optionTable.ts';

/** What becomes of translations. */
export interface TranslationOptions {
  /** Folder; undefined: they are not kept. */
  cache: string | undefined;
  /** Most bytes of all files there. */
  cacheSize: number;
  /** Whether a process is left behind that compiles what is kept. */
  compilesLater: boolean;
  /** Whether the engine's statistics are printed in the end. */
  explain: boolean;
}

export const defaultTranslationOptions = (): TranslationOptions => ({ cache: undefined, cacheSize: 2 ** 30, compilesLater: true, explain: false });

const group = 'The engine';

/** Also of `everystep cache`. */
export const CACHE_SIZE: OptionRow<Pick<TranslationOptions, 'cacheSize'>> = {
  names: ['cache-size'],
  argument: 'size',
  equals: true,
  variable: 'EVERYSTEP_CACHE_SIZE',
  group,
  help: 'most bytes of all translations that are kept, or with k, M or G behind the number (default 1G); those not used for longest go first',
  state: 'done',
  apply: (s, value) => {
    s.cacheSize = parseSize(value);
  },
};

export const TRANSLATION_OPTIONS: readonly OptionRow<TranslationOptions>[] = [
  {
    names: ['cache'],
    argument: 'directory',
    equals: true,
    variable: 'EVERYSTEP_CACHE',
    group,
    help: 'keep translations of the code in files there, so that the next run of a program starts sooner; what is there is trusted',
    state: 'done',
    apply: (s, value) => {
      s.cache = value === '' ? undefined : value;
    },
  },
  {
    names: ['explain'],
    variable: 'EVERYSTEP_EXPLAIN',
    group,
    help: 'tell on standard error, in the end, how much code was translated and kept',
    state: 'done',
    apply: (s) => {
      s.explain = true;
    },
  },
  CACHE_SIZE,
  {
    names: ['cache-compile'],
    argument: 'when',
    equals: true,
    variable: 'EVERYSTEP_CACHE_COMPILE',
    group,
    help: "later (default): leave a process of low priority that compiles what has been kept; never: leave that to 'everystep cache'",
    state: 'done',
    apply: (s, value) => {
      if (value !== 'later' && value !== 'never') throw new UserError(`there is no time '${value}'; there are later and never`);
      s.compilesLater = value === 'later';
    },
  },
];
