'use strict';
// Loads the bundled command line (scripts/bundle.mjs). V8's code caches beside its files, if they are this V8's, save a third
// of the start-up; Node 20 has no module.enableCompileCache, and CommonJS starts faster than modules do.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');
const settings = require('./v8Settings.cjs');

/** For plugins, files of the user's: scripts from a code cache cannot import. */
const importModule = (url) => import(url);

function read(file, encoding) {
  try {
    return readFileSync(file, encoding);
  } catch {
    return undefined;
  }
}

/**
 * @param folder the bundle's
 * @param onScript is told of each file's script, and the file that its code cache belongs in
 * @returns what the main part exports; undefined if there is none
 */
exports.loadBundle = function loadBundle(folder, onScript) {
  const filename = join(folder, 'everystep.js');
  const compileCold = (compile) => {
    settings.forColdCode();
    try {
      return compile();
    } finally {
      settings.forRegions();
    }
  };
  const load = (name) => {
    const path = join(folder, `${name}.js`);
    const source = read(path, 'latin1');
    if (source === undefined) return undefined;
    const cache = join(folder, `${name}.cache`);
    // V8 takes a code cache only under the settings that it was made with.
    const script = compileCold(() => new vm.Script(source, { filename: path, cachedData: read(cache) }));
    onScript?.(script, cache);
    return script.runInThisContext();
  };
  const parts = new Map();
  const main = load('everystep');
  const loadPart = (name) => {
    let part = parts.get(name);
    if (part === undefined) {
      part = load(name)(require, filename, main.exports.shared, loadPart, compileCold, importModule);
      parts.set(name, part);
    }
    return part;
  };
  if (main === undefined) return undefined;
  main.exports = main(require, filename, undefined, loadPart, compileCold, importModule);
  return { ...main.exports, loadPart };
};
