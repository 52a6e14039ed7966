import { callersOf as callerAddresses, type ElfSymbol, type Machine } from '@everystep/core';

/** Most callers that are told. */
const MOST_FRAMES = 16;

/** Where a call came from. */
export interface Caller {
  /** The address behind the call. */
  readonly pc: number;
  /** Function and offset, `main+0x1c`; '' if no symbol tells. */
  readonly place: string;
}

/** Whose functions are told: a run that goes on, or a moment of a recorded one. */
interface Symbolized {
  readonly symbols: { readonly tables: readonly { functionAt(address: number): Pick<ElfSymbol, 'name' | 'address'> | undefined }[] };
}

/** A stack that can be looked at. */
interface Stack extends Symbolized {
  readonly machine: Pick<Machine, 'cpu' | 'guest' | 'space'>;
}

const functionAt = ({ symbols }: Symbolized, address: number): Pick<ElfSymbol, 'name' | 'address'> | undefined =>
  symbols.tables.map((table) => table.functionAt(address)).find((found) => found !== undefined);

/**
 * Function and offset of an address, `main+0x1c`, or ''.
 * @param within an address in the function: a call that does not return may be its last instruction
 */
export function placeOf(run: Symbolized, address: number, within = address): string {
  const symbol = functionAt(run, within);
  return symbol === undefined ? '' : `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
}

/**
 * Who called the function around `pc`, the nearest first, see callersOf of the core. It is as right as the program keeps its frame
 * records.
 */
export function callersOf(run: Stack, pc: number, most = MOST_FRAMES): readonly Caller[] {
  const { guest, space } = run.machine;
  const isSigreturn = (address: number): boolean => guest.linux.sigreturnCode.every((word, i) => space.fetch32(address + 4 * i) === word);
  const callers = callerAddresses(run.machine, pc, most, (address) => functionAt(run, address)?.address);
  return callers.map((each) => ({ pc: each, place: isSigreturn(each) ? 'signal handler' : placeOf(run, each, each - 1) }));
}
