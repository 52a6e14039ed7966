// node codeCache.cjs FOLDER PARTS ARGUMENTS: runs the command line that is bundled in FOLDER with ARGUMENTS, as
// packages/cli/bin/everystep.cjs does, loads those of its parts (a list with commas) that it has not needed, and writes V8's
// code of each beside it.
'use strict';
const { writeFileSync } = require('node:fs');
const { loadBundle } = require('../packages/cli/bin/loadBundle.cjs');

const [, , folder, parts, ...argv] = process.argv;
const scripts = [];
const bundle = loadBundle(folder, (script, cache) => scripts.push({ script, cache }));
process.on('exit', () => {
  for (const name of parts.split(',').filter((each) => each !== '')) bundle.loadPart(name);
  for (const { script, cache } of scripts) writeFileSync(cache, script.createCachedData());
});
process.argv = [process.argv[0], 'everystep', ...argv];
bundle.start();
