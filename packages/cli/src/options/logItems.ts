import { UserError } from '@everystep/core';

/** What `-d` can log. */
export interface LogItemRow {
  readonly name: string;
  readonly help: string;
  /** If it is not supported: what to do. */
  readonly instead?: string;
}

const item = <Name extends string>(name: Name, help: string): { readonly name: Name; readonly help: string } => ({ name, help });

/** In the order of QEMU's help. */
const SUPPORTED = [
  item('out_asm', 'show the WebAssembly made for each region of blocks'),
  item('in_asm', 'show the guest instructions of each block when it is translated'),
  item('op', 'show the intermediate representation (IR) of each block'),
  item('op_opt', 'show the IR after optimisation'),
  item('exec', 'one line before each block that the dispatcher enters (long)'),
  item('cpu', 'show the CPU registers before each block that the dispatcher enters (very long)'),
  item('fpu', "include the floating-point and vector registers in 'cpu'"),
  item('unimp', 'log what the guest asks for and everystep does not have'),
  item('guest_errors', 'log invalid operations of the guest'),
  item('page', 'show the memory map at the start and after each change'),
  item('nochain', "do not chain blocks, so that 'exec' and 'cpu' show every block"),
  item('plugin', 'output of plugins'),
  item('strace', 'log every system call, its arguments and its result'),
  item('int', 'nothing in user mode, as with QEMU'),
  item('mmu', 'nothing in user mode, as with QEMU'),
  item('pcall', 'nothing on AArch64, as with QEMU'),
] as const;

export type LogItem = (typeof SUPPORTED)[number]['name'];

const UNSUPPORTED: readonly LogItemRow[] = [
  { name: 'op_ind', help: 'IR before indirect lowering', instead: "everystep's IR has no such stage; use op or op_opt" },
  { name: 'cpu_reset', help: 'CPU state before CPU resets', instead: 'use cpu' },
  { name: 'tid', help: 'a log file for each thread', instead: 'leave it out' },
];

/** Every item that a user of QEMU may know. */
export const LOG_ITEMS: readonly LogItemRow[] = [...SUPPORTED, ...UNSUPPORTED];

/**
 * Parses the list that `-d` takes.
 * @throws UserError names the first item that is not known or not supported
 */
export function parseLogItems(list: string): Set<LogItem> {
  const items = new Set<LogItem>();
  for (const name of list.split(',')) {
    if (name === 'all') for (const { name: each } of SUPPORTED) items.add(each);
    else if (name.startsWith('trace:')) throw new UserError("trace events are not supported; 'everystep trace' traces instructions");
    else {
      const supported = SUPPORTED.find((row) => row.name === name);
      const unsupported = UNSUPPORTED.find((row) => row.name === name);
      if (unsupported !== undefined) throw new UserError(`log item '${name}' is not supported: ${unsupported.instead}`);
      if (supported === undefined) throw new UserError(`unknown log item '${name}' (everystep run -d help lists them)`);
      items.add(supported.name);
    }
  }
  return items;
}

/** What `-d help` prints. */
export function logItemHelp(): string {
  const lines = LOG_ITEMS.map(({ name, help, instead }) => `${name.padEnd(15)} ${help}${instead === undefined ? '' : ' (not supported)'}`);
  return ['Log items (comma separated):', ...lines, `${'all'.padEnd(15)} all of them`, ''].join('\n');
}
