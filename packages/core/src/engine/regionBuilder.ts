import { upperBoundOf } from '../base/index.ts';
import type { BranchTargets, Guest } from '../guest/index.ts';
import { type Block, IrBuffer, IrBuilder, LaneForwarding, lastInsnPc } from '../ir/index.ts';
import type { Region } from '../wasm/index.ts';
import { blockInfo } from './blockInfo.ts';
import type { BlockInfo, Instrument, MachineHooks } from './seams.ts';

/** How far a region grows. */
export interface RegionLimits {
  readonly blocks: number;
  readonly insns: number;
}

export interface RegionRequest {
  readonly guest: Guest;
  readonly pc: number;
  readonly fetch: (pc: number) => number | undefined;
  readonly branchTargets: (pc: number) => BranchTargets;
  readonly limits: RegionLimits;
  /** Most guest instructions in a block. */
  readonly maxInsns: number;
  /** See BlockInfo. */
  readonly exact: boolean;
  /** True for a pc that is known to start another guest function: not taken into the region. */
  readonly isForeign: (pc: number) => boolean;
  /** Where the region can be entered besides `pc`: taken in whether or not `pc` leads there, unless there is no code. */
  readonly entries: readonly number[];
  /** Targets seen so far of the indirect jump at a pc. */
  readonly knownTargets: (jumpPc: number) => readonly number[];
  readonly instrument: Instrument | undefined;
  readonly hooks: MachineHooks;
  readonly nextBlockId: () => number;
  /** See IrBuilder. */
  readonly fusesMadd: boolean;
  /** Whether to run LaneForwarding. */
  readonly forwardsLanes: boolean;
}

export interface BuiltRegion {
  readonly region: Region;
  readonly infos: readonly BlockInfo[];
  /** Whether the instrument has added to any block. */
  readonly isInstrumented: boolean;
}

/** QEMU's TCG_MAX_INSNS. */
export const MAX_BLOCK_INSNS = 512;

interface Draft {
  block: Block;
  info: BlockInfo;
}

/**
 * Finds and translates the blocks of a region: those that direct branches reach from `pc`, breadth first. A branch
 * into the middle of a block cuts that block in two, so that no instruction is in the region twice.
 */
export class RegionBuilder {
  private readonly translated = new IrBuffer();
  private readonly instrumented = new IrBuffer();
  private readonly laneForwarding = new LaneForwarding();

  build(request: RegionRequest): BuiltRegion {
    const { pc: root, limits, hooks, instrument } = request;
    this.translated.reset();
    const ir = new IrBuilder(this.translated, request.fusesMadd);
    const blocks = new Map<number, Block>();
    const sorted: number[] = [];
    const queue = [root, ...request.entries];
    let insns = 0;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (blocks.has(next)) continue;
      if (next !== root && (blocks.size >= limits.blocks || insns >= limits.insns || request.isForeign(next))) continue;
      // Between two known starts, a block ends where the next one begins.
      const at = upperBoundOf(sorted, next);
      const before = blocks.get(sorted[at - 1] as number);
      if (before !== undefined && next < before.pc + before.bytes) {
        const keep = insnsBefore(before, next - before.pc);
        if (keep > 0) {
          insns -= before.insns;
          const cut = this.translate(ir, request, before.pc, keep);
          blocks.set(before.pc, cut);
          insns += cut.insns;
        }
      }
      const following = sorted[at];
      const room = following === undefined ? request.maxInsns : Math.min(request.maxInsns, (following - next) / request.guest.insnAlign);
      let block = this.translate(ir, request, next, room);
      if (following !== undefined && next + block.bytes > following) {
        const keep = insnsBefore(block, following - next);
        if (keep > 0) block = this.translate(ir, request, next, keep);
      }
      if (next !== root && block.terminator.kind === 'trap' && block.insns === 0) continue;
      blocks.set(next, block);
      sorted.splice(at, 0, next);
      insns += block.insns;
      if (limits.blocks > 1) this.push(queue, block, request);
    }

    const drafts: Draft[] = [root, ...sorted.filter((pc) => pc !== root)].map((pc) => {
      const block = blocks.get(pc) as Block;
      const info = blockInfo(request.nextBlockId(), this.translated, block, request.exact);
      return { block, info };
    });
    for (const { block, info } of drafts) {
      hooks.translated?.(info);
      hooks.ir?.('op', info, this.translated, block);
    }
    let buffer = this.translated;
    const isInstrumented = instrument !== undefined && drafts.some(({ block }) => instrument.wants?.(this.translated, block) !== false);
    if (isInstrumented) {
      buffer = this.instrumented;
      buffer.reset();
      const to = new IrBuilder(buffer, request.fusesMadd);
      for (const draft of drafts) draft.block = instrument.instrument(this.translated, draft.block, draft.info, to);
    }
    if (request.forwardsLanes) for (const draft of drafts) draft.block = this.laneForwarding.run(buffer, draft.block);
    if (hooks.ir !== undefined) for (const { block, info } of drafts) hooks.ir('op_opt', info, buffer, block);
    const finished = drafts.map(({ block }) => block);
    return {
      region: {
        buffer,
        blocks: finished,
        layout: request.guest.state,
        localTargets: this.localTargets(finished, request),
        entries: entryBlocks(finished, request.entries),
      },
      infos: drafts.map(({ info }) => info),
      isInstrumented,
    };
  }

  private translate(ir: IrBuilder, { guest, fetch, branchTargets }: RegionRequest, pc: number, maxInsns: number): Block {
    const start = this.translated.length;
    ir.terminator = undefined;
    const { insns, bytes, insnOffsets } = guest.translateBlock(ir, { pc, maxInsns, fetch, branchTargets: branchTargets(pc) });
    const terminator = ir.terminator as Block['terminator'] | undefined;
    if (terminator === undefined) throw new Error('a translated block has no terminator');
    return { pc, start, end: this.translated.length, insns, bytes, terminator, insnOffsets };
  }

  private push(queue: number[], block: Block, request: RegionRequest): void {
    const t = block.terminator;
    switch (t.kind) {
      case 'jump':
        queue.push(t.target);
        break;
      case 'branch':
        queue.push(t.fallThrough, t.taken);
        break;
      case 'call':
      case 'callIndirect':
        queue.push(t.returnAddress);
        break;
      case 'syscall':
        queue.push(t.next);
        break;
      case 'jumpIndirect':
        queue.push(...request.knownTargets(lastInsnPc(block)));
        break;
      default:
    }
  }

  private localTargets(blocks: readonly Block[], request: RegionRequest): Map<number, readonly number[]> {
    const at = new Map(blocks.map((block, i) => [block.pc, i]));
    const result = new Map<number, readonly number[]>();
    blocks.forEach((block, i) => {
      if (block.terminator.kind !== 'jumpIndirect') return;
      const inside = request.knownTargets(lastInsnPc(block)).flatMap((pc) => at.get(pc) ?? []);
      if (inside.length > 0) result.set(i, inside);
    });
    return result;
  }
}

/** Numbers of the blocks at the entries. */
function entryBlocks(blocks: readonly Block[], entries: readonly number[]): number[] {
  return entries.flatMap((pc) => {
    const block = blocks.findIndex((each) => each.pc === pc);
    return block > 0 ? [block] : [];
  });
}

/** Number of whole instructions in the first `bytes` of a block; 0 if that is no instruction boundary. */
function insnsBefore(block: Block, bytes: number): number {
  if (block.insnOffsets === undefined) return bytes % 4 === 0 ? bytes / 4 : 0;
  const n = block.insnOffsets.indexOf(bytes);
  return Math.max(n, 0);
}
