// Compares a program's run under qemu-aarch64 and under everystep, instruction by instruction (tests/oracle/lockstep.ts).
import { runTypeScript } from './runTypeScript.mjs';

await runTypeScript('tests/oracle/lockstepMain.ts');
