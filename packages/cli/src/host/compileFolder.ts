import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Compiling, CPU_MODEL_NAMES, compileSaved, createAArch64, SavedCode } from '@everystep/core';
import { BUILD } from '../version.ts';
import { type KeptBytes, openKept, SUFFIX, TranslationFiles } from './translationFiles.ts';

/** How often a folder is gone through for what runs have saved meanwhile. */
const MOST_ROUNDS = 10;

/** Translations for one CPU model. */
interface Store {
  readonly guest: ReturnType<typeof createAArch64>;
  readonly files: TranslationFiles;
}

/** How much has been compiled. */
interface Total {
  regions: number;
  modules: number;
  /** Of Wasm. */
  bytes: number;
}

/**
 * Compiles what this build of everystep has kept in a folder, what was used last first.
 * @param limit most bytes of all files, as that of runs
 * @param warn is told why something cannot be kept
 */
export function compileFolder(folder: string, limit: number, how: Omit<Compiling, 'slotsOfOthers'>, warn: (text: string) => void): Total {
  const stores = CPU_MODEL_NAMES.map((cpu) => ({ guest: createAArch64(cpu), files: new TranslationFiles(folder, `${BUILD} ${cpu}`, limit, warn) }));
  const holder = { held: 0 };
  const total: Total = { regions: 0, modules: 0, bytes: 0 };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const outcomes = pathsIn(folder).map((path) =>
      compileFile(path, openKept(path, holder), stores, { ...how, slotsOfOthers: slotsOfOthers(folder, path) }, total),
    );
    if (!outcomes.includes('replaced')) break;
  }
  return total;
}

/** What a run saves meanwhile counts more: it stays, and is to be compiled. */
function compileFile(path: string, bytes: KeptBytes | undefined, stores: readonly Store[], compiling: Compiling, total: Total): 'done' | 'replaced' {
  const saved = bytes && SavedCode.open(bytes);
  const store = saved && stores.find(({ files }) => files.pathOf(saved.head.key) === path);
  const compiled = store && compileSaved(saved, store.guest, compiling);
  if (compiled === undefined) return 'done';
  if (!bytes?.isPresent()) return 'replaced';
  store?.files.save(saved?.head.key ?? '', compiled.parts);
  total.regions += compiled.regions;
  total.modules += compiled.modules;
  total.bytes += compiled.bytes;
  return 'done';
}

/** Memory check slots of modules of other code in the folder. */
function slotsOfOthers(folder: string, path: string): Compiling['slotsOfOthers'] {
  const holder = { held: Number.POSITIVE_INFINITY };
  return pathsIn(folder)
    .filter((other) => other !== path)
    .map((other) => openKept(other, holder))
    .map((bytes) => (bytes && SavedCode.open(bytes)?.head.modules.flatMap(({ slots }) => slots)) ?? []);
}

function pathsIn(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const status = statSync(path, { throwIfNoEntry: false });
      return status === undefined ? [] : [{ path, used: status.mtimeMs }];
    })
    .sort((a, b) => b.used - a.used)
    .map(({ path }) => path);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Somebody has removed it.
    return [];
  }
}
