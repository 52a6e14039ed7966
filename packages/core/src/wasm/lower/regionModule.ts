import { assert, putPaddedLeb } from '../../base/index.ts';
import { FIRST_LINK, MODULE_REGIONS, PLACED, PLACED_BYTES, PLACED_END } from '../constants.ts';
import { ModuleBuilder } from '../module.ts';
import { linkStub } from './linkStub.ts';
import type { LoweredRegion } from './regionType.ts';
import { importRuntime, REGION_TYPE } from './runtime.ts';

/**
 * Wasm module of regions. It imports the memory, the engine's functions (runtime.ts), the constants of GLOBAL, and helpers, each as
 * `helper:` and its name, and exports region n as `n`; where they have links, its table of links as `table`: those of the first region, then those of the second, and so on.
 */
export function regionModule(regions: readonly LoweredRegion[], memoryPages: number, shared: boolean): Uint8Array<ArrayBuffer> {
  assert(regions.length <= MODULE_REGIONS, 'a module has too many regions');
  const module = new ModuleBuilder(memoryPages, shared);
  importRuntime(module);
  const helperNumbers = regions.map(({ helpers }) => helpers.map(({ name, args, result }) => module.import(`helper:${name}`, args, [result])));
  let firstLink: number = FIRST_LINK;
  regions.forEach(({ code, unlikely, links, placed, frame }, n) => {
    const settled = code.slice();
    for (const [what, at, value] of placed) {
      let number: number = n;
      if (what === PLACED.link) number = firstLink + value;
      else if (what === PLACED.function) number = module.nextFunction;
      else if (what === PLACED.frame) number = frame;
      else if (what === PLACED.helper) number = (helperNumbers[n] as number[])[value] as number;
      assert(number < PLACED_END, 'a module of regions has no room for a number');
      putPaddedLeb(settled, at, number, PLACED_BYTES);
    }
    module.addCode(REGION_TYPE, settled, unlikely, `${n}`);
    firstLink += links.length;
  });
  if (firstLink > FIRST_LINK) module.privateTable(firstLink, module.add(REGION_TYPE, linkStub()));
  return module.finish();
}
