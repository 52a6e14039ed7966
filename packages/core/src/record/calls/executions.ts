import type { Instrument } from '../../engine/index.ts';
import { OP } from '../../ir/index.ts';
import { forEachInsn } from '../../trace/wish.ts';
import { type Probe, rewrite } from '../timeline/probes.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** The code that calls back just before the instructions at some addresses. */
function executionsPass(pcs: ReadonlySet<number>): Instrument {
  return {
    wish: `executions ${[...pcs].join()}`,
    mayBeCold: () => true,
    instrument: (from, block, _, to) => {
      const places = new Set<number>();
      forEachInsn(from, block, ({ pc }, index) => {
        if (pcs.has(pc)) places.add(index);
      });
      return rewrite(
        from,
        block,
        to,
        () => {},
        (i) => {
          if (from.op[i] === OP.insn && places.has(from.imm[i])) to.callback(0, false);
        },
      );
    },
  };
}

/**
 * Calls `visit` just before each execution of one of some instructions: registers, memory, pc and steps are exact. One that is
 * begun again, after a fault, counts once. Stretches that have executed none of them are skipped. The timeline is somewhere behind
 * the last one then.
 * @param visit true: that was the last
 */
export function watchExecutions(timeline: Timeline, pcs: ReadonlySet<number>, from: number, to: number, visit: () => boolean): void {
  const probes = [...pcs].map((pc): Probe => ({ kind: 'execute', pc }));
  let before = -1;
  timeline.goThrough(from, to, {
    instrument: executionsPass(pcs),
    sought: () => probes,
    called: () => {
      const { steps } = timeline.replayer;
      if (steps === before) return false;
      before = steps;
      return visit();
    },
  });
}
