import type { MachineHooks, NativeCode } from '@everystep/core';
import { collectGarbage } from './garbage.ts';

/** Given by bin/everystep.cjs: V8's settings for cold code, and the engine's own modules, which are kept beside the bundle. */
declare const loader: Required<Pick<MachineHooks, 'compileCold' | 'engineModule'>> & { readonly nativeCode?: NativeCode };

/** What V8 makes of Wasm modules, where one can get at it. */
export const nativeCode = (): NativeCode | undefined => (typeof loader === 'undefined' ? undefined : loader.nativeCode);

/** What Node does for each machine. */
export const engineHooks = (): Pick<MachineHooks, 'regionsForgotten' | 'compileCold' | 'engineModule' | 'nativeCode'> => ({
  regionsForgotten: collectGarbage,
  ...(typeof loader === 'undefined' ? {} : { compileCold: loader.compileCold, engineModule: loader.engineModule, nativeCode: loader.nativeCode }),
});
