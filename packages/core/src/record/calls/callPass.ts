import { type Instrument, RING } from '../../engine/index.ts';
import { lastInsnPc, type Terminator, type Value } from '../../ir/index.ts';
import { isCall, rewrite } from '../timeline/probes.ts';

/** Cells in which a branch's target and a call's return address are when its callback comes. Replays have no trace: its ring is free. */
export const TARGET = RING + 24;
export const RETURN_ADDRESS = RING + 32;

/** What a callback's number says of the branch that follows. */
export const Branch = { call: 0, return: 1, jump: 2 } as const;

/**
 * The code that tells of calls, returns and jumps to other functions, just before them.
 * @param leaves whether a jump from one address to another leaves a function
 */
export function callPass(leaves: (from: number, to: number) => boolean): Instrument {
  return {
    wish: 'calls',
    mayBeCold: () => true,
    wants: (_, block) => kindOf(block.terminator, lastInsnPc(block), leaves) !== undefined,
    instrument: (from, block, _, to) => {
      const made = rewrite(from, block, to, () => {});
      const { terminator } = made;
      const kind = kindOf(terminator, lastInsnPc(block), leaves);
      if (kind === undefined || !('target' in terminator || terminator.kind === 'branch')) return made;
      if (terminator.kind === 'branch') {
        to.counterSet(TARGET, to.i64_const(terminator.taken));
        to.callback(kind, false, terminator.condition as Value<'i32'>);
      } else {
        const isDirect = terminator.kind === 'call' || terminator.kind === 'jump';
        to.counterSet(TARGET, isDirect ? to.i64_const(terminator.target) : (terminator.target as Value<'i64'>));
        if ('returnAddress' in terminator) to.counterSet(RETURN_ADDRESS, to.i64_const(terminator.returnAddress));
        to.callback(kind, false);
      }
      return { ...made, end: to.buffer.length };
    },
  };
}

function kindOf(terminator: Terminator, pc: number, leaves: (from: number, to: number) => boolean): number | undefined {
  switch (terminator.kind) {
    case 'call':
    case 'callIndirect':
      return isCall(terminator) ? Branch.call : undefined;
    case 'return':
      return Branch.return;
    case 'jumpIndirect':
      return Branch.jump;
    case 'jump':
      return leaves(pc, terminator.target) ? Branch.jump : undefined;
    case 'branch':
      return leaves(pc, terminator.taken) ? Branch.jump : undefined;
    default:
      return undefined;
  }
}
