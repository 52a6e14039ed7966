import { RING, RING_END } from '../engine/index.ts';
import { CHUNK_BYTES, CHUNKS_BESIDE_PLUGINS } from '../trace/ring.ts';

/**
 * What plugins have in linear memory: most of the trace ring's place. A tracer that has plugins beside it has the first chunks:
 *
 *     RING            the tracer's chunks
 *     ROWS            rows, see rows.ts; a block's rows start before ROWS_LIMIT
 *     BLOCK_ROWS      with a tracer, the rows of the block that runs, up to ROWS_END
 *     SHARED_CELLS    counters that all threads share, 8 bytes each, behind the cells of the engine's below
 *     THREAD_CELLS    counters that each thread has its own of: those of the thread that runs
 *     RING_END
 */
export const ROWS = RING + CHUNKS_BESIDE_PLUGINS * CHUNK_BYTES;
export const ROWS_LIMIT = ROWS + 0x10_0000;
export const BLOCK_ROWS = ROWS_LIMIT + 0x8_0000;
export const ROWS_END = BLOCK_ROWS + 0x8_0000;
const SHARED_CELLS = ROWS_END;
export const THREAD_CELLS = RING_END - 0x80_0000;
export const THREAD_CELLS_END = RING_END;
/** Most bytes of a block's rows. */
export const MOST_ROW_BYTES = ROWS_END - BLOCK_ROWS;

/** Number of the block that runs, for what is counted at its end only. */
export const BLOCK_CELL = SHARED_CELLS + 48;
/** Address and 16 bytes of the datum of the access that a callback is told of. */
export const ACCESS_ADDRESS = SHARED_CELLS + 8;
export const ACCESS_VALUE = SHARED_CELLS + 16;
/** The first counter of plugins. */
export const FIRST_SHARED = SHARED_CELLS + 64;
