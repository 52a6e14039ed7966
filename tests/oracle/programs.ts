import { join } from 'node:path';

/** A program of tests/programs, built. */
export interface Program {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** Builds the programs of a folder, as far as they are older than their sources, into `output`. */
export async function programs(folder = 'tests/programs', output = '.build/programs'): Promise<readonly Program[]> {
  const root = join(import.meta.dirname, '../..');
  const { buildPrograms } = (await import(join(root, 'tests/programs/build.mjs'))) as { buildPrograms(folder: string, output: string): Program[] };
  return buildPrograms(join(root, folder), join(root, output));
}
