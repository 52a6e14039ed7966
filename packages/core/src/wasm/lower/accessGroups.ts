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
  /** All its accesses. */
  readonly ops: number[];
  /** Whether accesses of later blocks are among them, see keptChecks.ts. */
  isKept: boolean;
}

/** The widest span of one group: less than a page, so that two pages at most are in question. */
const MAX_SPAN = 4096;
/** Bytes accessed by each op: negative for stores, 0 for what is no access. */
const ACCESS_BYTES = Int8Array.from(OP_TABLE, (info) => (info.kind === 'load' ? info.bytes : info.kind === 'store' ? -info.bytes : 0));
/** `stackMove` where the block moves the stack pointer by no constant. */
export const NOT_CONSTANT = -0x8000_0000;

/** Key of the groups of accesses to where the stack pointer was. */
const FORMER_STACK = -0x8000_0000;

/** A group that may still grow: its lowest and highest byte. */
interface OpenGroup {
  readonly group: AccessGroup;
  low: number;
  high: number;
}

/**
 * For every access of a region: its group, and its distance from the stack pointer if that is a constant. Addresses are
 * held as a root plus an offset; roots are op numbers (of the first op that computes the value), or -1 - register for a
 * register's value at the block's start.
 */
export class Accesses {
  private root = new Int32Array(4096);
  private offset = new Int32Array(4096);
  private registerRoot = new Int32Array(256);
  private registerOffset = new Int32Array(256);
  /** Distance of an access from its group's lowest byte. */
  groupOffset = new Int32Array(4096);
  private groupIndex = new Int32Array(4096);
  private readonly groups: AccessGroup[] = [];
  /** 1 for accesses at a constant distance from the stack pointer; that distance at the block's start and at the access. */
  isStack = new Uint8Array(4096);
  stackOffset = new Int32Array(4096);
  stackDistance = new Int32Array(4096);
  private readonly open = new Map<number, OpenGroup>();
  /** Ops by what they compute. */
  private readonly computed = new Map<string, number>();

  /** Starts a region whose ops are in `buffer`. */
  reset(buffer: IrBuffer): void {
    const { length } = buffer;
    if (this.root.length < length) {
      const size = length * 2;
      this.root = new Int32Array(size);
      this.offset = new Int32Array(size);
      this.groupOffset = new Int32Array(size);
      this.groupIndex = new Int32Array(size);
      this.isStack = new Uint8Array(size);
      this.stackOffset = new Int32Array(size);
      this.stackDistance = new Int32Array(size);
    }
    this.groupIndex.fill(-1, 0, length);
    this.isStack.fill(0, 0, length);
    this.groups.length = 0;
  }

  /** The group of an access, if it shares its check. */
  groupOf(op: number): AccessGroup | undefined {
    const index = this.groupIndex[op];
    return index < 0 ? undefined : this.groups[index];
  }

  /** What an address is counted from, and how far it is from there: see above. */
  rootOf(address: number): number {
    return this.root[address] as number;
  }

  offsetOf(address: number): number {
    return this.offset[address] as number;
  }

  /**
   * What each register that the block analysed last has set holds at its end: triples of its number, a root and a distance from that.
   * @param below numbers of registers that matter
   */
  registersAtEnd(below: number): Int32Array {
    const { registerRoot, registerOffset } = this;
    const found: number[] = [];
    for (let r = 0; r < below; r++) if (registerRoot[r] !== -1 - r || registerOffset[r] !== 0) found.push(r, registerRoot[r], registerOffset[r]);
    return Int32Array.from(found);
  }

  /** The group of an access, whose check is kept for later blocks; made if it has none. */
  keep(first: number, bytes: number, hasStore: boolean): AccessGroup {
    let group = this.groupOf(first);
    if (group === undefined) {
      group = { first, before: 0, bytes, hasStore, ops: [first], isKept: true };
      this.groupIndex[first] = this.groups.push(group) - 1;
      this.groupOffset[first] = 0;
    }
    group.isKept = true;
    return group;
  }

  /** An access, or all of its group, goes over to another group. @param low its lowest byte, and `high` behind its highest, from that group's first access */
  joinKept(first: number, group: AccessGroup, low: number, high: number): void {
    const former = this.groupOf(first);
    const more = Math.max(-low - group.before, 0);
    for (const op of group.ops) this.groupOffset[op] += more;
    group.before += more;
    group.bytes = Math.max(group.bytes + more, high + group.before);
    for (const op of former?.ops ?? [first]) {
      this.groupOffset[op] = (former === undefined ? 0 : this.groupOffset[op]) + low + group.before;
      this.groupIndex[op] = this.groupIndex[group.first] as number;
      group.ops.push(op);
    }
  }

  /** Analyses a block. @returns how far it moves the stack pointer, or NOT_CONSTANT */
  analyse(buffer: IrBuffer, block: Block, stackPointer: number): number {
    const { op, a, b, c, imm, imm2 } = buffer;
    const { root, offset, registerRoot, registerOffset, open } = this;
    for (let r = 0; r < 256; r++) {
      registerRoot[r] = -1 - r;
      registerOffset[r] = 0;
    }
    const stackRoot = -1 - stackPointer;
    open.clear();
    this.computed.clear();
    for (let i = block.start; i < block.end; i++) {
      const o = op[i];
      root[i] = i;
      offset[i] = 0;
      if (o === OP.getReg) {
        root[i] = registerRoot[imm[i]];
        offset[i] = registerOffset[imm[i]];
      } else if (o === OP.setReg) {
        registerRoot[imm[i]] = root[a[i]];
        registerOffset[imm[i]] = offset[a[i]];
      } else if (o === OP.i64_add || o === OP.i64_sub) {
        const constant = b[i];
        if (op[constant] !== OP.i64_const) {
          this.findSame(buffer, i);
          continue;
        }
        if (imm2[constant] !== imm[constant] >> 31) continue;
        const sum = offset[a[i]] + (o === OP.i64_add ? imm[constant] : -imm[constant]);
        if (sum !== (sum | 0)) continue;
        root[i] = root[a[i]];
        offset[i] = sum;
      } else if (o === OP.i64_shl || o === OP.i32_wrap_i64 || o === OP.i64_extend_i32_u || o === OP.i64_extend_i32_s) this.findSame(buffer, i);
      else if (ACCESS_BYTES[o] !== 0 && c[i] === NONE) {
        const address = a[i];
        if (root[address] === stackRoot && registerRoot[stackPointer] === stackRoot) {
          this.isStack[i] = 1;
          this.stackOffset[i] = offset[address];
          this.stackDistance[i] = offset[address] - registerOffset[stackPointer];
        }
        // Behind a stack pointer that moved by no constant, accesses to its old place are not of the frame, whose check
        // is another one.
        const key = root[address] === stackRoot && this.isStack[i] === 0 ? FORMER_STACK : root[address];
        this.join(i, key, offset[address], Math.abs(ACCESS_BYTES[o]), ACCESS_BYTES[o] < 0);
      }
    }
    for (const entry of open.values()) this.close(entry);
    return registerRoot[stackPointer] === stackRoot ? registerOffset[stackPointer] : NOT_CONSTANT;
  }

  /** Finds an earlier op of the block that computes the same value: an index added to a base, say. */
  private findSame({ op, a, b, imm, imm2 }: IrBuffer, i: number): void {
    const { root, offset } = this;
    const value = (v: number): string => {
      if (v < 0) return '';
      return op[v] === OP.i64_const || op[v] === OP.i32_const ? `#${imm[v]}:${imm2[v]}` : `${root[v]}+${offset[v]}`;
    };
    const key = `${op[i]} ${value(a[i])} ${value(b[i])}`;
    const same = this.computed.get(key);
    if (same === undefined) this.computed.set(key, i);
    else root[i] = same;
  }

  /** Adds an access to the open group of its root, or opens one. */
  private join(op: number, root: number, offset: number, bytes: number, isStore: boolean): void {
    const current = this.open.get(root);
    if (current !== undefined) {
      const low = Math.min(current.low, offset);
      const high = Math.max(current.high, offset + bytes);
      if (high - low <= MAX_SPAN) {
        current.low = low;
        current.high = high;
        current.group.hasStore ||= isStore;
        current.group.ops.push(op);
        this.groupOffset[op] = offset;
        return;
      }
      this.close(current);
    }
    const group = { first: op, before: 0, bytes: 0, hasStore: isStore, ops: [op], isKept: false };
    this.open.set(root, { group, low: offset, high: offset + bytes });
    this.groupOffset[op] = offset;
  }

  private close({ group, low, high }: OpenGroup): void {
    const { ops } = group;
    if (ops.length < 2) return;
    group.before = this.groupOffset[group.first] - low;
    group.bytes = high - low;
    const index = this.groups.push(group) - 1;
    for (const op of ops) {
      this.groupIndex[op] = index;
      this.groupOffset[op] -= low;
    }
  }
}
