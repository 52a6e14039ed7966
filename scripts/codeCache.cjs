// node codeCache.cjs BUNDLE CACHE ARGUMENTS: runs the bundled command line with ARGUMENTS, as packages/cli/bin/everystep.cjs
// does, and writes V8's code of what ran to CACHE.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const vm = require('node:vm');
require('../packages/cli/bin/v8Settings.cjs');

const [, , filename, cache, ...argv] = process.argv;
const script = new vm.Script(readFileSync(filename, 'latin1'), { filename });
process.on('exit', () => writeFileSync(cache, script.createCachedData()));
process.argv = [process.argv[0], 'everystep', ...argv];
const exports_ = {};
script.runInThisContext()(exports_, require, filename);
exports_.start();
