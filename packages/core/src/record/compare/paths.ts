import type { ReplayReader } from '../replayReader.ts';

/** Steps whose addresses are compared at a time. */
const SLICE = 1 << 18;

/** Where two runs part: before, both have executed the same instructions. */
export interface Parting {
  /** Of the first instructions that differ. */
  readonly step: number;
  /** Where each goes on; undefined: it ends there. */
  readonly pcs: readonly [number | undefined, number | undefined];
  /** Of the last instruction that both have executed; undefined: they part at the start. */
  readonly lastPc: number | undefined;
}

/** Goes through two runs until they execute different instructions. @param progress may throw, to end that @returns undefined if they never do */
export function findParting(a: ReplayReader, b: ReplayReader, progress: (step: number) => void = () => undefined): Parting | undefined {
  const [left, right] = [new Float64Array(SLICE), new Float64Array(SLICE)];
  let lastPc: number | undefined;
  for (let from = 0; ; from += SLICE) {
    const [x, y] = [readPcs(a, from, left), readPcs(b, from, right)];
    for (let i = 0; i < Math.max(x, y); i++) {
      const [p, q] = [i < x ? left[i] : undefined, i < y ? right[i] : undefined];
      if (p !== q) return { step: from + i, pcs: [p, q], lastPc };
      lastPc = p;
    }
    if (x < SLICE) return undefined;
    progress(from + SLICE);
  }
}

/** @returns how many there are */
function readPcs(replay: ReplayReader, from: number, into: Float64Array): number {
  if (from >= replay.lastStep) return 0;
  const to = Math.min(from + into.length, replay.lastStep);
  const { reader } = replay;
  replay.read(from, to, {
    looksAtState: false,
    insn: ({ pc }) => {
      into[reader.step - from] = pc;
    },
    event: () => undefined,
  });
  return to - from;
}

/** A call: the address of the function, and the step of its first instruction. */
export interface RecordedCall {
  readonly step: number;
  readonly pc: number;
}

/** Calls from a step on. @param most of them */
export function readCalls(replay: ReplayReader, from: number, most: number): readonly RecordedCall[] {
  const calls: RecordedCall[] = [];
  if (from >= replay.lastStep) return calls;
  const { reader } = replay;
  let isCalled = false;
  replay.read(
    from,
    replay.lastStep,
    {
      looksAtState: false,
      insn: () => undefined,
      event: (event) => {
        // Whoever runs now has not been called.
        if (event.kind === 'thread') isCalled = false;
      },
      block: ({ pc, end, shapes }, completed) => {
        if (isCalled && calls.length < most) calls.push({ step: reader.step, pc });
        isCalled = completed === shapes.length && (end.kind === 'call' || end.kind === 'callIndirect');
      },
    },
    () => calls.length >= most,
  );
  return calls;
}
