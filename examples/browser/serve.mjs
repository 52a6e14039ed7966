// node examples/browser/serve.mjs [PORT]: the pages index.html and recording.html, with the core and the plugins bundled into their workers.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const port = Number(process.argv[2] ?? 8080);
const workers = ['worker', 'recordingWorker'];
const { outputFiles } = await build({
  entryPoints: workers.map((name) => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
  outdir: '/',
  bundle: true,
  write: false,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
});
const page = (name) => ({ type: 'text/html', body: readFileSync(new URL(name, import.meta.url)) });
const files = new Map([
  ['/', page('index.html')],
  ['/recording.html', page('recording.html')],
  ...outputFiles.map(({ path, contents }) => [path, { type: 'text/javascript', body: contents }]),
]);
// Guests' memory is shared, for which browsers want the page to be isolated from others.
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
createServer((request, response) => {
  const file = files.get(request.url);
  response.writeHead(file === undefined ? 404 : 200, { ...isolation, 'Content-Type': file?.type ?? 'text/plain' });
  response.end(file?.body ?? 'there is no such page');
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/ and http://127.0.0.1:${port}/recording.html`));
