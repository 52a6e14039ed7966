import { assert } from '../base/index.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../engine/index.ts';
import { ascii, type ByteString, byteString, encodeText } from './byteString.ts';
import type { LinuxProcess } from './process.ts';

/** What /proc/self/NAME holds for the guest, where the host's would tell of the wrong program. */
export function processContents(process: LinuxProcess, name: string): ByteString {
  switch (name) {
    case 'maps':
      return maps(process);
    case 'stat':
      return stat(process);
    case 'auxv':
      return byteString(process.program.stack.auxiliaryBytes);
    case 'cmdline':
      return ascii(process.argv.map((argument) => `${argument}\0`).join(''));
    default:
      assert(false, `no contents for /proc/self/${name}`);
  }
}

/** One line a mapping. Offsets and inodes are not known and shown as 0. */
function maps(process: LinuxProcess): ByteString {
  const hex = (n: number): string => n.toString(16).padStart(8, '0');
  const lines = process.space.mappings().map(({ start, end, prot, name }) => {
    const rights = `${prot & PROT_READ ? 'r' : '-'}${prot & PROT_WRITE ? 'w' : '-'}${prot & PROT_EXEC ? 'x' : '-'}p`;
    const line = `${hex(start)}-${hex(end)} ${rights} 00000000 00:00 0`;
    return name === '' ? `${line}\n` : `${line.padEnd(73)}${name}\n`;
  });
  return encodeText(lines.join(''));
}

/** The 52 fields of proc(5); like QEMU, those that tell of this program are set: pid, name, parent, start of the stack. */
function stat(process: LinuxProcess): ByteString {
  const fields: (string | number)[] = new Array(52).fill(0);
  fields[0] = process.identity.pid;
  fields[1] = `(${process.threadName})`;
  fields[2] = 'R';
  fields[3] = process.identity.parentPid;
  fields[27] = process.program.stack.stackPointer;
  return ascii(`${fields.join(' ')}\n`);
}
