import type { EngineStatistics } from '@everystep/core';

/** @returns lines of text that say how much code was translated, and how often */
export function explain(statistics: EngineStatistics): string {
  const {
    coldBlocks,
    coldInsns,
    coldBlocksRestored,
    coldResets,
    regions,
    regionBlocks,
    regionModules,
    regionInsns,
    regionsRestored,
    nativeModules,
    wasmBytes,
    regionsForgotten,
    regionFlushes,
    lookups,
    modeChanges,
  } = statistics;
  const lines = [
    `cold code: ${coldBlocks} blocks of ${coldInsns} instructions translated, ${coldBlocksRestored} blocks from an earlier run, all forgotten ${coldResets} times`,
    `regions: ${regions} (${regionsRestored} from an earlier run) of ${regionBlocks} blocks and ${regionInsns} instructions in ${regionModules} modules (${nativeModules} with V8's code), ${regionsForgotten} given up, all of them ${regionFlushes} times`,
    `Wasm: ${wasmBytes} bytes, ${(wasmBytes / Math.max(regionInsns, 1)).toFixed(1)} an instruction`,
    `lookups by the dispatcher: ${lookups}; changes to and from exact mode: ${modeChanges}`,
  ];
  return lines.map((line) => `everystep: ${line}\n`).join('');
}
