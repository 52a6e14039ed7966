// Compares programs of a Debian system under everystep and QEMU (tests/corpus/main.ts): `npm run corpus -- --help`.
import { runTypeScript } from './runTypeScript.mjs';

await runTypeScript('tests/corpus/main.ts');
