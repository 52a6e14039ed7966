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
  const mixed = makeMixed(24 * MIB);
  const files: Record<string, string | Buffer> = {
    'text.txt': makeText(20_000),
    'mixed.4': mixed.subarray(0, 4 * MIB),
    'mixed.8': mixed.subarray(0, 8 * MIB),
    'mixed.16': mixed.subarray(0, 16 * MIB),
    'mixed.24': mixed,
    'unit.i': makeC(13),
    'unit.s': makeAssembly(2000),
    'unit.go': makeGo(100),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
