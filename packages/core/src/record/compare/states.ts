import { type AddressSpace, fillPages, PAGE } from '../../engine/index.ts';
import type { Replayer } from '../replayer.ts';

/** A register that two states have different values in. */
export interface RegisterDifference {
  readonly name: string;
  readonly values: readonly [bigint, bigint];
}

/** Addresses at which two states differ, or that one of them has not. */
export interface MemoryDifference {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** The first bytes of each, 16 at most; undefined: there is no such memory. */
  readonly bytes: readonly [Uint8Array | undefined, Uint8Array | undefined];
}

export interface StateDifference {
  readonly registers: readonly RegisterDifference[];
  /** In ascending order. */
  readonly memory: readonly MemoryDifference[];
  /** Bytes that differ in all, also where `memory` ends early. */
  readonly bytes: number;
}

/** Bytes of each difference that are shown. */
const SHOWN = 16;
/** So many equal bytes between two differences do not make them two. */
const GAP = 7;

/** Compares the states that two replays are in: visible registers, flags, pc and all memory of the process that runs. @param most differences of memory that are listed */
export function compareStates(a: Replayer, b: Replayer, most: number): StateDifference {
  const memory = new MemoryComparison(a.machine.space, b.machine.space, most);
  memory.run();
  return { registers: compareRegisters(a, b), memory: memory.found, bytes: memory.bytes };
}

/** Visible registers that differ. */
export function compareRegisters(a: Replayer, b: Replayer): readonly RegisterDifference[] {
  const values = ({ machine: { cpu, guest, pc } }: Replayer): readonly (readonly [string, bigint])[] => [
    ['pc', BigInt(pc)],
    ...guest.state.registers.filter(({ visible }) => visible).map((register) => [register.name, cpu.get(register)] as const),
    ['nzcv', BigInt(cpu.nzcv)],
  ];
  const right = values(b);
  return values(a).flatMap(([name, value], i) => (value === right[i][1] ? [] : [{ name, values: [value, right[i][1]] as const }]));
}

class MemoryComparison {
  readonly found: MemoryDifference[] = [];
  bytes = 0;
  private readonly zeros = new Uint8Array(PAGE);
  private open: { start: number; end: number } | undefined;

  constructor(
    private readonly a: AddressSpace,
    private readonly b: AddressSpace,
    private readonly most: number,
  ) {}

  run(): void {
    fillPages(this.a);
    fillPages(this.b);
    for (const page of this.pages()) {
      const [x, y] = [this.page(this.a, page), this.page(this.b, page)];
      if (x === undefined || y === undefined) this.differs(page, page + PAGE);
      else for (let i = 0; i < PAGE; i++) if (x[i] !== y[i]) this.differs(page + i, page + i + 1);
    }
    this.close();
  }

  /** Addresses of pages that either has, in ascending order. Those of which nothing was ever written are not gone through where both have them. */
  private *pages(): Generator<number> {
    const all = [...this.a.list.all, ...this.b.list.all].map(({ start, end }) => ({ start, end }));
    all.sort((p, q) => p.start - q.start);
    let at = 0;
    for (const { start, end } of all) {
      for (at = Math.max(at, start); at < end; ) {
        const untouched = Math.min(this.untouchedUntil(this.a, at), this.untouchedUntil(this.b, at));
        if (untouched > at) at = untouched;
        else {
          yield at;
          at += PAGE;
        }
      }
    }
  }

  /** End of the memory from an address on that holds zeros, as nobody wrote it; the address itself where there is none. */
  private untouchedUntil({ list }: AddressSpace, address: number): number {
    const vma = list.all[list.find(address)];
    return vma !== undefined && vma.storage < 0 ? vma.end : address;
  }

  private page({ list, memory }: AddressSpace, address: number): Uint8Array | undefined {
    const vma = list.all[list.find(address)];
    if (vma === undefined) return undefined;
    if (vma.storage < 0) return this.zeros;
    const at = vma.storage + (address - vma.start);
    return memory.bytes.subarray(at, at + PAGE);
  }

  private differs(start: number, end: number): void {
    this.bytes += end - start;
    if (this.open !== undefined && start - this.open.end <= GAP) {
      this.open.end = end;
      return;
    }
    this.close();
    this.open = { start, end };
  }

  private close(): void {
    const { open, a, b } = this;
    this.open = undefined;
    if (open === undefined || this.found.length >= this.most) return;
    this.found.push({ ...open, bytes: [this.shown(a, open), this.shown(b, open)] });
  }

  private shown(space: AddressSpace, { start, end }: { readonly start: number; readonly end: number }): Uint8Array | undefined {
    const offset = start % PAGE;
    const page = this.page(space, start - offset);
    return page?.slice(offset, Math.min(PAGE, offset + Math.min(SHOWN, end - start)));
  }
}
