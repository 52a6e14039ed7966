import type { MachineHooks } from '@everystep/core';
import { collectGarbage } from './garbage.ts';

/** Given by bin/loadBundle.cjs: sets what V8 is to do with regions. */
declare const regionsBegin: (() => void) | undefined;

/** What Node does for each machine: without, regions are optimised late. */
export const engineHooks = (): Pick<MachineHooks, 'regionsForgotten' | 'regionsBegin'> => ({
  regionsForgotten: collectGarbage,
  ...(typeof regionsBegin === 'undefined' ? {} : { regionsBegin }),
});
