import { UserError } from '../../base/index.ts';
import type { DebugTarget, ThreadId } from '../target.ts';

/** gdb keeps registers and memory from before. */
const FORGET = 'gdb shows what it knew before until it is told: maintenance flush register-cache';

interface Command {
  readonly usage: string;
  readonly help: string;
  /** @throws UserError */
  run(target: DebugTarget, argument: string, thread: ThreadId | undefined): string | Promise<string>;
}

const number = (text: string): number => {
  const value = Number(text.replaceAll('_', ''));
  if (text === '' || !Number.isSafeInteger(value) || value < 0) throw new UserError(`'${text}' is no number from 0 to 2^53 - 1`);
  return value;
};

const HINTS = [
  'Watchpoints: `watch -l EXPRESSION` watches the address that the expression has now, at full speed. An expression with a',
  'register in it ($sp) makes gdb step through the program instead, which is some thousand times slower.',
];

const WHEN: Command = { usage: 'when', help: 'show how many instructions have been executed', run: ({ step }) => `step ${step}` };

const HISTORY: readonly Command[] = [
  {
    usage: 'goto STEP',
    help: 'go to the moment when so many instructions had been executed',
    run: async (target, argument) => {
      await target.history?.goTo(number(argument));
      return `step ${target.step}\n${FORGET}`;
    },
  },
  {
    usage: 'find-write ADDRESS',
    help: 'go back to the last instruction that wrote the byte at an address',
    run: async (target, argument, thread) => {
      const address = number(argument);
      const step = thread === undefined ? undefined : await target.history?.findWrite(thread.pid, address);
      return step === undefined ? `nothing wrote 0x${address.toString(16)} before step ${target.step}` : `step ${step}\n${FORGET}`;
    },
  },
];

/** Does what gdb's `monitor` command asks for. @returns lines for the user, without the last newline */
export async function monitor(target: DebugTarget, line: string, thread: ThreadId | undefined): Promise<string> {
  const commands = target.history === undefined ? [WHEN] : [WHEN, ...HISTORY];
  const [name, ...rest] = line.trim().split(/\s+/);
  if (name === 'help') {
    const rows = [...commands, { usage: 'help', help: 'show this' }];
    return [...rows.map(({ usage, help }) => `monitor ${usage.padEnd(20)} ${help}`), '', ...HINTS].join('\n');
  }
  const command = commands.find(({ usage }) => usage.split(' ')[0] === name);
  if (command === undefined) return `There is no monitor command '${name}': monitor help lists them`;
  try {
    return await command.run(target, rest.join(' '), thread);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
