// node browserBundle.mjs FOLDER: bundles the core with the page and the worker that run guests in a browser (bench/browser).
import { build } from 'esbuild';

const folder = process.argv[2];
if (folder === undefined) throw new Error('no folder is given');
await build({
  entryPoints: ['bench/browser/page/page.ts', 'bench/browser/page/worker.ts'],
  outdir: folder,
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  logLevel: 'warning',
});
