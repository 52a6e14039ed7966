/** What JumpTargets knows, to be kept. */
export interface LearntTargets {
  readonly sites: readonly (readonly [jumpPc: number, jumps: number, targets: readonly number[]])[];
  readonly reviews: readonly (readonly [root: number, reviews: number])[];
}

interface Site {
  readonly targets: Set<number>;
  /** Jumps to targets that the region did not know. */
  jumps: number;
}

/**
 * Targets seen of indirect jumps (switch statements, computed goto): a region learns them while it runs and is
 * translated again with those inside its function as local branches. Translating takes as long as very many jumps through
 * the dispatcher, so regions are looked at again the later, the larger they are and the more often they were.
 */
export class JumpTargets {
  private readonly sites = new Map<number, Site>();
  /** Jumps that a region has not known since it was made. */
  private readonly unknown = new Map<number, number>();
  /** How often a region was translated again. */
  private readonly reviews = new Map<number, number>();

  get learnt(): LearntTargets {
    return { sites: [...this.sites].map(([pc, { jumps, targets }]) => [pc, jumps, [...targets]]), reviews: [...this.reviews] };
  }

  learn({ sites, reviews }: LearntTargets): void {
    for (const [pc, jumps, targets] of sites) this.sites.set(pc, { jumps, targets: new Set(targets) });
    for (const [root, times] of reviews) this.reviews.set(root, times);
  }

  /** Targets near enough to be in the jump's own function. */
  known(jumpPc: number): readonly number[] {
    return [...(this.sites.get(jumpPc)?.targets ?? [])];
  }

  /** False once enough jumps have been seen at this place. */
  isLearning(jumpPc: number): boolean {
    return (this.sites.get(jumpPc)?.jumps ?? 0) < MOST_JUMPS;
  }

  /**
   * The jump at `jumpPc` went to `target`, which the region at `root`, of so many blocks, did not know.
   * @returns true if the region is worth translating again
   */
  saw(jumpPc: number, target: number, root: number, blocks: number): boolean {
    let site = this.sites.get(jumpPc);
    if (site === undefined) {
      site = { targets: new Set(), jumps: 0 };
      this.sites.set(jumpPc, site);
    }
    if (Math.abs(target - jumpPc) >= MAX_DISTANCE) site.jumps = MOST_JUMPS;
    else if (site.targets.size < MAX_TARGETS) site.targets.add(target);
    site.jumps++;
    const unknown = (this.unknown.get(root) ?? 0) + 1;
    const reviews = this.reviews.get(root) ?? 0;
    const isDue = unknown >= Math.max(FIRST_REVIEW, JUMPS_A_BLOCK * blocks) * REVIEW_GROWTH ** reviews;
    this.unknown.set(root, isDue ? 0 : unknown);
    if (isDue) this.reviews.set(root, reviews + 1);
    return isDue;
  }
}

/** Farther jumps go to other functions (of a library, by its procedure linkage table): no region will have those. */
const MAX_DISTANCE = 0x1_0000;
const MAX_TARGETS = 512;
/** After so many jumps that a region did not know, the targets of a jump are left to the dispatcher. */
const MOST_JUMPS = 5000;
const FIRST_REVIEW = 16;
/** Unknown jumps that take as long as translating a block. */
const JUMPS_A_BLOCK = 32;
const REVIEW_GROWTH = 3;
