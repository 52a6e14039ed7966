import { UserError } from '@everystep/core';

/** Where a debugger connects to. */
export type DebugAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const MOST_PORT = 65535;

/**
 * PORT, ADDRESS:PORT or the path of a socket of the file system's, in which %d is everystep's process number. A port alone is
 * one of this computer's, unlike with QEMU, where it is open to the whole network: who connects can do what the user can.
 * @throws UserError
 */
export function parseDebugAddress(text: string): DebugAddress {
  const [, host = 'localhost', digits] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (digits !== undefined && Number(digits) <= MOST_PORT) return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(digits) };
  if (digits !== undefined || text === '') throw new UserError(`'${text}' is no port: give one from 0 to ${MOST_PORT}, address:port, or the path of a socket`);
  return { path: text.replace('%d', String(process.pid)) };
}

/** As gdb's `target remote` takes it. */
export const debugAddressText = (at: DebugAddress): string => ('path' in at ? at.path : `${at.host === 'localhost' ? '' : at.host}:${at.port}`);
