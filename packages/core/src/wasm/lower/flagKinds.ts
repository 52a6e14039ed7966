import type { Block } from '../../ir/index.ts';
import { type FlowGraph, flowBackwards, flowForwards, leavesLocals } from './dataflow.ts';

/** No way into the block has been seen, or the block sets no flags. */
export const UNSET = -2;

/** What of a region decides which kind the flags have where its blocks start. All by block. */
export interface FlagKindsInput extends FlowGraph {
  readonly entries: readonly number[];
  /** The kind of flags that the block sets last, or UNSET. */
  readonly lastKind: Int32Array;
  /** 1 if the block tests flags before it sets any. */
  readonly tests: Uint8Array;
  /** Whether the entry at `pc` may be guarded. */
  readonly mayGuard: (pc: number) => boolean;
}

/** flagKindIn and guards of Liveness; the kind is UNSET in blocks that no entry leads to. */
export interface FlagKinds {
  readonly flagKindIn: Int32Array;
  readonly guards: ReadonlyMap<number, number>;
}

/** Finds the kinds, and the entries that are worth a guard: those to which all other ways agree. */
export function findFlagKinds(input: FlagKindsInput): FlagKinds {
  const { blocks, entries, mayGuard } = input;
  const tested = testedFromStart(input);
  const guarded = new Set(entries.filter((entry) => tested[entry] === 1 && mayGuard((blocks[entry] as Block).pc)));
  for (;;) {
    const flagKindIn = kindsWith(input, guarded);
    const useless = [...guarded].filter((entry) => (flagKindIn[entry] as number) < 0);
    if (useless.length === 0) return { flagKindIn, guards: new Map([...guarded].map((entry) => [entry, flagKindIn[entry] as number])) };
    for (const entry of useless) guarded.delete(entry);
  }
}

/** Blocks that may test flags which were set before they start. */
function testedFromStart({ blocks, successors, lastKind, tests }: FlagKindsInput): Uint8Array {
  const tested = tests.slice();
  flowBackwards(successors, (block, successor) => {
    if (tested[block] === 1 || tested[successor] === 0 || lastKind[block] !== UNSET || leavesLocals(blocks[block] as Block)) return false;
    tested[block] = 1;
    return true;
  });
  return tested;
}

/** The kinds if these entries are guarded. */
function kindsWith({ blocks, successors, entries, lastKind }: FlagKindsInput, guarded: ReadonlySet<number>): Int32Array {
  const flagKindIn = new Int32Array(blocks.length).fill(UNSET);
  for (const entry of entries) if (!guarded.has(entry)) flagKindIn[entry] = -1;
  flowForwards(successors, (from, to) => {
    const out = leavesLocals(blocks[from] as Block) ? -1 : lastKind[from] !== UNSET ? lastKind[from] : flagKindIn[from];
    const before = flagKindIn[to];
    if (out === UNSET || before === out || before === -1) return false;
    flagKindIn[to] = before === UNSET ? out : -1;
    return true;
  });
  return flagKindIn;
}
