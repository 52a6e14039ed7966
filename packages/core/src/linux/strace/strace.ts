import type { SyscallObserver } from '../process.ts';
import type { SignalSender } from '../signals/index.ts';
import { resultText } from './callText.ts';
import { formatOf } from './formats.ts';
import { signalLabel } from './printers.ts';
import { hexAddress } from './structures.ts';

/** si_code of signals that no instruction raised. */
const SENDERS: ReadonlyMap<number, string> = new Map([
  [0, 'SI_USER'],
  [0x80, 'SI_KERNEL'],
  [-1, 'SI_QUEUE'],
  [-2, 'SI_TIMER'],
  [-6, 'SI_TKILL'],
]);

function senderText({ pid, uid, value, status }: SignalSender): string {
  const who = `si_pid=${pid}, si_uid=${uid}`;
  if (status !== undefined) return `${who}, si_status=${status}, si_utime=0, si_stime=0`;
  return value === undefined ? who : `${who}, si_sigval=${BigInt.asIntN(32, value)}`;
}

/** Calls that do not return. */
const ENDING = new Set(['exit', 'exit_group']);

/**
 * An observer that writes system calls as `qemu-aarch64 -strace` does: the call when it begins, its result when it ends,
 * so that what the call itself prints stands between.
 * @param write takes pieces of text
 */
export function createStrace(write: (text: string) => void): SyscallObserver {
  return {
    enter({ process: { pid, space }, number, name, given }) {
      const format = formatOf(name);
      if (format === undefined) write(`${pid} Unknown syscall ${number}\n`);
      else write(`${pid} ${name}(${format.arguments(given, space)})${ENDING.has(name as string) ? '\n' : ''}`);
    },
    leave({ process: { space }, name, given }, result, restarts) {
      const format = formatOf(name);
      // Numbers of QEMU's own, which programs never see.
      if (restarts) write(' = -1 errno=512 (To be restarted)\n');
      else if (name === 'rt_sigreturn') write(' = -1 errno=513 (Successful exit from sigreturn)\n');
      if (format === undefined || result === undefined) return;
      write(` = ${resultText(result, format, given, space)}\n`);
    },
    signal({ signal, code, origin }) {
      const source = 'address' in origin ? `si_addr=${hexAddress(origin.address)}` : senderText(origin);
      const reason = 'address' in origin ? code : (SENDERS.get(code) ?? code);
      write(`--- ${signalLabel(signal)} {si_signo=${signalLabel(signal)}, si_code=${reason}, ${source}} ---\n`);
    },
  };
}
