import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Bundles a TypeScript program of this repository (Node 20 runs none) and runs it in this process, from the repository's root. */
export async function runTypeScript(source) {
  process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
  const outfile = join(process.cwd(), '.build', 'scripts', `${source.replaceAll('/', '-').replace(/\.ts$/, '')}-${process.pid}.mjs`);
  await build({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', sourcemap: 'inline', logLevel: 'warning' });
  process.setSourceMapsEnabled(true);
  process.argv[1] = outfile;
  process.on('exit', () => rmSync(outfile, { force: true }));
  await import(pathToFileURL(outfile).href);
}
