'use strict';
// Loads the bundled command line (scripts/bundle.mjs). What is kept beside its files saves half of the start-up: V8's code caches,
// if they are this V8's, and the bytes of the engine's own Wasm modules. Node 20 has no module.enableCompileCache, and CommonJS
// starts faster than modules do.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');
const settings = require('./v8Settings.cjs');

function read(file, encoding) {
  try {
    return readFileSync(file, encoding);
  } catch {
    return undefined;
  }
}

/**
 * @param folder the bundle's
 * @param keep is told of each file's script, and the file that its code cache belongs in, and of modules' bytes and their files
 * @returns what the main part exports; undefined if there is none
 */
exports.loadBundle = function loadBundle(folder, keep) {
  const compileCold = (compile) => {
    settings.forColdCode();
    try {
      return compile();
    } finally {
      settings.forRegions();
    }
  };
  /** What the bundle asks for by the name `loader`. */
  const loader = {
    compileCold,
    engineModule(name, make) {
      const file = join(folder, `${name}.wasm`);
      const known = read(file);
      if (known !== undefined) return known;
      const bytes = make();
      keep?.module(bytes, file);
      return bytes;
    },
    /** For plugins, files of the user's: scripts from a code cache cannot import. */
    importModule: (url) => import(url),
    get moduleUrl() {
      return require('node:url').pathToFileURL(join(folder, 'everystep.js')).href;
    },
  };
  const load = (name) => {
    const path = join(folder, `${name}.js`);
    const source = read(path, 'latin1');
    if (source === undefined) return undefined;
    const cache = join(folder, `${name}.cache`);
    // V8 takes a code cache only under the settings that it was made with.
    const script = compileCold(() => new vm.Script(source, { filename: path, cachedData: read(cache) }));
    keep?.script(script, cache);
    return script.runInThisContext();
  };
  const parts = new Map();
  const main = load('everystep');
  const loadPart = (name) => {
    let part = parts.get(name);
    if (part === undefined) {
      part = load(name)(require, main.exports.shared, loadPart, loader);
      parts.set(name, part);
    }
    return part;
  };
  if (main === undefined) return undefined;
  main.exports = main(require, undefined, loadPart, loader);
  return { ...main.exports, loadPart };
};
