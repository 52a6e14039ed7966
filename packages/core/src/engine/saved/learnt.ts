import type { CodeView } from '../codeView.ts';
import type { LearntTargets } from '../jumpTargets.ts';
import type { LearntLoops } from '../loopEntries.ts';

/** What running code has taught of it, besides its translations. */
interface Learnt {
  readonly targets: LearntTargets;
  readonly loops: LearntLoops;
  readonly heated: readonly number[];
  readonly hot: readonly number[];
  readonly unexpected: readonly (readonly [pc: number, times: number])[];
}

export function learntOf({ targets, loops, heated, hot, unexpected }: CodeView): Learnt {
  return { targets: targets.learnt, loops: loops.learnt, heated: heated.pcs, hot: hot.pcs, unexpected: [...unexpected.entries] };
}

/** @param learnt what `learntOf` gave, of the same code */
export function teach(view: CodeView, learnt: unknown): void {
  const { targets, loops, heated, hot, unexpected } = learnt as Learnt;
  view.targets.learn(targets);
  view.loops.learn(loops);
  for (const pc of heated) view.heated.add(pc);
  for (const pc of hot) view.hot.add(pc);
  for (const [pc, times] of unexpected) view.unexpected.set(pc, times);
}
