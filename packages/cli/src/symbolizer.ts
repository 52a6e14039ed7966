import type { Symbolize } from '@everystep/core';
import type { GuestRun } from './guestRun.ts';

/** Finds the function that an address is in. */
export function symbolizer({ symbols }: Pick<GuestRun, 'symbols'>): Symbolize {
  return (pc) => {
    for (const table of symbols.tables) {
      const symbol = table.functionAt(pc);
      if (symbol !== undefined) return { name: symbol.name, offset: pc - symbol.address };
    }
    return undefined;
  };
}
