// node bundle.mjs [FOLDER]: bundles the command line into FOLDER (packages/cli/dist): everystep.js, and a file for each
// worker. Capstone stays in node_modules: few commands need it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { inlineTables } from './inlineTables.mjs';

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
  external: ['@alexaltea/capstone-js'],
  logLevel: 'warning',
};

await rm(dist, { recursive: true, force: true });
/** Stands for the build until that is known. */
const BUILD = '#'.repeat(32);

// The main program is a script whose value is a function, for bin/everystep.cjs; that is what V8's code cache works with.
await build({
  ...options,
  entryPoints: [join(source, 'main.ts')],
  outfile: join(dist, 'everystep.js'),
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl', EVERYSTEP_BUILD: JSON.stringify(BUILD) },
  banner: { js: '(function(exports,require,__filename){const module={exports},moduleUrl=require("node:url").pathToFileURL(__filename).href;' },
  footer: { js: 'Object.assign(exports,module.exports)})' },
});
const bundle = join(dist, 'everystep.js');
const text = await readFile(bundle, 'utf8');
await writeFile(bundle, text.replace(BUILD, createHash('sha256').update(text).digest('hex').slice(0, BUILD.length)));

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

// What V8 compiles when a small program runs.
const command = [join(root, 'scripts/codeCache.cjs'), join(dist, 'everystep.js'), join(dist, 'everystep.cache'), 'run', join(root, 'examples/sum/sum')];
const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
if (status !== 0) throw new Error(`the bundle does not run examples/sum: ${stderr}`);
