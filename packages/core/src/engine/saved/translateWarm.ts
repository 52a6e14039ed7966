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
 * Makes regions of blocks of kept code that have run often, but not often enough for a region of the run.
 * @param guest as it was in the run
 */
export function translateWarm(saved: SavedCode, guest: Guest, { pool, constantAt, mayGoOn, warmRuns }: WarmTranslating): Warm {
  const { translation, learnt, start, end, branchTargets } = saved.head;
  const view = new CodeView(start, end);
  teach(view, learnt);
  const elsewhere = new CodeView();
  const known = new KnownCode();
  const warm: number[] = [];
  for (let number = 0; number < saved.blockCount; number++) {
    const block = saved.block(number);
    const parts = block && partsOf(block);
    if (block === undefined || parts === undefined) continue;
    const pc = start + saved.offsetOfBlock(number);
    known.add(pc, block.subarray(parts.codeAt));
    if (parts.runs >= warmRuns) warm.push(pc);
  }
  const regions = new Set(saved.regionOffsets.map((offset) => start + offset));
  const inside = new Set<number>();
  for (const pc of regions) {
    const packed = saved.packedRegion(pc - start);
    const blocks = (packed && unpackRegion(packed)?.blocks) ?? [];
    for (let i = 0; i < blocks.length; i += 3) inside.add(blocks[i] as number);
  }
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
    hasRun: (pc) => regions.has(pc) || saved.blockAt(pc - start) >= 0,
  };
  const translator = new RegionTranslator(machine);
  const made: [offset: number, words: Uint32Array][] = [];
  const isFunction = (pc: number): boolean => view.loops.isFunction(pc);
  // Whole functions first, as far as they have run: what is left is what they do not reach.
  for (const pc of [...warm.filter(isFunction), ...warm.filter((each) => !isFunction(each))]) {
    if (regions.has(pc) || machine.isLoopEntry(pc) || (inside.has(pc) && !isFunction(pc))) continue;
    if (!mayGoOn()) break;
    const slots = new CheckSlots();
    // The first is the stack's.
    slots.allocate();
    const { region, infos, lowered } = translator.translate(guestAddress(pc), () => slots.allocate());
    const entries = region.entries.map((block) => (region.blocks[block] as Block).pc);
    made.push([pc - start, packRegion({ entries, blocks: infos, lowered }, constantAt)]);
    regions.add(pc);
    for (const info of infos) inside.add(info.pc);
  }
  return { regions: made, learnt: learntOf(view) };
}
