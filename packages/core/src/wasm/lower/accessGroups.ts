import { type Block, type IrBuffer, NONE, OP, OP_TABLE } from '../../ir/index.ts';

/**
 * Accesses of one block whose addresses differ by known constants: one check covers all, made by the first.
 * Registers that are moved by a constant in the block (`sub sp, sp, #16`) keep their accesses in the group.
 */
export interface AccessGroup {
  /** Op number of the first access. */
  readonly first: number;
  /** Bytes from the lowest accessed one to the first access's address. */
  before: number;
  /** Bytes from the lowest to behind the highest accessed one. */
  bytes: number;
  hasStore: boolean;
  accesses: number;
}

/** The widest span of one group: less than a page, so that two pages at most are in question. */
const MAX_SPAN = 4096;

/** An address as a root value plus a constant. Roots are numbered: values by op, registers at the block's start below 0. */
interface Place {
  readonly root: number;
  readonly offset: number;
}

export class AccessGroups {
  /** Accesses at a known distance from the stack pointer at the block's start, and the stack pointer's at that time. */
  readonly stackAccesses = new Map<number, { readonly offset: number; readonly bytes: number; readonly stackPointer: number }>();
  /** How far the block moves the stack pointer; undefined: not by a constant. */
  readonly stackMove: number | undefined;

  /** Group of each access, by op. */
  readonly groupOf = new Map<number, AccessGroup>();
  /** Distance of each access from the lowest byte of its group. */
  readonly offsetOf = new Map<number, number>();

  constructor(buffer: IrBuffer, block: Block, stackPointer: number) {
    const { op, a, b, c, imm, imm2 } = buffer;
    const registers = new Map<number, Place>();
    const values = new Map<number, Place>();
    const open = new Map<number, { group: AccessGroup; low: number; high: number; members: { op: number; offset: number }[] }>();
    const placeOf = (value: number): Place => values.get(value) ?? { root: value, offset: 0 };
    for (let i = block.start; i < block.end; i++) {
      const o = op[i];
      if (o === OP.getReg) values.set(i, registers.get(imm[i]) ?? { root: -1 - imm[i], offset: 0 });
      else if (o === OP.setReg) registers.set(imm[i], placeOf(a[i]));
      else if (o === OP.i64_add && op[b[i]] === OP.i64_const) {
        const base = placeOf(a[i]);
        const constant = imm2[b[i]] === imm[b[i]] >> 31 ? imm[b[i]] : undefined;
        if (constant !== undefined) values.set(i, { root: base.root, offset: base.offset + constant });
      } else if (o === OP.i64_sub && op[b[i]] === OP.i64_const) {
        const base = placeOf(a[i]);
        const constant = imm2[b[i]] === imm[b[i]] >> 31 ? imm[b[i]] : undefined;
        if (constant !== undefined) values.set(i, { root: base.root, offset: base.offset - constant });
      } else {
        const info = OP_TABLE[o];
        if (info === undefined || (info.kind !== 'load' && info.kind !== 'store') || c[i] !== NONE) continue;
        const { root, offset } = placeOf(a[i]);
        const now = registers.get(stackPointer) ?? { root: -1 - stackPointer, offset: 0 };
        if (root === -1 - stackPointer && now.root === root) this.stackAccesses.set(i, { offset, bytes: info.bytes, stackPointer: now.offset });
        const isStore = info.kind === 'store';
        const current = open.get(root);
        const low = Math.min(current?.low ?? offset, offset);
        const high = Math.max(current?.high ?? 0, offset + info.bytes, low);
        if (current !== undefined && high - low <= MAX_SPAN) {
          current.low = low;
          current.high = Math.max(current.high, offset + info.bytes);
          current.group.hasStore ||= isStore;
          current.members.push({ op: i, offset });
          continue;
        }
        this.close(current);
        open.set(root, { group: { first: i, before: 0, bytes: 0, hasStore: isStore, accesses: 0 }, low: offset, high: offset + info.bytes, members: [{ op: i, offset }] });
      }
    }
    for (const entry of open.values()) this.close(entry);
    const end = registers.get(stackPointer);
    this.stackMove = end === undefined ? 0 : end.root === -1 - stackPointer ? end.offset : undefined;
  }

  private close(entry: { group: AccessGroup; low: number; high: number; members: { op: number; offset: number }[] } | undefined): void {
    if (entry === undefined || entry.members.length < 2) return;
    const { group, low, high, members } = entry;
    group.before = (members[0] as { offset: number }).offset - low;
    group.bytes = high - low;
    group.accesses = members.length;
    for (const member of members) {
      this.groupOf.set(member.op, group);
      this.offsetOf.set(member.op, member.offset - low);
    }
  }
}
