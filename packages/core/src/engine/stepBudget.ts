import { Cell, type LinearMemory } from './linearMemory.ts';
import { FIRST_SLICE, LAST_SLICE, SLICE_GROWTH } from './modes.ts';

/** Counts instructions: code takes those that it runs off a budget, which is granted slice by slice. */
export class StepBudget {
  /** The run goes on to this step. */
  until = Number.POSITIVE_INFINITY;
  /** Most instructions of a grant, where code can go on with so few. */
  most = LAST_SLICE;
  // Steps are those before the last grant, and what was granted less what is left of it.
  private stepsBefore = 0;
  private granted = 0;

  /** @param slice instructions of the first grant; later ones are larger */
  constructor(
    private readonly memory: LinearMemory,
    private slice = FIRST_SLICE,
  ) {}

  /** Instructions completed so far. */
  get steps(): number {
    const { i32 } = this.memory;
    return this.stepsBefore + this.granted - i32[Cell.left >> 2] - i32[Cell.setAside >> 2];
  }

  /** Puts a fresh budget of at least `need` instructions, as far as the run may go, into its cell. */
  grant(need: number): void {
    const { view } = this.memory;
    const { steps } = this;
    const budget = Math.min(Math.max(Math.min(this.slice, this.most), need), this.until - steps);
    if (this.slice < LAST_SLICE) this.slice = Math.ceil(this.slice * SLICE_GROWTH);
    this.stepsBefore = steps;
    this.granted = budget;
    view.setInt32(Cell.left, budget, true);
    view.setInt32(Cell.stepBase, ((steps + budget) % 0x1_0000_0000) | 0, true);
    view.setInt32(Cell.setAside, 0, true);
  }
}
