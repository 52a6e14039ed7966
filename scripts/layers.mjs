// Checks the layers (.dependency-cruiser.mjs). A run that cruised fewer modules than there are source files proves nothing, and fails.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config, { rooms } from '../.dependency-cruiser.mjs';

/** TypeScript sources under a folder, relative to the working directory, declarations left out. */
async function sources(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile() && e.name.endsWith('.ts') && !e.name.endsWith('.d.ts')).map((e) => join(e.parentPath, e.name));
}

const folders = ['packages/core/src', 'packages/plugins/src', 'packages/cli/src'];
const expected = (await Promise.all(folders.map((folder) => sources(folder).catch(() => [])))).flat();
const { forbidden, options } = config;
const { output } = await cruise(folders, { ...options, validate: true, ruleSet: { forbidden } }, undefined, {
  tsConfig: extractTSConfig(options.tsConfig.fileName),
});

const cruised = new Set(output.modules.map((module) => module.source));
const missed = expected.filter((source) => !cruised.has(source));
for (const { rule, from, to, cycle } of output.summary.violations) {
  console.error(`${rule.name}: ${from} -> ${to}${cycle ? ` (${cycle.map((c) => c.name).join(' -> ')})` : ''}`);
}
for (const source of missed) console.error(`not cruised: ${source}`);
const emptyRooms = Object.keys(rooms).filter((room) => !expected.some((source) => source.startsWith(`packages/core/src/${room}/`)));
if (emptyRooms.length > 0) console.error(`rooms without a source: ${emptyRooms.join(', ')}`);

const failed = output.summary.violations.length + missed.length + emptyRooms.length;
if (expected.length === 0) console.error('no source was found');
console.log(`layers: ${expected.length} sources, ${output.summary.totalDependenciesCruised} imports, ${failed} violations`);
process.exitCode = failed > 0 || expected.length === 0 || output.summary.totalDependenciesCruised === 0 ? 1 : 0;
