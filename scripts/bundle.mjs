// Bundles the command line into packages/cli/dist: everystep.js, one file for each worker, and what they share. A command's
// own code is in a file of its own, loaded when the command is used. Capstone stays in node_modules: few commands need it.
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const cli = fileURLToPath(new URL('../packages/cli/', import.meta.url));
const source = join(cli, 'src');
const files = await readdir(source, { recursive: true });
const workers = files.filter((file) => file.endsWith('Worker.ts'));

await rm(join(cli, 'dist'), { recursive: true, force: true });
await build({
  entryPoints: { everystep: join(source, 'main.ts'), ...Object.fromEntries(workers.map((file) => [basename(file, '.ts'), join(source, file)])) },
  outdir: join(cli, 'dist'),
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['@alexaltea/capstone-js'],
  // Function and class names stay, for stack traces in bug reports.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  logLevel: 'warning',
});
