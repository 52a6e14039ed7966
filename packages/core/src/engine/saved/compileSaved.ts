import { regionModule } from '../../wasm/index.ts';
import { batchesOf } from '../batches.ts';
import { addSlot, CheckSlots, type SlotSpan } from '../checkSlots.ts';
import { ConstantPool } from '../constantPool.ts';
import { CONSTANTS_END } from '../linearMemory.ts';
import { MOST_LINKS } from '../regionTable.ts';
import { isWorthCompiling } from './growth.ts';
import { type Entry, packCode } from './packCode.ts';
import { loweredOf } from './restoreRegion.ts';
import type { ModuleEntry, SavedCode } from './savedCode.ts';
import { packModule } from './savedModule.ts';
import { hexOf, type SavedRegion, settle, unpackRegion } from './savedRegion.ts';

/** Regions near each other that become one module. */
const REGIONS_OF_MODULE = 64;

/** A module of fewer regions of use is made anew with those that have none. */
const LEAST_REGIONS = REGIONS_OF_MODULE / 4;

/** How code is compiled. */
export interface Compiling {
  /** See NativeCode. */
  compile(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** Asked before each module: false where the rest is left for another time. */
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
 * Makes modules of the regions of kept code that are in none, and has them compiled: a run takes them as they are, for they are the
 * same, with the same memory check slots, whatever it runs first.
 * @returns undefined if there is nothing to do that is worth it
 */
export function compileSaved(saved: SavedCode, { compile, mayGoOn }: Compiling): Compiled | undefined {
  const { head } = saved;
  if (!isWorthCompiling(saved.regionCount, saved.regionsWithoutModule.length)) return undefined;
  const kept = head.modules.map((entry, number) => ({ entry, words: saved.packedModule(number) })).filter(({ entry }) => entry.regions.length >= LEAST_REGIONS);
  const modules = kept.flatMap(({ entry, words }) => (words === undefined ? [] : [{ entry, words }]));
  const inModules = new Set(modules.flatMap(({ entry }) => entry.regions));
  const slots = new CheckSlots();
  for (const { entry } of modules) slots.claim(entry.slots);
  const nextSlot = slots.area(`${head.key} ${head.area}`);
  const pool = new Uint8Array(CONSTANTS_END);
  const constantPool = new ConstantPool({ bytes: pool });
  const placed = saved.regionOffsets.filter((offset) => !inModules.has(offset)).flatMap((offset) => placeRegion(saved, offset, nextSlot, constantPool) ?? []);
  const groups = Array.from({ length: Math.ceil(placed.length / REGIONS_OF_MODULE) }, (_, i) =>
    placed.slice(i * REGIONS_OF_MODULE, (i + 1) * REGIONS_OF_MODULE),
  );
  let [regions, made, bytes] = [0, 0, 0];
  for (const group of groups.flatMap((each) => batchesOf(each, MOST_LINKS))) {
    if (!mayGoOn()) break;
    const wasm = regionModule(
      group.map(({ lowered }) => lowered),
      head.memoryPages,
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
      constants: [...new Set(group.flatMap(({ constants }) => constants))].map((offset) => [offset, hexOf(pool.subarray(offset, offset + 16))]),
      wasm,
      native: compile(wasm),
    });
    const entry: ModuleEntry = { regions: group.map(({ offset }) => offset), places: group.length, slots: group.flatMap((one) => one.slots) };
    modules.push({ entry, words });
    regions += group.length;
    made++;
    bytes += wasm.length;
  }
  if (made === 0) return undefined;
  const blocks = Array.from({ length: saved.blockCount }, (_, number): Entry | undefined => entryOf(saved.offsetOfBlock(number), saved.block(number)));
  const whole = [...inModules, ...placed.map(({ offset }) => offset)];
  const regionEntries = whole.map((offset) => entryOf(offset, saved.packedRegion(offset)));
  const parts = packCode(
    { ...head, modules: modules.map(({ entry }) => entry) },
    blocks.filter((entry) => entry !== undefined),
    regionEntries.filter((entry) => entry !== undefined),
    modules.map(({ words }) => words),
  );
  return { parts, regions, modules: made, bytes };
}

const entryOf = (offset: number, words: Uint32Array | undefined): Entry | undefined => words && [offset, words];

/** @returns undefined if it is damaged, or there is no room for its constants */
function placeRegion(code: SavedCode, offset: number, nextSlot: () => number, constantPool: ConstantPool): PlacedRegion | undefined {
  const packed = code.packedRegion(offset);
  const saved = packed && unpackRegion(packed);
  if (saved === undefined) return undefined;
  const slots: { first: number; end: number }[] = [];
  const allocateSlot = (): number => {
    const slot = nextSlot();
    addSlot(slots, slot);
    return slot;
  };
  const constants = settle(saved, { allocateSlot, constantOffset: (bytes) => constantPool.offsetOf(bytes) });
  return constants && { offset, saved, lowered: loweredOf(saved), slots, constants };
}
