// node codeCache.cjs FOLDER PARTS ARGUMENTS: runs the command line that is bundled in FOLDER with ARGUMENTS, as
// packages/cli/bin/everystep.cjs does, loads those of its parts (a list with commas) that it has not needed, and writes V8's
// code of each beside it, and the engine's modules that it has made.
'use strict';
const { writeFileSync } = require('node:fs');
const { forColdCode, loadBundle } = require('../packages/cli/bin/everystep.cjs');

const [, , folder, parts, ...argv] = process.argv;
const scripts = [];
const bundle = loadBundle(folder, { script: (script, cache) => scripts.push({ script, cache }), module: (bytes, file) => writeFileSync(file, bytes) });

/** Translates two words of each usual instruction, as far as that goes: programs use most of them. */
function translateAll() {
  const core = 'packages/core/src/';
  const shared = (file) => bundle.shared[core + file]();
  const guest = shared('guest/aarch64/aarch64.ts').createAArch64();
  const ir = new (shared('ir/builder.ts').IrBuilder)();
  for (const row of bundle.loadPart('instructions')[`${core}guest/aarch64/decode/general.ts`].general) {
    for (const word of [row.value, row.value | ~row.mask]) guest.translateBlock(ir, { pc: 0x1000, maxInsns: 1, fetch: () => word >>> 0 });
  }
}

process.on('exit', () => {
  translateAll();
  for (const name of parts.split(',').filter((each) => each !== '')) bundle.loadPart(name);
  forColdCode();
  for (const { script, cache } of scripts) writeFileSync(cache, script.createCachedData());
});
process.argv = [process.argv[0], 'everystep', ...argv];
bundle.start();
