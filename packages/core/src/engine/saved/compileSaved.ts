import type { Guest } from '../../guest/index.ts';
import { regionModule } from '../../wasm/index.ts';
import { batchesOf } from '../batches.ts';
import { addSlot, CheckSlots, LAST_SLOT, type SlotSpan } from '../checkSlots.ts';
import { ConstantPool } from '../constantPool.ts';
import { CONSTANTS_END, SLOT_BYTES } from '../linearMemory.ts';
import { MOST_LINKS } from '../regionTable.ts';
import { type Entry, MOST_WORDS, packCode } from './packCode.ts';
import { loweredOf } from './restoreRegion.ts';
import type { ModuleEntry, SavedCode } from './savedCode.ts';
import { packModule } from './savedModule.ts';
import { hexOf, type SavedRegion, settle, unpackRegion } from './savedRegion.ts';
import { translateWarm, WARM_RUNS } from './translateWarm.ts';

/** Regions near each other that become one module. */
const REGIONS_OF_MODULE = 64;

/** A module of fewer regions of use is made anew with those that have none. */
const LEAST_REGIONS = REGIONS_OF_MODULE / 4;

/** How code is compiled. */
export interface Compiling {
  /** See NativeCode. */
  compile(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** Memory check slots of modules of other code, by the code: programs that have both take both. */
  readonly slotsOfOthers: readonly (readonly SlotSpan[])[];
  /** How often a block has run that becomes a region; default: WARM_RUNS. */
  readonly warmRuns?: number;
  /** Asked before each region and module: false where the rest is left for another time. */
  mayGoOn(): boolean;
}

/** What came of it. */
export interface Compiled {
  /** What is to be kept in place of the code, see SavedCode. */
  readonly parts: readonly Uint8Array[];
  readonly regions: number;
  readonly modules: number;
  /** Of the modules' Wasm. */
  readonly bytes: number;
}

interface PlacedRegion {
  readonly offset: number;
  readonly saved: SavedRegion;
  readonly lowered: ReturnType<typeof loweredOf>;
  readonly slots: readonly SlotSpan[];
  /** Linear offsets. */
  readonly constants: readonly number[];
}

/**
 * Makes regions of kept code that has run often, modules of all that are in none, and has these compiled: a run takes them as they are, for they are the
 * same, with the same memory check slots, whatever it runs first.
 * @param guest as it was in the run
 * @returns undefined if there is nothing to do that is worth it
 */
export function compileSaved(saved: SavedCode, guest: Guest, { compile, mayGoOn, slotsOfOthers, warmRuns = WARM_RUNS }: Compiling): Compiled | undefined {
  const { head } = saved;
  if (!saved.isWorthCompiling) return undefined;
  const pool = new Uint8Array(CONSTANTS_END);
  const constantAt = (offset: number): Uint8Array => pool.subarray(offset, offset + 16);
  const constantPool = new ConstantPool({ bytes: pool });
  const kept = head.modules.map((entry, number) => ({ entry, words: saved.packedModule(number) })).filter(({ entry }) => entry.regions.length >= LEAST_REGIONS);
  const modules = kept.flatMap(({ entry, words }) => (words === undefined ? [] : [{ entry, words }]));
  const inModules = new Set(modules.flatMap(({ entry }) => entry.regions));
  const warm = translateWarm(saved, guest, { pool: constantPool, constantAt, mayGoOn, warmRuns, kept: inModules });
  const ofRuns = new Set(saved.regionOffsets);
  const packed = new Map([...warm.regions, ...[...inModules].flatMap((offset) => entryOf(offset, saved.packedRegion(offset)) ?? [])]);
  const slots = new CheckSlots();
  slots.avoid(slotsOfOthers);
  for (const { entry } of modules) slots.claim(entry.slots);
  const nextSlot = slots.area(`${head.key} ${head.area}`);
  const placed = [...packed]
    .filter(([offset]) => !inModules.has(offset))
    .sort(byOffset)
    .flatMap(([offset, words]) => placeRegion(words, offset, nextSlot, constantPool) ?? []);
  const blocks = Array.from({ length: saved.blockCount }, (_, number) => entryOf(saved.offsetOfBlock(number), saved.block(number)) ?? []).flat();
  let room = MOST_WORDS - sumOf(blocks) - sumOf([...packed]) - modules.reduce((sum, { words }) => sum + words.length, 0);
  let [regions, made, bytes] = [0, 0, 0];
  for (const group of groupsOf(placed)) {
    if (!mayGoOn()) break;
    const wasm = regionModule(
      group.map(({ lowered }) => lowered),
      head.translation.memoryPages,
      true,
    );
    const words = packModule({
      regions: group.map(({ offset, saved: { entries, blocks, links, helpers } }) => ({
        offset,
        entries,
        blocks,
        links,
        helpers: helpers.map(({ name }) => name),
      })),
      constants: [...new Set(group.flatMap(({ constants }) => constants))].map((offset) => [offset, hexOf(constantAt(offset))]),
      wasm,
      native: compile(wasm),
    });
    room -= words.length;
    if (room < 0) break;
    const entry: ModuleEntry = { regions: group.map(({ offset }) => offset), places: group.length, slots: group.flatMap((one) => one.slots) };
    modules.push({ entry, words });
    for (const { offset } of group) inModules.add(offset);
    regions += group.length;
    made++;
    bytes += wasm.length;
  }
  if (made === 0 && room >= 0) return undefined;
  // A region that is not compiled is worth having only if a run has made it.
  const whole = [...inModules, ...placed.map(({ offset }) => offset).filter((offset) => !inModules.has(offset) && ofRuns.has(offset))];
  const parts = packCode(
    { ...head, warm: mayGoOn() ? 0 : head.warm, isFull: room < 0, learnt: warm.learnt, modules: modules.map(({ entry }) => entry) },
    blocks,
    whole.flatMap((offset) => entryOf(offset, packed.get(offset)) ?? []),
    modules.map(({ words }) => words),
  );
  return { parts, regions, modules: made, bytes };
}

const byOffset = ([a]: Entry, [b]: Entry): number => a - b;
const sumOf = (entries: readonly Entry[]): number => entries.reduce((sum, [, { length }]) => sum + length, 0);

/** Regions in their order, as they become modules. */
function groupsOf(placed: readonly PlacedRegion[]): readonly (readonly PlacedRegion[])[] {
  const groups = Array.from({ length: Math.ceil(placed.length / REGIONS_OF_MODULE) }, (_, i) =>
    placed.slice(i * REGIONS_OF_MODULE, (i + 1) * REGIONS_OF_MODULE),
  );
  return groups.flatMap((group) => batchesOf(group, MOST_LINKS));
}

const entryOf = (offset: number, words: Uint32Array | undefined): readonly Entry[] | undefined => words && [[offset, words]];

/** @returns undefined if it is damaged, or there is no room for its constants or memory check slots */
function placeRegion(packed: Uint32Array, offset: number, nextSlot: () => number, constantPool: ConstantPool): PlacedRegion | undefined {
  const saved = unpackRegion(packed);
  if (saved === undefined) return undefined;
  const slots: { first: number; end: number }[] = [];
  const allocateSlot = (): number => {
    const slot = nextSlot();
    addSlot(slots, slot);
    return slot;
  };
  const constants = settle(saved, { allocateSlot, constantOffset: (bytes) => constantPool.offsetOf(bytes) });
  return constants && slots.at(-1)?.end !== LAST_SLOT + SLOT_BYTES ? { offset, saved, lowered: loweredOf(saved), slots, constants } : undefined;
}
