#!/usr/bin/env node
'use strict';
// Loads the bundled command line (scripts/bundle.mjs), and starts it. What is kept beside its files saves half of the start-up: V8's
// code caches, if they are this V8's, and the bytes of the engine's own Wasm modules. Node 20 has no module.enableCompileCache.
// CommonJS starts faster than modules do, and one file faster than several.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const vm = require('node:vm');
const { setFlagsFromString } = require('node:v8');

/**
 * V8's settings for running guests, by the first and last Node release that knows each (a flag that V8 does not know
 * prints an error). They change speed only. They are set before the bundle is compiled, because V8 takes a code cache
 * only under the settings that it was made with.
 */
const SETTINGS = [
  // Branch hints: 2 to 18 % on checked memory accesses.
  { flag: '--experimental-wasm-branch-hinting', from: 20, to: 24 },
  // Functions are compiled when they are first called, as later releases do: a module has regions that are entered now and such as will be.
  { flag: '--wasm-lazy-compilation', from: 20, to: 20 },
  // Relaxed SIMD has the fused multiply-add; a release later it needs no flag.
  { flag: '--experimental-wasm-relaxed-simd', from: 20, to: 20 },
  // Optimising our own JavaScript, and Wasm that has run a few thousand times, costs short runs more than it gives:
  // 1.35 s of user time became 0.6 s for a static glibc program of 12 million instructions.
  { flag: '--interrupt-budget=400000', from: 20, to: 20 },
  // Where the event loop turns while a guest runs, V8 would begin to mark its heap long before that is full: 20 ms of a recording.
  { flag: '--no-incremental-marking-task', from: 20, to: 20 },
  // The same for the compiler between the two, from 400 calls on by default: a static hello world takes 0.89 of the CPU time,
  // python3's start 0.94, three seconds of Python 0.94.
  { flag: '--invocation-count-for-maglev=3000', from: 24, to: 24 },
];

/**
 * Execution after which V8 optimises a Wasm function. What runs cold code is one large function, which V8 counts by its
 * size: under the regions' budget it would be optimised, for 10 ms, in the first milliseconds of any program.
 */
const TIERING = {
  20: { cold: '--wasm-tiering-budget=500000000', regions: '--wasm-tiering-budget=32000000' },
  // For regions, what V8 has by itself.
  24: { cold: '--wasm-tiering-budget=500000000', regions: '--wasm-tiering-budget=13000000' },
};

const major = Number(process.versions.node.split('.')[0]);
for (const { flag, from, to } of SETTINGS) if (major >= from && major <= to) setFlagsFromString(flag);

function setTiering(what) {
  const flag = TIERING[major]?.[what];
  if (flag !== undefined) setFlagsFromString(flag);
}

/** For the module that goes through cold code, and for code caches, which are made under it. */
const forColdCode = () => setTiering('cold');
/** For all other modules: regions, and the functions that they call. */
const forRegions = () => setTiering('regions');
forColdCode();

/**
 * What V8 makes of Wasm modules, as functions of V8's own that a script must be allowed to name: it is asked for as long as they are
 * made and called. V8 looks itself whether packed code is of its own release, processor and settings, which are those for regions at
 * both times; only while it compiles to pack, it is to optimise all functions at once. The releases are those that this has been tried with, 20.20, 22.23 and
 * 24.22: another may want other arguments, and ends the process where they are wrong; 26 has no such functions.
 */
const nativeCode = major <= 24 ? nativeCodeOfV8() : undefined;

function nativeCodeOfV8() {
  const call = (body, ...values) => {
    setFlagsFromString('--allow-natives-syntax');
    try {
      return new Function('a', 'b', `return ${body}`)(...values);
    } finally {
      setFlagsFromString('--no-allow-natives-syntax');
    }
  };
  return {
    compile(wasm) {
      setFlagsFromString('--no-liftoff');
      setFlagsFromString('--no-wasm-lazy-compilation');
      let module;
      try {
        module = new WebAssembly.Module(wasm);
      } finally {
        // With the first flag, V8 has changed the last one, too.
        for (const flag of ['--wasm-lazy-compilation', '--liftoff', '--wasm-dynamic-tiering']) setFlagsFromString(flag);
      }
      return new Uint8Array(call('%SerializeWasmModule(a)', module));
    },
    restore: (packed, wasm) => call('%DeserializeWasmModule(a, b)', packed.buffer, wasm),
  };
}

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
function loadBundle(folder, keep) {
  const compileCold = (compile) => {
    forColdCode();
    try {
      return compile();
    } finally {
      forRegions();
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
    nativeCode,
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
}

if (require.main === module) {
  const bundle = loadBundle(join(__dirname, '../dist'));
  if (bundle === undefined) {
    process.stderr.write("everystep: the command is not built yet: run 'npm ci && npm run build' in everystep's folder first\n");
    process.exitCode = 2;
  } else {
    bundle.start();
  }
} else {
  module.exports = { forColdCode, loadBundle };
}
