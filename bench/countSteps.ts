import { outputOf, QEMU } from './command.ts';

/** Instructions that QEMU executes for a program. */
export function countSteps(command: readonly string[]): number {
  // One line a block of one instruction; the shell counts them as they come.
  const script = '"$@" 3>&1 >/dev/null | grep -c "^Trace"';
  const qemu = [...QEMU, '-singlestep', '-d', 'exec,nochain', '-D', '/dev/fd/3'];
  return Number(outputOf(['bash', '-c', script, 'bash', ...qemu, ...command]).toString());
}
