import type { Instrument } from '../engine/index.ts';
import { type Block, IrBuffer, IrBuilder, OP } from '../ir/index.ts';
import { Copier } from './copier.ts';
import { forEachInsn } from './wish.ts';

/**
 * Makes the pass that asks MachineHooks.callback before the instructions at some addresses.
 * @param pcs the place with number n is `pcs[n]`
 * @param inner what else is done to the blocks
 */
export function createWatchPass(pcs: readonly number[], inner: Instrument | undefined): Instrument {
  const places = new Map(pcs.map((pc, place) => [pc, place]));
  const watched = new IrBuffer();
  const isWatched = (from: IrBuffer, block: Block): boolean => {
    let any = false;
    forEachInsn(from, block, ({ pc }) => {
      any ||= places.has(pc);
    });
    return any;
  };
  const watch = (from: IrBuffer, block: Block, to: IrBuilder): Block => {
    const indexes = new Map<number, number>();
    forEachInsn(from, block, ({ pc }, index) => {
      const place = places.get(pc);
      if (place !== undefined) indexes.set(index, place);
    });
    const copy = new Copier(from, to);
    const start = to.buffer.length;
    for (let i = block.start; i < block.end; i++) {
      copy.op(i);
      const place = from.op[i] === OP.insn ? indexes.get(from.imm[i]) : undefined;
      if (place !== undefined) to.callback(place, true);
    }
    return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
  };
  const mayLeaveOut = inner === undefined || inner.wants !== undefined;
  return {
    wish: `${inner?.wish ?? ''} watch ${pcs.join()}`,
    ...(mayLeaveOut ? { wants: (from: IrBuffer, block: Block) => isWatched(from, block) || inner?.wants?.(from, block) === true } : {}),
    mayBeCold: (from, block) => !isWatched(from, block) && inner?.mayBeCold?.(from, block) === true,
    instrument: (from, block, info, to) => {
      if (inner === undefined) return watch(from, block, to);
      if (!isWatched(from, block)) return inner.instrument(from, block, info, to);
      watched.reset();
      return inner.instrument(watched, watch(from, block, new IrBuilder(watched)), info, to);
    },
  };
}
