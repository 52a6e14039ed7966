import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAssembly } from './inputs/assembly.ts';
import { makeC } from './inputs/c.ts';
import { makeGo } from './inputs/go.ts';
import { makeMixed, makeText } from './inputs/text.ts';

const SCRIPTS = 'bench/debian';
const MIB = 1 << 20;

/** Writes what the Debian set's programs read, the same bytes each time. */
export function writeInputs(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(SCRIPTS)) copyFileSync(join(SCRIPTS, file), join(folder, file));
  const mixed = makeMixed(32 * MIB);
  const files: Record<string, string | Buffer> = {
    'text.txt': makeText(30_000),
    'mixed.6': mixed.subarray(0, 6 * MIB),
    'mixed.8': mixed.subarray(0, 8 * MIB),
    'mixed.22': mixed.subarray(0, 22 * MIB),
    'mixed.32': mixed,
    'unit.i': makeC(15),
    'unit.s': makeAssembly(3600),
    'unit.go': makeGo(115),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
