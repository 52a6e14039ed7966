import type { Machine } from '../../engine/index.ts';
import { errnoText } from '../errno.ts';
import { SyscallArguments } from '../syscalls/arguments.ts';
import { type Format, wholeFormatOf } from './formats.ts';

/** Results from here up are failures. */
const LARGEST_ERRNO = 4095n;

/** What stands behind a call: its result, or the error that it failed with. */
export function resultText(result: bigint, format: Format | undefined, given: SyscallArguments, space: Machine['space']): string {
  const failed = result < 0n && result >= -LARGEST_ERRNO;
  return failed ? `-1 errno=${-result} (${errnoText(Number(-result))})` : (format?.result?.(result, given, space) ?? `${result}`);
}

/** A system call whose registers are as the guest has given them. */
export interface CallText {
  /** undefined: no call has this number. */
  readonly name: string | undefined;
  /** As `-strace` shows it, but with all of every address: `write(1,0x5500412340,6)`. */
  readonly text: string;
  /** What stands behind it once it is done. @param result as a signed number */
  readonly result: (result: bigint) => string;
}

/** Describes the system call that is about to be made. */
export function callTextOf({ cpu, space, guest }: Pick<Machine, 'cpu' | 'space' | 'guest'>): CallText {
  const { linux } = guest;
  const number = Number(cpu.getByName(linux.syscallNumber) & 0xffff_ffffn);
  const name = linux.syscalls.get(number);
  const given = new SyscallArguments(cpu, space.memory.i32, linux);
  given.load();
  const format = wholeFormatOf(name);
  return {
    name,
    text: format === undefined ? `${name ?? `syscall ${number}`}()` : `${name}(${format.arguments(given, space)})`,
    result: (result) => resultText(result, format, given, space),
  };
}
