import { FRAME_UNIT } from '../wasm/index.ts';
import { OPTIMISATIONS } from './optimisations.ts';
import { MAX_BLOCK_INSNS, type RegionLimits } from './regionBuilder.ts';
import type { Instrument } from './seams.ts';

/** How code is cut into regions. */
export interface Mode {
  readonly name: string;
  readonly limits: RegionLimits;
  readonly maxInsns: number;
}

/** Exact stops and accesses that cannot be checked together run without any shared check. */
export const EXACT_DISABLED: ReadonlySet<string> = new Set(Object.keys(OPTIMISATIONS));

/** Room for frames of regions and cold code in the host's stack, in FRAME_UNIT: 640 KB, of V8's 984, for our JavaScript stands above and below. */
export const MAX_DEPTH = (640 * 1024) / FRAME_UNIT;
/** Instructions in the first slices, and at most in later ones: a region is entered anew at each slice's end. */
export const FIRST_SLICE = 100_000;
export const LAST_SLICE = 16_000_000;
export const SLICE_GROWTH = 1.25;
/** Most code runs a few times: a region is small until a slice has ended in it, and whole from then on. */
export const COLD_LIMITS: RegionLimits = { blocks: 20, insns: 200 };
export const HOT_LIMITS: RegionLimits = { blocks: 400, insns: 4000 };
export const SINGLE_BLOCK: RegionLimits = { blocks: 1, insns: MAX_BLOCK_INSNS };

/** The mode of everything but exact stops. @param chain whether blocks go to the next without asking the dispatcher */
export function usualMode(oneInsnPerBlock: boolean, chain: boolean, disabled: ReadonlySet<string>): Mode {
  const isSingle = oneInsnPerBlock || !chain || disabled.has('regions');
  const limits = disabled.has('cold-regions') ? HOT_LIMITS : COLD_LIMITS;
  return { name: 'full', limits: isSingle ? SINGLE_BLOCK : limits, maxInsns: oneInsnPerBlock ? 1 : MAX_BLOCK_INSNS };
}

/** Whether no block may be cold. */
export const isAllHot = (instrument: Instrument | undefined): boolean =>
  instrument !== undefined && instrument.wants === undefined && instrument.mayBeCold === undefined;
