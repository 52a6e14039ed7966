import { type Machine, RUNS_UNTIL_HOT } from '../../engine/index.ts';

/** How often a block runs before it becomes a region, where but a short stretch is gone through: regions would not pay there. */
const PATIENT = 400_000;
/** Where so many steps are gone through, they do. */
const LONG = 16_000_000;

/** Sees to how soon code gets hot, by how much of a run is gone through. */
export class Patience {
  private steps = 0;

  /** @param isFixed whether somebody else has said how soon */
  constructor(
    private readonly machine: Machine,
    private readonly isFixed: boolean,
  ) {}

  /** Something else is asked. */
  restart(): void {
    this.steps = 0;
    this.set(PATIENT);
  }

  /** So many steps more are gone through. */
  goOn(steps: number): void {
    this.steps += steps;
    if (this.steps > LONG) this.set(RUNS_UNTIL_HOT);
  }

  private set(runs: number): void {
    if (!this.isFixed) this.machine.setRunsUntilHot?.(runs);
  }
}
