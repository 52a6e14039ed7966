import { UserError } from '@everystep/core';
import type { ProcessSymbols } from '../guestRun.ts';
import type { AddressRange } from '../options/addressFilter.ts';
import type { TraceSettings } from './traceOptions.ts';

/**
 * The addresses that `--range` and `--symbol` name; none: all.
 * @param program what messages call the program
 * @throws UserError if there is no such symbol, or it has no code
 */
export function wantedRanges(settings: Pick<TraceSettings, 'ranges' | 'symbols'>, symbols: ProcessSymbols, program: string): readonly AddressRange[] {
  const bySymbol = settings.symbols.map((name) => {
    const symbol = symbols.tables.map((table) => table.find(name)).find((found) => found !== undefined);
    if (symbol === undefined) throw new UserError(`--symbol: there is no symbol '${name}' in ${program}${alike(name, symbols)}`);
    if (symbol.size === 0) throw new UserError(`--symbol: ${program} does not say how long '${name}' is; give --range 0x${symbol.address.toString(16)}+SIZE`);
    return { start: symbol.address, end: symbol.address + symbol.size - 1 };
  });
  return [...settings.ranges, ...bySymbol];
}

/** Names of a few functions that contain the name. */
function alike(name: string, { tables }: ProcessSymbols): string {
  const all = tables.flatMap((table) => table.all.map((symbol) => symbol.name));
  if (all.length === 0) return ' (it has no symbols: use --range)';
  const found = [...new Set(all.filter((each) => each.toLowerCase().includes(name.toLowerCase())))].slice(0, 5);
  return found.length === 0 ? '' : `; there is ${found.join(', ')}`;
}
