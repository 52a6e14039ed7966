import { UserError } from '@everystep/core';
import { parseUnsigned } from './numbers.ts';

/** Guest addresses `start` to `end`, both included. Bounds at or above 2^53 are rounded to infinity. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** A bound as a number that compares rightly with addresses below 2^53. */
const bound = (value: bigint): number => (value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value));

/**
 * Parses what `-dfilter` takes: a list of `start+size`, `end-size` (the `size` addresses up to and with `end`) or
 * `start..end`, as QEMU reads it.
 * @throws UserError
 */
export function parseAddressRanges(list: string): AddressRange[] {
  return list.split(',').map((text) => {
    // QEMU looks for the operators in this order, so that `1..2-3` is a range that ends at `1..2`, and wrong.
    const operator = ['-', '+', '..'].find((each) => text.includes(each));
    if (operator === undefined) throw new UserError(`'${text}' is no address range: give start+size, end-size or start..end`);
    const at = text.indexOf(operator);
    const left = parseUnsigned(text.slice(0, at));
    const right = parseUnsigned(text.slice(at + operator.length));
    if (left === undefined || right === undefined) {
      throw new UserError(`'${left === undefined ? text.slice(0, at) : text.slice(at + operator.length)}' in the address range '${text}' is no number`);
    }
    let start = left;
    let end = right;
    if (operator === '+') end = BigInt.asUintN(64, left + right - 1n);
    else if (operator === '-') [start, end] = [BigInt.asUintN(64, left - (right - 1n)), left];
    if (start > end) throw new UserError(`the address range '${text}' is empty`);
    return { start: bound(start), end: bound(end) };
  });
}

/** Whether `address` is in one of the ranges. */
export function inRanges(ranges: readonly AddressRange[], address: number): boolean {
  for (const { start, end } of ranges) if (address >= start && address <= end) return true;
  return false;
}
