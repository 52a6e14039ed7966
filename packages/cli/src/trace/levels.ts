import { UserError } from '@everystep/core';
import type { SelectionSettings } from './selectionOptions.ts';
import type { OutputSettings } from './traceOptions.ts';

/** @throws UserError where the level and other options do not go together */
export function checkLevel(settings: SelectionSettings & OutputSettings): void {
  const { level, registers } = settings;
  if (level !== 'values' && registers.length > 0) throw new UserError(`--only-reg: there are no values in a trace of level ${level}`);
  if ((level === 'count' || level === 'loads') && settings.data.length + settings.dataSymbols.length > 0)
    throw new UserError(`--data: --level ${level} does not look at addresses; use blocks or values`);
  if (level === 'count' && settings.output !== undefined) throw new UserError('--level count writes no trace: leave out -o');
  if (level === 'count') settings.format = 'none';
}
