import { type Block, type IrBuffer, NONE, OP_TABLE } from '../../ir/index.ts';
import type { Accesses, AccessGroup } from './accessGroups.ts';
import { type FlowGraph, leavesLocals } from './dataflow.ts';

/*
 * A check that was made on every way to an access spares the access its own, if both go from the same value of a register, at
 * constant distances, and nothing came in between after which memory may be elsewhere: a call or a system call. The access
 * joins the group of the earlier check, which covers it, too, and whose linear index stands in a local until then. Stores that
 * take the slow way move nothing that a region holds the place of: it is left before (AddressSpace.movesOnWrite).
 *
 * As in a group of one block, a check that fails makes the rest of its block run one instruction a block. So an earlier check is
 * made wider by little only: by bytes that are hardly ever in another arena.
 */

/** How far a check and an access that it spares may reach together, in bytes. */
const MAX_REACH = 256;
/** Of registers from here on no checks are kept. */
export const KEPT_REGISTERS = 64;
/** How far a register may be from what was checked, in bytes. */
const MAX_DISTANCE = 0x10_0000;
/** Checks of a region that are kept, at most: each takes a local. */
const MAX_KEPT = 64;

/** Registers at a block's start that are a constant away from a checked address: the check's first access, or NONE, and that distance. */
interface Facts {
  readonly check: Int32Array;
  readonly distance: Int32Array;
}

/** An access, or a group of some in one block, that has a check of its own so far: its bytes, counted from its root. */
interface Checked {
  readonly first: number;
  readonly root: number;
  readonly low: number;
  readonly high: number;
  readonly isWrite: boolean;
}

/** A region, as far as it matters to its checks. */
export interface KeptChecksInput extends FlowGraph {
  readonly buffer: IrBuffer;
  /** Blocks at which the region is entered. */
  readonly entries: readonly number[];
  /** Position of each block in reverse post-order; -1: it is not reached. */
  readonly order: Int32Array;
  /** Its groups, which get accesses of other blocks. */
  readonly accesses: Accesses;
  /** By block: what registers hold at its end, see Accesses.registersAtEnd. */
  readonly ends: readonly Int32Array[];
  readonly stackPointer: number;
}

/** Finds the checks that are kept, and joins the accesses of later blocks to their groups. */
export function keepChecks(input: KeptChecksInput): void {
  new KeptChecks(input).join();
}

class KeptChecks {
  /** What has a check, by block, in order. */
  private readonly checked: readonly (readonly Checked[])[];
  private readonly byFirst = new Map<number, Checked>();
  private readonly factsIn: (Facts | undefined)[];
  private readonly roots = new Map<number, { check: number; distance: number }>();
  /** Blocks that are reached, in reverse post-order. */
  private readonly nodes: readonly number[];

  constructor(private readonly input: KeptChecksInput) {
    const { blocks, entries, order } = input;
    this.checked = blocks.map((block) => this.checksOf(block));
    this.factsIn = blocks.map(() => undefined);
    for (const entry of entries) this.factsIn[entry] = noFacts();
    this.nodes = [...blocks.keys()].filter((node) => order[node] >= 0).sort((a, b) => order[a] - order[b]);
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of this.nodes) if (this.carry(node)) changed = true;
    }
  }

  /** What a block checks, but for its stack frame and accesses that are not always made. */
  private checksOf({ start, end }: Block): Checked[] {
    const { accesses, buffer, stackPointer } = this.input;
    const { op, a, c } = buffer;
    const found: Checked[] = [];
    for (let i = start; i < end; i++) {
      const info = OP_TABLE[op[i]] as (typeof OP_TABLE)[number];
      if ((info.kind !== 'load' && info.kind !== 'store') || c[i] !== NONE || accesses.isStack[i] === 1) continue;
      const group = accesses.groupOf(i);
      const root = accesses.rootOf(a[i]);
      if ((group !== undefined && group.first !== i) || root === -1 - stackPointer) continue;
      const low = accesses.offsetOf(a[i]) - (group?.before ?? 0);
      const checked = { first: i, root, low, high: low + (group?.bytes ?? info.bytes), isWrite: group?.hasStore ?? info.kind === 'store' };
      found.push(checked);
      this.byFirst.set(i, checked);
    }
    return found;
  }

  /** Carries what is known at a block's end to its successors. @returns whether they know less now */
  private carry(node: number): boolean {
    const facts = this.factsIn[node];
    if (facts === undefined) return false;
    let changed = false;
    let out: Facts | undefined;
    for (const successor of this.input.successors[node] as readonly number[]) {
      out ??= this.factsOut(node, facts);
      const into = this.factsIn[successor];
      if (into === undefined) {
        this.factsIn[successor] = { check: out.check.slice(), distance: out.distance.slice() };
        changed = true;
        continue;
      }
      for (let r = 0; r < KEPT_REGISTERS; r++) {
        if (into.check[r] === NONE || (into.check[r] === out.check[r] && into.distance[r] === out.distance[r])) continue;
        into.check[r] = NONE;
        changed = true;
      }
    }
    return changed;
  }

  private factsOut(node: number, facts: Facts): Facts {
    if (leavesLocals(this.input.blocks[node] as Block)) return noFacts();
    this.checkedBy(node, facts);
    const out = noFacts();
    const set = (register: number, root: number, more: number): void => {
      const fact = this.roots.get(root);
      const distance = (fact?.distance ?? 0) + more;
      out.check[register] = fact === undefined || Math.abs(distance) > MAX_DISTANCE ? NONE : fact.check;
      out.distance[register] = out.check[register] === NONE ? 0 : distance;
    };
    // Registers that hold what they held at the block's start may have been checked in it.
    for (const root of this.roots.keys()) if (root < 0 && -1 - root < KEPT_REGISTERS) set(-1 - root, root, 0);
    const ends = this.input.ends[node] as Int32Array;
    for (let k = 0; k < ends.length; k += 3) if (ends[k] < KEPT_REGISTERS) set(ends[k], ends[k + 1], ends[k + 2]);
    return out;
  }

  /**
   * Goes through the checks of a block, and leaves in `roots` what is known of values at its end.
   * @param spare is called for each that an earlier one spares, with its bytes' distances from the first access of that
   */
  private checkedBy(node: number, { check, distance }: Facts, spare?: (checked: Checked, by: Checked, low: number, high: number) => void): void {
    const { roots } = this;
    roots.clear();
    for (let r = 0; r < KEPT_REGISTERS; r++) if (check[r] !== NONE) roots.set(-1 - r, { check: check[r], distance: distance[r] });
    for (const checked of this.checked[node] as readonly Checked[]) {
      const { first, root, low, high, isWrite } = checked;
      const fact = roots.get(root);
      const by = fact === undefined ? undefined : (this.byFirst.get(fact.check) as Checked);
      if (fact !== undefined && by !== undefined && by !== checked && (by.isWrite || !isWrite)) {
        const origin = this.input.accesses.offsetOf(this.input.buffer.a[by.first]);
        const reach = Math.max(high + fact.distance, by.high - origin) - Math.min(low + fact.distance, by.low - origin);
        if (reach <= MAX_REACH) {
          spare?.(checked, by, low + fact.distance, high + fact.distance);
          continue;
        }
      }
      // In a copy of the block, it may have been made before, from another value.
      for (const [other, known] of roots) if (known.check === first) roots.delete(other);
      roots.set(root, { check: first, distance: -this.input.accesses.offsetOf(this.input.buffer.a[first]) });
    }
  }

  /** Joins what is spared to the groups of what spares it. */
  join(): void {
    const { blocks } = this.input;
    const times = new Map<Block, number>();
    for (const block of blocks) times.set(block, (times.get(block) ?? 0) + 1);
    const kept = new Map<number, AccessGroup>();
    for (const node of this.nodes) {
      const facts = this.factsIn[node];
      // A block that is in the region twice has one way of doing its accesses.
      if (facts === undefined || times.get(blocks[node] as Block) !== 1) continue;
      this.checkedBy(node, facts, (checked, by, low, high) => {
        let group = kept.get(by.first);
        if (group === undefined) {
          if (kept.size >= MAX_KEPT) return;
          group = this.input.accesses.keep(by.first, by.high - by.low, by.isWrite);
          kept.set(by.first, group);
        }
        this.input.accesses.joinKept(checked.first, group, low, high);
      });
    }
  }
}

const noFacts = (): Facts => ({ check: new Int32Array(KEPT_REGISTERS).fill(NONE), distance: new Int32Array(KEPT_REGISTERS) });
