import type { IrBuilder, Value } from './builder.ts';
import type { Ty } from './ops.ts';

/**
 * A function that IR calls where no short sequence of ops does the job. One of two kinds:
 * - `body`: straight-line IR over its arguments (numeric ops, constants, other helpers), compiled to Wasm; any types.
 * - `host`: JavaScript, for rare paths only; takes and gives i32 (number) and i64 (bigint) alone, since guest floats
 *   never cross into JavaScript as numbers (NaN payloads would be lost).
 */
export interface Helper<A extends readonly Ty[] = readonly Ty[], R extends Ty = Ty> {
  /** Unique among all helpers of a guest; the import or function name in the module. */
  readonly name: string;
  readonly args: A;
  readonly result: R;
  /** True if equal arguments give equal results and nothing else happens: calls may be moved or dropped. */
  readonly pure: boolean;
  readonly body?: (ir: IrBuilder, ...args: never[]) => Value<R>;
  readonly host?: (...args: never[]) => number | bigint;
}

type HostArgs<A extends readonly Ty[]> = { -readonly [K in keyof A]: A[K] extends 'i32' ? number : bigint };
type BodyArgs<A extends readonly Ty[]> = { -readonly [K in keyof A]: Value<A[K]> };

/** Declares a helper in JavaScript. i32 arguments arrive as signed numbers, i64 as signed bigints; the result is wrapped. */
export function hostHelper<const A extends readonly ('i32' | 'i64')[], R extends 'i32' | 'i64'>(
  name: string,
  args: A,
  result: R,
  host: (...args: HostArgs<A>) => R extends 'i32' ? number : bigint,
  pure = true,
): Helper<A, R> {
  return { name, args, result, pure, host: host as unknown as NonNullable<Helper['host']> };
}

/** Declares a helper whose body is IR. */
export function irHelper<const A extends readonly Ty[], R extends Ty>(
  name: string,
  args: A,
  result: R,
  body: (ir: IrBuilder, ...args: BodyArgs<A>) => Value<R>,
): Helper<A, R> {
  return { name, args, result, pure: true, body: body as unknown as NonNullable<Helper<A, R>['body']> };
}
