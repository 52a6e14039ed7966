// node examples/browser/serve.mjs [PORT]: the page index.html, with the core and the plugins bundled into its worker.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const port = Number(process.argv[2] ?? 8080);
const worker = await build({
  entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
  bundle: true,
  write: false,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
});
// Guests' memory is shared, for which browsers want the page to be isolated from others.
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
createServer((request, response) => {
  const isWorker = request.url === '/worker.js';
  response.writeHead(200, { ...isolation, 'Content-Type': isWorker ? 'text/javascript' : 'text/html' });
  response.end(isWorker ? worker.outputFiles[0].contents : readFileSync(new URL('index.html', import.meta.url)));
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/`));
