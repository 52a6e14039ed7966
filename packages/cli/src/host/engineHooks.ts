import type { MachineHooks } from '@everystep/core';
import { collectGarbage } from './garbage.ts';

/** Given by bin/loadBundle.cjs, with V8's settings for it. */
declare const compileCold: MachineHooks['compileCold'];

/** What Node does for each machine. */
export const engineHooks = (): Pick<MachineHooks, 'regionsForgotten' | 'compileCold'> => ({
  regionsForgotten: collectGarbage,
  ...(typeof compileCold === 'undefined' ? {} : { compileCold }),
});
