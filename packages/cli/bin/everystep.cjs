#!/usr/bin/env node
'use strict';
const { join } = require('node:path');
const { loadBundle } = require('./loadBundle.cjs');

const bundle = loadBundle(join(__dirname, '../dist'));
if (bundle === undefined) {
  process.stderr.write("everystep: the command is not built yet: run 'npm ci && npm run build' in everystep's folder first\n");
  process.exitCode = 2;
} else {
  bundle.start();
}
