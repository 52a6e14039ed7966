import { RING, RING_END } from '../engine/index.ts';

/**
 * What plugins have in linear memory. A machine has plugins or a tracer, so that they take the trace ring's place:
 *
 *     RING            rows, see rows.ts; a block's rows start before ROWS_LIMIT
 *     SHARED_CELLS    counters that all threads share, 8 bytes each, behind the cells of the engine's below
 *     THREAD_CELLS    counters that each thread has its own of: those of the thread that runs
 *     RING_END
 */
export const ROWS = RING;
export const ROWS_LIMIT = RING + 0x10_0000;
export const ROWS_END = RING + 0x20_0000;
const SHARED_CELLS = RING + 0x20_0000;
export const THREAD_CELLS = RING_END - 0x80_0000;
export const THREAD_CELLS_END = RING_END;

/** Number of the block that runs, for what is counted at its end only. */
export const BLOCK_CELL = SHARED_CELLS + 48;
/** Address and 16 bytes of the datum of the access that a callback is told of. */
export const ACCESS_ADDRESS = SHARED_CELLS + 8;
export const ACCESS_VALUE = SHARED_CELLS + 16;
/** The first counter of plugins. */
export const FIRST_SHARED = SHARED_CELLS + 64;
