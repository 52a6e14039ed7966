/** Steps that are gone through between two looks at how far others are: some milliseconds. */
const SLICE = 4_000_000;

/** Which part of a run somebody goes through, while others go through the others. */
export interface PartPlan {
  /** Up to which step to run before the part begins, from `step` on, which is before the run's end; `step`: it begins there. */
  skipTo(step: number): number;
  /** Up to which step the next stretch of the part goes, which would go up to `until`; where it begins: the part is over. */
  claim(until: number): number;
}

/** Cells of a SharedPlan: one for each part, in memory that all who work share. */
export const planCells = (parts: number): BigInt64Array<SharedArrayBuffer> => new BigInt64Array(new SharedArrayBuffer(parts * BigInt64Array.BYTES_PER_ELEMENT));

/** Up to which step a part goes, as far as is known: its end, or how far it is. */
interface Front {
  readonly step: number;
  readonly isEnd: boolean;
}

/** In a cell: twice the step, and 1 if it is the part's end. */
const cellOf = ({ step, isEnd }: Front): bigint => 2n * BigInt(step) + BigInt(isEnd);
const frontOf = (cell: bigint): Front => ({ step: Number(cell >> 1n), isEnd: (cell & 1n) === 1n });

/**
 * Divides a run among several who all begin at its start: each runs fast, without marks, until it finds it time to begin with its part, and
 * so ends the part before. As marks cost, and parts that are behind begin later, parts are shorter the later they are. What marks cost
 * nobody knows beforehand: each looks at how far the one before has come meanwhile, and begins when both will be ready at the same time.
 */
export class SharedPlan implements PartPlan {
  /**
   * @param cells of all parts, see planCells
   * @param number of the part that is gone through here, from 0
   */
  constructor(
    private readonly cells: BigInt64Array,
    private readonly number: number,
    private readonly lastStep: number,
  ) {}

  skipTo(step: number): number {
    const { cells, number } = this;
    if (number === 0) return step;
    const first = firstOf(cells, number - 1);
    if (first !== undefined && this.isDue(first, step)) {
      const before = Atomics.load(cells, number - 1);
      Atomics.store(cells, number, cellOf({ step, isEnd: false }));
      // It goes on meanwhile.
      const isMine = frontOf(before).step < step && Atomics.compareExchange(cells, number - 1, before, cellOf({ step, isEnd: true })) === before;
      if (isMine) return step;
    }
    return Math.min(this.lastStep, step + SLICE);
  }

  /** Whether who begins at `step` and who began at `first`, and goes on up to there, would be ready at the same time, and those behind, too. */
  private isDue(first: number, step: number): boolean {
    const { cells, number } = this;
    const front = frontOf(Atomics.load(cells, number - 1)).step;
    if (front >= step || first >= step) return false;
    // Each part has so much of the length of the one before.
    const ratio = 1 - Math.max(0, front - first) / (step - first);
    let lengths = 0;
    for (let i = number, length = 1; i < cells.length; i++, length *= ratio) lengths += length;
    return (step - front) * lengths >= this.lastStep - step;
  }

  claim(until: number): number {
    const { cells, number } = this;
    for (;;) {
      const before = Atomics.load(cells, number);
      const { step, isEnd } = frontOf(before);
      if (isEnd) return Math.min(until, step);
      if (Atomics.compareExchange(cells, number, before, cellOf({ step: until, isEnd: false })) === before) return until;
    }
  }
}

/** The step at which a part began; undefined: it has not. */
function firstOf(cells: BigInt64Array, number: number): number | undefined {
  if (number === 0) return 0;
  const { step, isEnd } = frontOf(Atomics.load(cells, number - 1));
  return isEnd ? step : undefined;
}

/** How many steps of a run are in parts, or are being put there. */
export function plannedSteps(cells: BigInt64Array): number {
  let sum = 0;
  for (let number = 0; number < cells.length; number++) {
    const first = firstOf(cells, number);
    if (first === undefined) break;
    sum += Math.max(0, frontOf(Atomics.load(cells, number)).step - first);
  }
  return sum;
}
