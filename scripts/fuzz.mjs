// Runs the fuzzer (tests/fuzz/main.ts): `npm run fuzz -- --help`.
import { runTypeScript } from './runTypeScript.mjs';

await runTypeScript('tests/fuzz/main.ts');
