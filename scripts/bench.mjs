// Runs the benchmarks (bench/main.ts): `npm run bench -- --help`.
import { runTypeScript } from './runTypeScript.mjs';

await runTypeScript('bench/main.ts');
