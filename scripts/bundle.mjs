// node bundle.mjs [FOLDER]: bundles the command line into FOLDER (packages/cli/dist): everystep.js, a file for each of its
// parts that few runs need, and one for each worker. Capstone stays in node_modules: few commands need it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleParts, modulesBelow } from './bundleParts.mjs';
import { inlineTables } from './inlineTables.mjs';
import { lazyBuiltins } from './lazyBuiltins.mjs';
import { trainingProgram } from './trainingProgram.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const source = join(root, 'packages/cli/src');
const dist = resolve(process.argv[2] ?? join(root, 'packages/cli/dist'));
const workers = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('Worker.ts'));

/** Names stay, so that stack traces in bug reports can be read; the rest is made short, as reading it takes time at each start. */
const options = {
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [await inlineTables(join(root, 'packages/core/src'))],
  platform: 'node',
  target: 'node20.19',
  external: ['@alexaltea/capstone-js', '@duckdb/node-api'],
  logLevel: 'warning',
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
/** Stands for the build until that is known. */
const BUILD = '#'.repeat(32);

/** What is read when it is first used, by the modules that begin it. */
const PARTS = {
  trace: ['trace', 'export', 'checkTrace'].map((file) => `packages/cli/src/commands/${file}.ts`),
  debug: ['packages/cli/src/commands/gdb.ts', 'packages/cli/src/debug/debugSession.ts'],
  recorder: ['packages/cli/src/commands/record.ts'],
  record: ['replay', 'pack', 'makeIndex', 'checkRecording', 'diff'].map((file) => `packages/cli/src/commands/${file}.ts`),
  compile: ['packages/cli/src/commands/cache.ts'],
  query: ['packages/cli/src/commands/query.ts'],
  questions: ['at', 'whoWrote', 'executions', 'why', 'calls', 'syscalls', 'stdout'].map((file) => `packages/cli/src/commands/${file}.ts`),
  sandbox: ['packages/cli/src/host/sandbox/sandboxHost.ts'],
  log: ['packages/cli/src/log/blockLog.ts'],
  disassembly: ['packages/cli/src/disassembly/disassembler.ts'],
  tables: ['packages/cli/src/trace/tables/tables.ts'],
  // Decoders and translators: not needed where translations come from an earlier run (--cache).
  instructions: ['packages/core/src/guest/aarch64/translate/translateBlock.ts', 'packages/core/src/guest/aarch64/decode/general.ts'],
  specialInstructions: ['packages/core/src/guest/aarch64/decode/special.ts'],
  // What has run a few times only is never lowered, and the engine's own modules are kept beside the bundle.
  wasm: [
    ...['context.ts', 'region.ts', 'regionGraph.ts', 'helperModule.ts'].map((file) => `lower/${file}`),
    ...['cold/calledOps.ts', 'cold/coldModule.ts', 'dispatcher.ts', 'functionBody.ts', 'functionWriter.ts', 'probe.ts'],
  ].map((file) => `packages/core/src/wasm/${file}`),
  saved: [
    'packages/core/src/engine/saved/translationKeeper.ts',
    'packages/core/src/engine/saved/restoreRegion.ts',
    'packages/cli/src/host/translationFiles.ts',
  ],
  sockets: ['sockets', 'socketMessages'].map((file) => `packages/core/src/linux/syscalls/${file}.ts`),
  rareCalls: [
    'attributes',
    'barriers',
    'capabilities',
    'clockAdjustment',
    'copying',
    'events',
    'fileSpace',
    'inotify',
    'otherProcesses',
    'polling',
    'prctl',
    'refused',
    'scheduling',
    'signalfd',
    'timers',
  ].map((file) => `packages/core/src/linux/syscalls/${file}.ts`),
  strace: ['packages/core/src/linux/strace/index.ts'],
  plugins: ['packages/cli/src/plugins/loadPlugins.ts', 'packages/cli/src/plugins/pluginHelp.ts'],
};

/** Modules of Node's that take milliseconds to load, and that few runs use. */
const LAZY_BUILTINS = [
  'child_process',
  'crypto',
  'dgram',
  'module',
  'net',
  'os',
  'stream',
  'timers/promises',
  'tty',
  'url',
  'util',
  'worker_threads',
  'zlib',
].map((name) => `node:${name}`);

const modules = await modulesBelow(['core', 'plugins', 'cli'].map((name) => join(root, 'packages', name, 'src')));

// Each part is a script whose value is a function, for bin/everystep.cjs; that is what V8's code cache works with.
const parts = await bundleParts({
  root,
  modules,
  entry: 'packages/cli/src/main.ts',
  parts: PARTS,
  lenders: ['instructions', 'wasm', 'recorder'],
  options: {
    ...options,
    plugins: [...options.plugins, await lazyBuiltins(LAZY_BUILTINS, modules)],
    define: { 'import.meta.url': 'loader.moduleUrl', EVERYSTEP_BUILD: JSON.stringify(BUILD) },
    banner: { js: '(function(require,shared,loadPart,loader){const module={exports:{}};' },
    footer: { js: 'return module.exports})' },
  },
});
const hash = createHash('sha256');
for (const { text } of parts.values()) hash.update(text);
const id = hash.digest('hex').slice(0, BUILD.length);
for (const [name, { text, map }] of parts) {
  const file = join(dist, `${name === '' ? 'everystep' : name}.js`);
  await writeFile(file, text.replaceAll(BUILD, id));
  // For profiles (npm run bench -- --explain): nothing that runs reads it.
  await writeFile(`${file}.map`, map);
}

if (workers.length > 0) {
  await build({
    ...options,
    entryPoints: Object.fromEntries(workers.map((file) => [basename(file, '.ts'), join(source, file)])),
    outdir: dist,
    // Scripts start a third faster than modules do, which each trace pays for.
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: 'const moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
  });
}

// What V8 compiles when small programs run and are recorded, and of the other parts, when they are loaded. A run takes what is there,
// and adds to it.
const training = join(dist, 'trainingProgram');
const recording = join(dist, 'trainingRecording');
await writeFile(training, trainingProgram());
const example = join(root, 'examples/sum/sum');
for (const given of [
  ['run', training],
  ['run', example],
  ['record', '-o', recording, training],
]) {
  const command = [join(root, 'scripts/codeCache.cjs'), dist, Object.keys(PARTS).join(), ...given];
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the bundle does not ${given.join(' ')}: ${stderr}`);
}
await rm(training);
await rm(recording, { recursive: true });
