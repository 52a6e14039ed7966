'use strict';
const { setFlagsFromString } = require('node:v8');

/**
 * V8's settings for running guests, by the first and last Node release that knows each (a flag that V8 does not know
 * prints an error). They change speed only. They are set before the bundle is compiled, because V8 takes a code cache
 * only under the settings that it was made with.
 */
const SETTINGS = [
  // Branch hints: 2 to 18 % on checked memory accesses.
  { flag: '--experimental-wasm-branch-hinting', from: 20, to: 24 },
  // Relaxed SIMD has the fused multiply-add; a release later it needs no flag.
  { flag: '--experimental-wasm-relaxed-simd', from: 20, to: 20 },
  // Optimising our own JavaScript, and Wasm that has run a few thousand times, costs short runs more than it gives:
  // 1.35 s of user time became 0.6 s for a static glibc program of 12 million instructions.
  { flag: '--interrupt-budget=400000', from: 20, to: 20 },
];

/**
 * Execution after which V8 optimises a Wasm function. What runs cold code is one large function, which V8 counts by its
 * size: under the regions' budget it would be optimised, for 10 ms, in the first milliseconds of any program.
 */
const TIERING = { from: 20, to: 20, cold: '--wasm-tiering-budget=500000000', regions: '--wasm-tiering-budget=32000000' };

const major = Number(process.versions.node.split('.')[0]);
for (const { flag, from, to } of SETTINGS) if (major >= from && major <= to) setFlagsFromString(flag);

function setTiering(flag) {
  if (major >= TIERING.from && major <= TIERING.to) setFlagsFromString(flag);
}

/** For the module that goes through cold code, and for code caches, which are made under it. */
exports.forColdCode = () => setTiering(TIERING.cold);
/** For all other modules: regions, and the functions that they call. */
exports.forRegions = () => setTiering(TIERING.regions);
exports.forColdCode();
