import { type LinuxProcess, lazy, ObjectFile, type SymbolHost, type SymbolTable, UserError, writtenNames } from '@everystep/core';
import type { AddressRange } from '../options/addressFilter.ts';
import { demangle } from './demangle.ts';
import type { TraceSettings } from './traceOptions.ts';

/** Symbol tables of a program, for names that options have. */
export interface NamedPlaces {
  readonly tables: readonly SymbolTable[];
}

/** Those of a process's program and its dynamic linker, or of files that they have been split off to; read when they are first asked for. */
export function placesIn({ program, programPath }: LinuxProcess, host: SymbolHost): NamedPlaces {
  const { image, interpreter, interpreterPath } = program;
  const tables = lazy(() => {
    const own = new ObjectFile(programPath, image.elf, host).symbolTable(image.bias);
    return interpreter === undefined ? [own] : [own, new ObjectFile(interpreterPath ?? '', interpreter.elf, host).symbolTable(interpreter.bias)];
  });
  return {
    get tables() {
      return tables();
    },
  };
}

/**
 * The addresses of code that `--range` and `--symbol` name; none: all.
 * @param program what messages call the program
 * @throws UserError if there is no such symbol, or it has no code
 */
export function wantedRanges({ ranges, symbols: names }: Pick<TraceSettings, 'ranges' | 'symbols'>, symbols: NamedPlaces, program: string): AddressRange[] {
  return [...ranges, ...names.map((name) => symbolRange('symbol', 'range', name, symbols, program))];
}

/** The addresses that `--data` names; none: it was not given. As `wantedRanges`. */
export function wantedData({ data, dataSymbols }: Pick<TraceSettings, 'data' | 'dataSymbols'>, symbols: NamedPlaces, program: string): AddressRange[] {
  return [...data, ...dataSymbols.map((name) => symbolRange('data', 'data', name, symbols, program))];
}

/** Where a symbol is. @param option which names it @param byAddress the option that takes its address instead */
function symbolRange(option: string, byAddress: string, name: string, symbols: NamedPlaces, program: string): AddressRange {
  const symbol =
    symbols.tables.map((table) => table.find(name)).find((found) => found !== undefined) ??
    symbols.tables.map((table) => writtenNames(table.all, demangle).get(name)).find((found) => found !== undefined);
  if (symbol === undefined) throw new UserError(`--${option}: there is no symbol '${name}' in ${program}${alike(name, symbols, byAddress)}`);
  if (symbol.size === 0)
    throw new UserError(`--${option}: ${program} does not say how long '${name}' is; give --${byAddress} 0x${symbol.address.toString(16)}+SIZE`);
  return { start: symbol.address, end: symbol.address + symbol.size - 1 };
}

/** Names of a few functions that contain the name. */
function alike(name: string, { tables }: NamedPlaces, byAddress: string): string {
  const all = tables.flatMap((table) => table.all.map((symbol) => demangle(symbol.name)));
  if (all.length === 0) return ` (it has no symbols: give addresses, with --${byAddress})`;
  const found = [...new Set(all.filter((each) => each.toLowerCase().includes(name.toLowerCase())))].slice(0, 5);
  return found.length === 0 ? '' : `; there is ${found.join(', ')}`;
}
