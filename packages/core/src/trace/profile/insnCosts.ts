import type { InsnPlace, TracedFunction } from './functionTable.ts';
import type { Cost, Profiler } from './profiler.ts';

/** What one instruction has cost. */
export interface InsnCost extends Cost {
  readonly place: InsnPlace;
}

/** What each instruction has cost, by function and address. */
export function insnCosts({ blocks, functions }: Profiler): Map<TracedFunction, Map<number, InsnCost>> {
  const all = new Map<TracedFunction, Map<number, InsnCost>>();
  for (const block of blocks) {
    if (block === undefined) continue;
    const { program, pid, cuts } = block;
    let runs = block.runs;
    // Backwards: an instruction has also run in runs that were cut short behind it.
    for (let i = program.shapes.length - 1; i >= 0; i--) {
      runs += cuts === undefined || i + 1 === program.shapes.length ? 0 : cuts[i + 1];
      const shape = program.shapes[i];
      if (shape === undefined || runs === 0) continue;
      const fn = functions.of(pid, program, shape.pc);
      const place = functions.place(pid, shape.pc);
      let ofFunction = all.get(fn);
      if (ofFunction === undefined) {
        ofFunction = new Map();
        all.set(fn, ofFunction);
      }
      let cost = ofFunction.get(place.address);
      if (cost === undefined) {
        cost = { place, insns: 0, loads: 0, stores: 0 };
        ofFunction.set(place.address, cost);
      }
      const stores = shape.accesses.filter(({ store }) => store).length;
      cost.insns += runs;
      cost.loads += runs * (shape.accesses.length - stores);
      cost.stores += runs * stores;
    }
  }
  return all;
}
