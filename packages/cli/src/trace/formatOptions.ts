import { DEFAULT_FORMAT_SETTINGS, type Guest, globExpression, UserError } from '@everystep/core';
import type { OutputSettings } from './traceOptions.ts';

/** @throws UserError where an option is for another format than the one that is written, or names registers that there are not */
export function checkFormatOptions(settings: OutputSettings, { gdbRegisters, state }: Guest): void {
  const { format, watchedRegisters, interval, traceItems } = settings;
  if (watchedRegisters.length > 0 && format !== 'execlog' && format !== 'vcd')
    throw new UserError(`--reg is for --format=execlog and vcd, not ${format}; --only-reg keeps the values of some registers alone`);
  if (interval !== DEFAULT_FORMAT_SETTINGS.interval && format !== 'bbv') throw new UserError(`--interval is for --format=bbv, not ${format}`);
  if (traceItems.join() !== DEFAULT_FORMAT_SETTINGS.traceItems.join() && format !== 'qemu')
    throw new UserError(`--log-items is for --format=qemu, not ${format}`);
  const names = (gdbRegisters ?? state.registers).map(({ name }) => name);
  for (const glob of watchedRegisters) {
    const test = globExpression(glob.toLowerCase());
    if (!names.some((name) => test.test(name))) throw new UserError(`--reg: there is no register '${glob}'; gdb's names are meant (x0, sp, cpsr, v0)`);
  }
}
