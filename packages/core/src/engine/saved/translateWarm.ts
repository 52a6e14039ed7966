import { guestAddress } from '../../base/index.ts';
import type { Guest } from '../../guest/index.ts';
import type { Block } from '../../ir/index.ts';
import { CheckSlots } from '../checkSlots.ts';
import { CodeView } from '../codeView.ts';
import type { ConstantPool } from '../constantPool.ts';
import { PAGE } from '../guestStorage.ts';
import { SLOTS } from '../linearMemory.ts';
import { SINGLE_BLOCK, usualMode } from '../modes.ts';
import { RegionTranslator, type TranslatorMachine } from '../regionTranslator.ts';
import { learntOf, teach } from './learnt.ts';
import type { Entry } from './packCode.ts';
import { partsOf } from './savedBlock.ts';
import type { SavedCode } from './savedCode.ts';
import { packRegion, unpackRegion } from './savedRegion.ts';

/**
 * Cold blocks that have run so often become regions when code is compiled between runs. In a run that takes more, for translating and
 * compiling are waited for there; here only what it takes to restore them is to be paid for.
 */
export const WARM_RUNS = 1000;

/** How they are made. */
interface WarmTranslating {
  /** Gets their constants. */
  readonly pool: ConstantPool;
  /** The 16 bytes at a linear offset in the pool. */
  constantAt(offset: number): Uint8Array;
  /** Asked before each. */
  mayGoOn(): boolean;
  /** See WARM_RUNS. */
  readonly warmRuns: number;
  /** Offsets of regions that stay as they are. */
  readonly kept: ReadonlySet<number>;
}

/** What came of it. */
export interface Warm {
  /** Regions by their offset from the code's start. */
  readonly regions: readonly Entry[];
  /** See SavedHead. */
  readonly learnt: unknown;
}

/** Instructions of blocks, by their address. */
class KnownCode {
  private readonly pages = new Map<number, { readonly words: Uint32Array; readonly isKnown: Uint8Array }>();

  add(pc: number, code: Uint32Array): void {
    code.forEach((word, i) => {
      const at = pc + 4 * i;
      const number = Math.floor(at / PAGE);
      let page = this.pages.get(number);
      if (page === undefined) {
        page = { words: new Uint32Array(PAGE / 4), isKnown: new Uint8Array(PAGE / 4) };
        this.pages.set(number, page);
      }
      page.words[(at % PAGE) >>> 2] = word;
      page.isKnown[(at % PAGE) >>> 2] = 1;
    });
  }

  fetch(at: number): number | undefined {
    const page = this.pages.get(Math.floor(at / PAGE));
    return page?.isKnown[(at % PAGE) >>> 2] === 1 ? page.words[(at % PAGE) >>> 2] : undefined;
  }
}

/**
 * Makes regions of kept code anew, and others of blocks that have run often, but not often enough for a region of the run. A run makes
 * small ones, as it waits for V8; here functions are whole, as far as they have run, and what is within them is no region of its own.
 * @param guest as it was in the run
 */
export function translateWarm(saved: SavedCode, guest: Guest, { pool, constantAt, mayGoOn, warmRuns, kept }: WarmTranslating): Warm {
  const { translation, learnt, start, end, branchTargets } = saved.head;
  const view = new CodeView(start, end);
  teach(view, learnt);
  const elsewhere = new CodeView();
  const known = new KnownCode();
  const warm = new Set(saved.regionOffsets.filter((offset) => !kept.has(offset)).map((offset) => start + offset));
  for (let number = 0; number < saved.blockCount; number++) {
    const block = saved.block(number);
    const parts = block && partsOf(block);
    if (block === undefined || parts === undefined) continue;
    const pc = start + saved.offsetOfBlock(number);
    known.add(pc, block.subarray(parts.codeAt));
    if (parts.runs >= warmRuns) warm.add(pc);
  }
  const hasRun = new Set(saved.regionOffsets.map((offset) => start + offset));
  const regions = new Set([...kept].map((offset) => start + offset));
  const inside = new Set<number>();
  const disabled = new Set(translation.disabled);
  const exactMode = { name: 'exact', limits: SINGLE_BLOCK, maxInsns: 1 };
  const machine: TranslatorMachine = {
    guest,
    hooks: {},
    disabled,
    chain: true,
    fusesMadd: translation.fusesMadd,
    vectors: {
      relaxedSwizzle: translation.relaxedSwizzle,
      constantOffset: disabled.has('constant-pool') ? () => undefined : (bytes) => pool.offsetOf(bytes),
    },
    arenas: { stackSlot: SLOTS },
    space: { fetch32: (at) => known.fetch(at), branchTargets: () => branchTargets },
    mode: usualMode(false, true, disabled),
    exactMode,
    instrument: undefined,
    codeAt: (pc) => (start <= pc && pc + 4 <= end ? view : elsewhere),
    cached: (pc) => (regions.has(pc) ? true : undefined),
    isLoopEntry: (pc) => view.loops.rootOf(pc) !== undefined,
    hasRun: (pc) => hasRun.has(pc) || saved.blockAt(pc - start) >= 0,
  };
  const translator = new RegionTranslator(machine);
  const made: [offset: number, words: Uint32Array][] = [];
  const isFunction = (pc: number): boolean => view.loops.isFunction(pc);
  const isInside = insideOf(saved, kept);
  const candidates = [...warm].filter((pc) => hasRun.has(pc) || !isInside(pc)).sort((a, b) => a - b);
  const functions = candidates.filter(isFunction);
  for (const pc of functions) view.hot.add(pc);
  // Whole functions first: what is left is what they do not reach.
  for (const pc of [...functions, ...candidates.filter((each) => !isFunction(each))]) {
    if (regions.has(pc) || (inside.has(pc) && !isFunction(pc))) continue;
    const old = hasRun.has(pc) ? saved.packedRegion(pc - start) : undefined;
    const isPossible = known.fetch(pc) !== undefined && !machine.isLoopEntry(pc) && mayGoOn();
    if (!isPossible && old === undefined) continue;
    regions.add(pc);
    if (!isPossible) {
      if (old !== undefined) made.push([pc - start, old]);
      continue;
    }
    const slots = new CheckSlots();
    // The first is the stack's.
    slots.allocate();
    const { region, infos, lowered } = translator.translate(guestAddress(pc), () => slots.allocate());
    const entries = region.entries.map((block) => (region.blocks[block] as Block).pc);
    made.push([pc - start, packRegion({ entries, blocks: infos, lowered }, constantAt)]);
    for (const info of infos) inside.add(info.pc);
  }
  return { regions: made, learnt: learntOf(view) };
}

/** Tells which pcs are blocks of regions. */
function insideOf(saved: SavedCode, offsets: ReadonlySet<number>): (pc: number) => boolean {
  const pcs = new Set<number>();
  for (const offset of offsets) {
    const packed = saved.packedRegion(offset);
    const blocks = (packed && unpackRegion(packed)?.blocks) ?? [];
    for (let i = 0; i < blocks.length; i += 3) pcs.add(blocks[i] as number);
  }
  return (pc) => pcs.has(pc);
}
