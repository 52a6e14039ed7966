import { LEARNT_JUMPS } from '../wasm/index.ts';

/** What JumpTargets knows, to be kept. */
export interface LearntTargets {
  readonly sites: readonly (readonly [jumpPc: number, jumps: number, targets: readonly number[]])[];
}

interface Site {
  readonly targets: Set<number>;
  /** Jumps that have been seen. */
  jumps: number;
}

/**
 * Targets seen of indirect jumps (switch statements, computed goto): a region learns them while it runs and is translated
 * again with those inside its function as local branches, if it can be expected to have them all. A large interpreter, each of whose
 * instructions jumps to the next itself, is not worth that: its function is many regions, which would be translated again and again.
 */
export class JumpTargets {
  private readonly sites = new Map<number, Site>();
  /** How many jumps are near each other, by their address over NEAR. */
  private readonly near = new Map<number, number>();

  get learnt(): LearntTargets {
    return { sites: [...this.sites].map(([pc, { jumps, targets }]) => [pc, jumps, [...targets]]) };
  }

  learn({ sites }: LearntTargets): void {
    for (const [pc, jumps, targets] of sites) {
      const site = this.site(pc);
      site.jumps = jumps;
      for (const target of targets) site.targets.add(target);
    }
  }

  /** Targets in the jump's own function that are worth being branched to. */
  known(jumpPc: number): readonly number[] {
    const site = this.sites.get(jumpPc);
    return site !== undefined && this.isWorthwhile(jumpPc, site) ? [...site.targets] : [];
  }

  /** False once enough jumps have been seen at this place. */
  isLearning(jumpPc: number): boolean {
    return (this.sites.get(jumpPc)?.jumps ?? 0) < LEARNT_JUMPS && (this.near.get(Math.floor(jumpPc / NEAR)) ?? 0) <= MOST_NEAR;
  }

  /**
   * The jump at `jumpPc` went to `target`, which its region did not know.
   * @returns true if the region is to be translated again
   */
  saw(jumpPc: number, target: number): boolean {
    const site = this.site(jumpPc);
    if (Math.abs(target - jumpPc) >= MAX_DISTANCE) site.jumps = LEARNT_JUMPS;
    else if (site.targets.size <= MAX_TARGETS) site.targets.add(target);
    return ++site.jumps === LEARNT_JUMPS && this.isWorthwhile(jumpPc, site);
  }

  private site(jumpPc: number): Site {
    let site = this.sites.get(jumpPc);
    if (site === undefined) {
      site = { targets: new Set(), jumps: 0 };
      this.sites.set(jumpPc, site);
      const place = Math.floor(jumpPc / NEAR);
      this.near.set(place, (this.near.get(place) ?? 0) + 1);
    }
    return site;
  }

  private isWorthwhile(jumpPc: number, { targets }: Site): boolean {
    return targets.size <= MAX_TARGETS && (this.near.get(Math.floor(jumpPc / NEAR)) ?? 0) <= MOST_NEAR;
  }
}

/** Farther jumps go to other functions (of a library, by its procedure linkage table): no region will have those. */
const MAX_DISTANCE = 0x1_0000;
const MAX_TARGETS = 128;
/** Of more indirect jumps than this in so many bytes of code, all are left to the dispatcher. */
const MOST_NEAR = 8;
const NEAR = 0x4000;
