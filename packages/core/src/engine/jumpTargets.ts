import { LEARNT_JUMPS } from '../wasm/index.ts';
import { PcMap } from './pcMap.ts';

/** What JumpTargets knows, to be kept. */
export interface LearntTargets {
  readonly sites: readonly (readonly [jumpPc: number, jumps: number, targets: readonly number[]])[];
}

/** Code of NEAR bytes. */
interface Place {
  /** Indirect jumps in it that have been seen. */
  sites: number;
}

interface Site {
  /** Their distances from the jump. */
  readonly targets: Set<number>;
  /** Jumps that have been seen. */
  jumps: number;
  readonly place: Place;
}

/**
 * Targets seen of indirect jumps (switch statements, computed goto): a region learns them while it runs and is translated
 * again with those inside its function as local branches, if it can be expected to have them all. A large interpreter, each of whose
 * instructions jumps to the next itself, is not worth that: its function is many regions, which would be translated again and again.
 */
export class JumpTargets {
  private readonly sites: PcMap<Site>;
  /** By their pcs over NEAR. */
  private readonly places = new Map<number, Place>();

  /** @param start of the code that they are in */
  constructor(start: number) {
    this.sites = new PcMap(start);
  }

  get learnt(): LearntTargets {
    return { sites: Array.from(this.sites.entries, ([pc, site]) => [pc, site.jumps, targetsOf(pc, site)]) };
  }

  learn({ sites }: LearntTargets): void {
    for (const [pc, jumps, targets] of sites) {
      const site = this.site(pc);
      site.jumps = jumps;
      for (const target of targets) site.targets.add(target - pc);
    }
  }

  /** Targets in the jump's own function that are worth being branched to. */
  known(jumpPc: number): readonly number[] {
    const site = this.sites.get(jumpPc);
    return site !== undefined && isWorthwhile(site) ? targetsOf(jumpPc, site) : [];
  }

  /** False once enough jumps have been seen at this place. */
  isLearning(jumpPc: number): boolean {
    return (this.sites.get(jumpPc)?.jumps ?? 0) < LEARNT_JUMPS && (this.places.get(Math.floor(jumpPc / NEAR))?.sites ?? 0) <= MOST_NEAR;
  }

  /**
   * The jump at `jumpPc` went to `target`, which its region did not know.
   * @returns how many have been seen: with LEARNT_JUMPS the region is to be translated again, with more there is nothing to be learnt
   */
  saw(jumpPc: number, target: number): number {
    const site = this.sites.get(jumpPc) ?? this.site(jumpPc);
    const { targets } = site;
    const distance = target - jumpPc;
    if (Math.abs(distance) >= MAX_DISTANCE) site.jumps = LEARNT_JUMPS;
    else if (targets.size <= MAX_TARGETS) targets.add(distance | 0);
    site.jumps++;
    return isWorthwhile(site) ? site.jumps : LEARNT_JUMPS + 1;
  }

  private site(jumpPc: number): Site {
    let site = this.sites.get(jumpPc);
    if (site === undefined) {
      const number = Math.floor(jumpPc / NEAR);
      let place = this.places.get(number);
      if (place === undefined) {
        place = { sites: 0 };
        this.places.set(number, place);
      }
      place.sites++;
      site = { targets: new Set(), jumps: 0, place };
      this.sites.set(jumpPc, site);
    }
    return site;
  }
}

const targetsOf = (pc: number, { targets }: Site): number[] => Array.from(targets, (distance) => pc + distance);

const isWorthwhile = ({ targets, place }: Site): boolean => targets.size <= MAX_TARGETS && place.sites <= MOST_NEAR;

/** Farther jumps go to other functions (of a library, by its procedure linkage table): no region will have those. */
const MAX_DISTANCE = 0x1_0000;
const MAX_TARGETS = 128;
/** Of more indirect jumps than this in so many bytes of code, all are left to the dispatcher. */
const MOST_NEAR = 8;
const NEAR = 0x4000;
