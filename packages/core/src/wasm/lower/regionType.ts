import type { Block, Helper, IrBuffer, StateLayout } from '../../ir/index.ts';
import type { Placed } from '../functionBody.ts';

/** A region: blocks of one guest function, connected by direct branches; block 0 is its entry. */
export interface Region {
  readonly buffer: IrBuffer;
  readonly blocks: readonly Block[];
  readonly layout: StateLayout;
  /** Targets inside the region of the indirect jumps that end some blocks, by block number: each a block number. */
  readonly localTargets: ReadonlyMap<number, readonly number[]>;
  /** Blocks besides the first at which the region can be entered: entry k with -1 - k as the function's parameter `slot`. */
  readonly entries: readonly number[];
}

/** A helper as an import. */
export type CalledHelper = Pick<Helper, 'name' | 'args' | 'result'>;

/** A region's function, apart from the module that it is to be in (regionModule.ts). */
export interface LoweredRegion {
  /** As it stands in a module's code section. */
  readonly code: Uint8Array<ArrayBuffer>;
  /** Offsets in the function's body of the `if`s that are hardly ever taken. */
  readonly unlikely: readonly number[];
  /** Guest pcs that its slots of the table of links lead to. */
  readonly links: readonly number[];
  /** Where the code has linear offsets of memory check slots and pooled constants, as LEB128 of always the same size. */
  readonly shifted: readonly (readonly [at: number, offset: number])[];
  /** Where the code has what the module decides that it is to be in. */
  readonly placed: readonly Placed[];
  /** See FunctionBody.frameUnits. */
  readonly frame: number;
  /** What it calls of helpers, see PLACED. */
  readonly helpers: readonly CalledHelper[];
}

/** Type of a region's function: (slot: i32, depth: i32) -> next pc: i64. A negative slot names an entry, see Region; depth is the room for frames, in FRAME_UNIT. */
export const REGION_PARAMS = ['i32', 'i32'] as const;
export const REGION_RESULTS = ['i64'] as const;
