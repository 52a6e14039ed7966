import { posix } from 'node:path';
import { UserError } from '@everystep/core';
import type { OptionRow } from './optionTable.ts';

/** A directory of the host's that a sandbox shows. */
export interface SandboxDirectory {
  readonly host: string;
  /** Where the guest sees it: absolute and without a slash at the end. */
  readonly guest: string;
  readonly readOnly: boolean;
}

/** What the guest may do with the host. */
export interface SandboxSettings {
  /** It sees the sysroot and `directories` only. */
  sandbox: boolean;
  readonly directories: SandboxDirectory[];
  /** It may use the host's network, though it is in a sandbox. */
  network: boolean;
}

export const defaultSandboxSettings = (): SandboxSettings => ({ sandbox: false, directories: [], network: false });

/** @throws UserError where options of the sandbox are given without it */
export function checkSandbox({ sandbox, directories, network }: SandboxSettings): void {
  if (sandbox) return;
  if (directories.length > 0) throw new UserError('--dir: without --sandbox the guest sees all that you see: add --sandbox, or leave it out');
  if (network) throw new UserError('--net: without --sandbox the guest has the network anyway: add --sandbox, or leave it out');
}

/** HOST[:GUEST][:ro] */
function parseDirectory(value: string): SandboxDirectory {
  const parts = value.split(':');
  const readOnly = parts.length > 1 && parts.at(-1) === 'ro';
  if (readOnly) parts.pop();
  const [host, given = posix.resolve(host)] = parts;
  if (host === '' || parts.length > 2) throw new UserError(`'${value}' is no HOST[:GUEST][:ro]`);
  if (!given.startsWith('/')) throw new UserError(`'${given}' in '${value}' is no place for the guest to see it: give an absolute path`);
  const guest = posix.normalize(given);
  return { host, guest: guest === '/' ? guest : guest.replace(/\/$/, ''), readOnly };
}

const group = 'The sandbox';

/** For every command that runs a program. */
export const SANDBOX_OPTIONS: readonly OptionRow<SandboxSettings>[] = [
  {
    names: ['sandbox'],
    equals: true,
    variable: 'EVERYSTEP_SANDBOX',
    group,
    help: 'show the program nothing of the host but the sysroot (-L), read-only, and what --dir and --net give; no process of the host, and of its environment only LANG, TERM and TZ',
    state: 'done',
    apply: (s) => {
      s.sandbox = true;
    },
  },
  {
    names: ['dir'],
    argument: 'host[:guest][:ro]',
    equals: true,
    variable: 'EVERYSTEP_DIR',
    group,
    help: 'in a sandbox, a directory of the host, at the same place or another, writable unless ro is said; may be repeated',
    state: 'done',
    apply: (s, value) => void s.directories.push(parseDirectory(value)),
  },
  {
    names: ['net'],
    equals: true,
    variable: 'EVERYSTEP_NET',
    group,
    help: "in a sandbox, the host's network",
    state: 'done',
    apply: (s) => {
      s.network = true;
    },
  },
];
