/**
 * Targets seen of indirect jumps (switch statements, computed goto): a region learns them while it runs and is
 * translated again with those inside its function as local branches.
 */
export class JumpTargets {
  private readonly sites = new Map<number, { readonly targets: Set<number>; calls: number; used: number; done: boolean }>();

  /** Targets near enough to be in the jump's own function. */
  known(jumpPc: number): readonly number[] {
    return [...(this.sites.get(jumpPc)?.targets ?? [])];
  }

  /** False once enough jumps have been seen at this place. */
  isLearning(jumpPc: number): boolean {
    return this.sites.get(jumpPc)?.done !== true;
  }

  /**
   * A jump went to `target`, which the region did not know.
   * @returns true if the region is worth translating again
   */
  saw(jumpPc: number, target: number): boolean {
    let site = this.sites.get(jumpPc);
    if (site === undefined) {
      site = { targets: new Set(), calls: 0, used: 0, done: false };
      this.sites.set(jumpPc, site);
    }
    if (Math.abs(target - jumpPc) < MAX_DISTANCE && site.targets.size < MAX_TARGETS) site.targets.add(target);
    site.calls++;
    if (site.calls === LAST_REVIEW) site.done = true;
    const review = site.calls === LAST_REVIEW || (REVIEWS.includes(site.calls) && site.targets.size > site.used);
    if (review) site.used = site.targets.size;
    return review;
  }
}

const MAX_DISTANCE = 0x1_0000;
const MAX_TARGETS = 512;
/** Numbers of jumps to unknown targets after which a region is looked at again. */
const REVIEWS: readonly number[] = [4, 24, 160];
const LAST_REVIEW = 600;
