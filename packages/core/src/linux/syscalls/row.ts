import { Errno, type ErrnoName, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import type { ArgumentKind, SyscallArguments } from './arguments.ts';

/**
 * What a handler gives: the value for the result register; or that it set the registers itself; or that the thread has
 * ended. Failures are thrown as LinuxError; a handler that must wait throws Blocked.
 */
export type SyscallResult = number | bigint | 'changed' | 'ended';

/** A system call that everystep implements. */
export interface SyscallRow {
  readonly name: string;
  /** Types of the arguments that it looks at, in C. */
  readonly types: readonly string[];
  /** A call that always fails: with what, and why, as the documentation says it. */
  readonly refused?: { readonly errno: ErrnoName; readonly why: string } | undefined;
  run(process: LinuxProcess, given: SyscallArguments): SyscallResult;
}

type Values<Kinds extends readonly ArgumentKind[]> = { [K in keyof Kinds]: Kinds[K] extends ArgumentKind<infer T> ? T : never };

/** Takes the arguments and calls the handler, for the numbers of arguments that most calls have without an array. */
function argumentTaker(kinds: readonly ArgumentKind[], call: (process: LinuxProcess, ...values: unknown[]) => SyscallResult): SyscallRow['run'] {
  const [a, b, c] = kinds as readonly [ArgumentKind, ArgumentKind, ArgumentKind];
  switch (kinds.length) {
    case 0:
      return (process) => call(process);
    case 1:
      return (process, given) => call(process, a(given, 0));
    case 2:
      return (process, given) => call(process, a(given, 0), b(given, 1));
    case 3:
      return (process, given) => call(process, a(given, 0), b(given, 1), c(given, 2));
    default:
      return (process, given) => call(process, ...kinds.map((kind, i) => kind(given, i)));
  }
}

/**
 * A row of the system call table.
 * @param kinds how the arguments are taken from the registers, in order
 * @param handler completes the call, or throws LinuxError, or Blocked to be called again later
 */
export function row<const Kinds extends readonly ArgumentKind[]>(
  name: string,
  kinds: Kinds,
  handler: (process: LinuxProcess, ...values: Values<Kinds>) => SyscallResult,
): SyscallRow {
  return {
    name,
    types: kinds.flatMap(({ type }) => (type === undefined ? [] : [type])),
    run: argumentTaker(kinds, handler as (process: LinuxProcess, ...values: unknown[]) => SyscallResult),
  };
}

/** A row of a call that always fails, because everystep can or will not do it: unlike one without a row, it says so as Linux would. */
export function refusal(name: string, errno: ErrnoName, why: string): SyscallRow {
  return {
    name,
    types: [],
    refused: { errno, why },
    run: () => {
      throw new LinuxError(Errno[errno]);
    },
  };
}
