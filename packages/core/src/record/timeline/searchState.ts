import type { Hit } from './hits.ts';
import type { PlaceOptions } from './lives.ts';
import type { Probe } from './probes.ts';

/** What is being looked for. */
export interface Search {
  readonly probe: Probe;
  readonly hits: Hit[];
  readonly options: PlaceOptions;
  /** Where the last hit is looked for: up to which step so many hits are enough, and how many there have been. */
  near: number;
  far: number;
  /** A register is going to be written: whether that changes its value shows later. */
  write: { readonly hit: Hit; readonly value: bigint } | undefined;
}
