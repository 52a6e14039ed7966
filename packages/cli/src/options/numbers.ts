import { UserError } from '@everystep/core';

const UNITS: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, K: 1n << 10n, M: 1n << 20n, G: 1n << 30n };

/**
 * An unsigned number as C's strtoull reads it with base 0: decimal, 0x hexadecimal, or octal after a 0.
 * @returns undefined if the text is anything else, or above 2^64 - 1
 */
export function parseUnsigned(text: string): bigint | undefined {
  let value: bigint;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = BigInt(text);
  else if (/^0[0-7]+$/.test(text)) value = BigInt(`0o${text.slice(1)}`);
  else if (/^(0|[1-9][0-9]*)$/.test(text)) value = BigInt(text);
  else return undefined;
  return value < 1n << 64n ? value : undefined;
}

/**
 * A number of instructions, in which `_` may stand between digits.
 * @throws UserError if it is none, or 2^53 and more
 */
export function parseCount(text: string): number {
  const value = parseUnsigned(text.replaceAll('_', ''));
  if (value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UserError(`'${text}' is no number of instructions`);
  return Number(value);
}

/** As `parseCount`, but not 0. @throws UserError */
export function parsePositiveCount(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new UserError('give a number above 0');
  return count;
}

/** A time in seconds, fractions allowed. @throws UserError if it is none, or 0 */
export function parseSeconds(text: string): number {
  const value = /^([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) ? Number(text) : 0;
  if (value <= 0 || value > Number.MAX_SAFE_INTEGER) throw new UserError(`'${text}' is no time: give seconds above 0, as 10 or 0.5`);
  return value;
}

/**
 * A size in bytes with an optional unit k, K, M or G (powers of 1024).
 * @throws UserError if it is none, or 2^53 and more
 */
export function parseSize(text: string): number {
  const unit = UNITS[text.slice(-1)] === undefined ? '' : text.slice(-1);
  const count = parseUnsigned(text.slice(0, text.length - unit.length));
  const size = count === undefined ? undefined : count * UNITS[unit];
  if (size === undefined || size > Number.MAX_SAFE_INTEGER) throw new UserError(`'${text}' is no size: give bytes, or a number with k, M or G behind it`);
  return Number(size);
}
