import type { AddressSpace } from '../../engine/index.ts';
import { byteString, decodeText } from '../byteString.ts';
import { AT_FDCWD } from '../files/pathLookup.ts';
import { signalName } from '../signals/index.ts';
import type { SyscallArguments } from '../syscalls/arguments.ts';
import { FILE_TYPES, type FlagTable, flagText, nameOf, OPEN, OPEN_ACCESS } from './flags.ts';
import { pointerText } from './structures.ts';

/** Prints argument `i`. */
export type Printer = (given: SyscallArguments, i: number, space: AddressSpace) => string;

/** As C's %d, %u and %#o of an int. */
export const d: Printer = (given, i) => `${given.int(i)}`;
export const u: Printer = (given, i) => `${given.unsigned(i)}`;
const octal = (value: number): string => (value === 0 ? '0' : `0${value.toString(8)}`);
export const o: Printer = (given, i) => octal(given.unsigned(i));
/** As %#x of an int: the low half of addresses. */
export const x: Printer = (given, i) => (given.int(i) === 0 ? '0' : `0x${given.unsigned(i).toString(16)}`);
/** As %ld and %lu. */
export const ld: Printer = (given, i) => `${BigInt.asIntN(64, given.long(i))}`;
export const lu: Printer = (given, i) => `${given.long(i)}`;
/** As %p. */
export const p: Printer = (given, i) => (given.long(i) === 0n ? '(nil)' : `0x${given.long(i).toString(16)}`);
/** 16 digits, or NULL. */
export const pointer: Printer = (given, i) => pointerText(given.long(i));

/** The string in quotes, or its address where it cannot be read. */
export const string: Printer = (given, i, space) => {
  const bytes = given.long(i) === 0n ? undefined : space.kernelReadString(given.address(i), 65536);
  return bytes === undefined ? pointerText(given.long(i)) : `"${decodeText(byteString(bytes))}"`;
};

/** The working directory has a name; all 64 bits of the register must say so. */
export const dirfd: Printer = (given, i, space) => (BigInt.asIntN(64, given.long(i)) === BigInt(AT_FDCWD) ? 'AT_FDCWD' : d(given, i, space));

export const flags =
  (table: FlagTable): Printer =>
  (given, i) =>
    flagText(table, given.unsigned(i));

export const name =
  (names: ReadonlyMap<number, string>): Printer =>
  (given, i) =>
    nameOf(names, given.int(i));

/** Access mode and flags of open. */
export const openFlags = (value: number): string => {
  const access = flagText(OPEN_ACCESS, value & 3);
  return (value & ~3) === 0 ? access : `${access}|${flagText(OPEN, value & ~3)}`;
};

/** A file's mode: its type by name, which is the first whose bits are all there. */
export const modeText = (mode: number): string => {
  const type = [...FILE_TYPES].find(([bits]) => (mode & bits) === bits);
  return type === undefined ? octal(mode >>> 0) : `${type[1]}|${octal((mode & ~0o170000) >>> 0)}`;
};
export const mode: Printer = (given, i) => modeText(given.unsigned(i));

/** QEMU's name of a signal: one differs from the usual. */
export const signalLabel = (signal: number): string => (signal === 6 ? 'SIGIOT' : signalName(signal));
export const signal: Printer = (given, i) => {
  const number = BigInt.asIntN(64, given.long(i));
  return number > 0n && number < 32n ? signalLabel(Number(number)) : `${number}`;
};
