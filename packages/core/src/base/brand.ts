/**
 * Branded numbers: plain numbers at run time, distinct types at compile time.
 * Each brand is made in one place only, by the function beside it.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A guest virtual address below 2^53. Addresses at or above 2^53 travel as bigint or as two 32-bit halves. */
export type GuestAddress = Brand<number, 'GuestAddress'>;
/** Number of guest instructions completed since the start of the machine: 0 to 2^53 - 1. */
export type Step = Brand<number, 'Step'>;
/** Number of a block (translation block), unique in one machine, from 1. */
export type BlockId = Brand<number, 'BlockId'>;
/** Byte offset into the machine's linear memory: 0 to 2^32 - 1. */
export type LinearOffset = Brand<number, 'LinearOffset'>;

/** @throws AssertionError if `n` is not an integer in 0 .. 2^53 - 1 */
export function guestAddress(n: number): GuestAddress {
  if (!Number.isSafeInteger(n) || n < 0) throw new AssertionError(`not a guest address: ${n}`);
  return n as GuestAddress;
}
export const step = (n: number): Step => n as Step;
export const blockId = (n: number): BlockId => n as BlockId;
export const linearOffset = (n: number): LinearOffset => (n >>> 0) as LinearOffset;

/** Our own bug: the machine stops. Never used for a guest's fault or a user's mistake. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** A mistake of the user's: one line that says what, where and what to do. The command line exits with status 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** @throws AssertionError with `message` if `condition` does not hold */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The default arm of an exhaustive switch. */
export function assertUnreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
