import { beforeEach, describe, expect, it } from 'vitest';
import { AddressSpace } from './addressSpace.ts';
import { BOUNCE, createLinearMemory, GUEST_STORAGE, type LinearMemory } from './linearMemory.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from './seams.ts';

const RW = PROT_READ | PROT_WRITE;
const RX = PROT_READ | PROT_EXEC;
const RWX = RW | PROT_EXEC;
const MIB = 0x10_0000;
/** In the high window, and outside both. */
const HIGH = 0x55_0000_0000;
const FAR = 0xc0_0000_0000;

let memory: LinearMemory;
let space: AddressSpace;
let codeChanges: [number, number][];
let arenaChanges: number;

beforeEach(() => {
  // 192 MiB of guest storage
  memory = createLinearMemory(GUEST_STORAGE / 0x1_0000 + 3072, false);
  space = new AddressSpace(memory);
  codeChanges = [];
  arenaChanges = 0;
  space.onCodeChange = (start, end) => codeChanges.push([start, end]);
  space.onArenaChange = () => arenaChanges++;
});

const bytes = (length: number, first = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => first + i);
const maps = (): string[] => space.mappings().map((m) => `${m.start.toString(16)}-${m.end.toString(16)} ${m.prot} ${m.name}`.trim());

describe('mappings', () => {
  it('are split by unmap and protect, and merged again', () => {
    space.map(0x40_0000, 0x8000, RW, 'a');
    space.protect(0x40_2000, 0x1000, PROT_READ);
    expect(maps()).toEqual(['400000-402000 3 a', '402000-403000 1 a', '403000-408000 3 a']);
    space.protect(0x40_2000, 0x1000, RW);
    expect(maps()).toEqual(['400000-408000 3 a']);
    space.unmap(0x40_1000, 0x1000);
    space.unmap(0x40_7000, 0x9000);
    expect(maps()).toEqual(['400000-401000 3 a', '402000-407000 3 a']);
    space.map(0x40_1000, 0x1000, RW, 'a');
    expect(maps()).toEqual(['400000-407000 3 a']);
  });

  it('round lengths up to pages and replace what was there', () => {
    space.map(0x1000, 0x2001, RW, 'a');
    space.map(0x2000, 1, PROT_READ, 'b');
    expect(maps()).toEqual(['1000-2000 3 a', '2000-3000 1 b', '3000-4000 3 a']);
  });

  it('show what crosses a window as one', () => {
    const edge = HIGH + 96 * MIB;
    space.map(edge - 0x2000, 0x4000, RW);
    expect(maps()).toEqual([`${(edge - 0x2000).toString(16)}-${(edge + 0x2000).toString(16)} 3`]);
    space.kernelWrite(edge - 4, bytes(8));
    expect(space.kernelRead(edge - 4, 8)).toEqual(bytes(8));
  });

  it('protect stops at the first hole, as Linux does', () => {
    space.map(0x1000, 0x1000, RW);
    space.map(0x3000, 0x1000, RW);
    expect(space.protect(0x1000, 0x3000, PROT_READ)).toBe(false);
    expect(maps()).toEqual(['1000-2000 1', '3000-4000 3']);
    expect(space.protect(0x5000, 0x1000, PROT_READ)).toBe(false);
  });

  it('leave free ranges that are found', () => {
    space.map(0x1000, 0x1000, RW);
    space.map(0x3000, 0x1000, RW);
    expect(space.findFree(0x1000, 0, 0x10000)).toBe(0);
    expect(space.findFree(0x1000, 0x1000, 0x10000)).toBe(0x2000);
    expect(space.findFree(0x1001, 0x800, 0x10000)).toBe(0x4000);
    expect(space.findFree(0x1000, 0x1000, 0x2000)).toBeUndefined();
    expect(space.isFree(0x2000, 0x1000)).toBe(true);
    expect(space.isFree(0x2000, 0x1001)).toBe(false);
    expect(space.isFree(0, 0x1000)).toBe(true);
    expect(space.protAt(0x1fff)).toBe(RW);
    expect(space.protAt(0x2000)).toBeUndefined();
  });
});

describe('contents', () => {
  it('are zero when fresh, and again when mapped anew', () => {
    for (const at of [0x1000, HIGH, FAR]) {
      space.map(at, 0x2000, RW);
      expect(space.kernelRead(at, 0x2000)?.every((b) => b === 0)).toBe(true);
      space.kernelWrite(at + 0xffc, bytes(8));
      space.unmap(at, 0x2000);
      space.map(at, 0x2000, PROT_READ);
      expect(space.kernelRead(at, 0x2000)?.every((b) => b === 0)).toBe(true);
    }
  });

  it('are zero where another mapping had the storage before', () => {
    space.map(FAR, 0x1000, RW);
    const storage = space.resolve(FAR, 1, PROT_WRITE);
    memory.bytes[storage] = 7;
    space.unmap(FAR, 0x1000);
    space.map(FAR * 2, 0x1000, 0);
    space.protect(FAR * 2, 0x1000, RW);
    expect(space.resolve(FAR * 2, 1, PROT_READ)).toBe(storage);
    expect(memory.bytes[storage]).toBe(0);
  });

  it('survive PROT_NONE and back', () => {
    space.map(FAR, 0x1000, RW);
    space.kernelWrite(FAR, bytes(4));
    space.protect(FAR, 0x1000, 0);
    expect(space.kernelRead(FAR, 4)).toBeUndefined();
    space.protect(FAR, 0x1000, PROT_READ);
    expect(space.kernelRead(FAR, 4)).toEqual(bytes(4));
  });

  it('are poked whatever the permission, and written by the kernel only where the guest may', () => {
    space.map(0x1000, 0x1000, PROT_READ);
    space.map(0x2000, 0x1000, RW);
    const told: number[] = [];
    space.family.onKernelWrite = (address, data) => told.push(address, data.length);
    expect(space.kernelWrite(0x1ffc, bytes(8))).toBe(false);
    expect(space.kernelRead(0x2000, 4)).toEqual(new Uint8Array(4));
    expect(space.pokeBytes(0x1ffc, bytes(8))).toBe(true);
    expect(space.kernelRead(0x1ffc, 8)).toEqual(bytes(8));
    expect(space.pokeBytes(0x2ffc, bytes(8))).toBe(false);
    expect(told).toEqual([0x1ffc, 8]);
    space.map(FAR, 0x4000, 0);
    expect(space.pokeBytes(FAR + 0xfff, bytes(2))).toBe(true);
    expect(maps().at(-1)).toBe('c000000000-c000004000 0');
    space.protect(FAR, 0x4000, PROT_READ);
    expect(space.kernelRead(FAR + 0xffe, 4)).toEqual(Uint8Array.of(0, 1, 2, 0));
  });

  it('are strings up to the NUL, across mappings', () => {
    space.map(0x1000, 0x1000, RW);
    space.map(0x2000, 0x1000, PROT_READ);
    space.pokeBytes(0x1ffe, Uint8Array.of(65, 66, 67, 0));
    expect(space.kernelReadString(0x1ffe)).toEqual(Uint8Array.of(65, 66, 67));
    expect(space.kernelReadString(0x1ffe, 3)).toEqual(Uint8Array.of(65, 66, 67));
    expect(space.kernelReadString(0x1ffe, 2)).toBeUndefined();
    space.pokeBytes(0x2fff, Uint8Array.of(65));
    expect(space.kernelReadString(0x2fff)).toBeUndefined();
  });
});

describe('storage', () => {
  it('is in place in the windows', () => {
    space.map(0x40_0000, 0x1000, RW);
    space.map(HIGH + 0x1000, 0x1000, RW);
    expect(space.resolve(0x40_0008, 8, PROT_READ)).toBe(GUEST_STORAGE + 0x40_0008);
    expect(space.resolve(HIGH + 0x1000, 8, PROT_READ)).toBe(GUEST_STORAGE + 48 * MIB + 0x1000);
  });

  it('is not taken by pages without permission, and runs out', () => {
    expect(space.map(FAR, 0x100_0000_0000, 0)).toBe(true);
    expect(space.map(FAR * 4, 180 * MIB, RW)).toBe(true);
    expect(space.map(FAR * 5, 20 * MIB, RW)).toBe(false);
    expect(space.protect(FAR, 20 * MIB, RW)).toBe(false);
    expect(space.protAt(FAR)).toBe(0);
    space.unmap(FAR * 4, 180 * MIB);
    expect(space.protect(FAR, 20 * MIB, RW)).toBe(true);
    expect(space.resolve(FAR + 20 * MIB - 1, 1, PROT_WRITE)).toBeGreaterThan(0);
    expect(space.resolve(FAR + 20 * MIB, 1, PROT_WRITE)).toBe(-1);
  });

  it('is put together from pieces if need be', () => {
    const piece = 64 * MIB;
    for (let i = 0; i < 3; i++) expect(space.map(FAR * (i + 1), piece, RW)).toBe(true);
    space.unmap(FAR, piece);
    space.unmap(FAR * 3, piece);
    expect(space.map(FAR * 4, 2 * piece, RW)).toBe(true);
    expect(space.kernelWrite(FAR * 4 + piece - 4, bytes(8))).toBe(true);
    expect(space.kernelRead(FAR * 4 + piece - 4, 8)).toEqual(bytes(8));
    space.unmap(FAR * 4, 2 * piece);
    space.unmap(FAR * 2, piece);
    expect(space.map(FAR * 6, 3 * piece, RW)).toBe(true);
    expect(space.kernelWrite(FAR * 6, new Uint8Array(3 * piece).fill(5))).toBe(true);
  });

  it("gives the windows' free pages to others, from their ends", () => {
    space.map(0x1000, 0x1000, RW);
    expect(space.map(FAR, 150 * MIB, RW)).toBe(true);
    expect(space.map(0x2000, 30 * MIB, RW)).toBe(true);
    expect(space.arena(0x1000, PROT_READ)).toEqual({ start: 0x1000, end: 0x2000 + 30 * MIB, storage: GUEST_STORAGE + 0x1000 });
  });

  it('continues a neighbour where it can', () => {
    space.map(FAR, 0x10000, 0);
    space.map(FAR * 2, 0x1000, RW);
    for (const at of [0x2000, 0x3000]) space.protect(FAR + at, 0x1000, RW);
    expect(space.arena(FAR + 0x2000, PROT_WRITE)).toMatchObject({ start: FAR + 0x2000, end: FAR + 0x4000 });
    space.unmap(FAR * 2, 0x1000);
    space.protect(FAR + 0x1000, 0x1000, RW);
    expect(space.arena(FAR + 0x2000, PROT_WRITE)).toMatchObject({ start: FAR + 0x1000, end: FAR + 0x4000 });
  });
});

describe('arenas', () => {
  it('span mappings that permit the access; stores go nowhere near executable pages', () => {
    space.map(0x1000, 0x1000, RX, 'text');
    space.map(0x2000, 0x1000, PROT_READ, 'rodata');
    space.map(0x3000, 0x1000, RW, 'data');
    space.map(0x4000, 0x1000, RW, 'bss');
    space.map(0x5000, 0x1000, RWX, 'jit');
    expect(space.arena(0x3000, PROT_READ)).toEqual({ start: 0x1000, end: 0x6000, storage: GUEST_STORAGE + 0x1000 });
    expect(space.arena(0x3000, PROT_WRITE)).toEqual({ start: 0x3000, end: 0x5000, storage: GUEST_STORAGE + 0x3000 });
    expect(space.arena(0x5000, PROT_WRITE)).toBeUndefined();
    expect(space.arena(0x2000, PROT_WRITE)).toBeUndefined();
    expect(space.arena(0x6000, PROT_READ)).toBeUndefined();
    expect(space.resolve(0x1ffc, 8, PROT_READ)).toBe(GUEST_STORAGE + 0x1ffc);
    expect(space.resolve(0x4ffc, 8, PROT_WRITE)).toBe(-1);
    expect(space.resolve(0x4ff8, 8, PROT_WRITE)).toBe(GUEST_STORAGE + 0x4ff8);
    expect(space.resolve(0x5ffc, 8, PROT_READ)).toBe(-1);
    expect(space.resolve(Number.NaN, 8, PROT_READ)).toBe(-1);
  });

  it('tell when they shrink', () => {
    space.map(0x1000, 0x4000, RW);
    space.protect(0x1000, 0x4000, RW);
    expect(arenaChanges).toBe(0);
    space.protect(0x1000, 0x1000, PROT_READ);
    expect(arenaChanges).toBe(1);
    space.protect(0x1000, 0x1000, RW);
    expect(arenaChanges).toBe(1);
    space.protect(0x2000, 0x1000, RWX);
    expect(arenaChanges).toBe(2);
    space.map(0x3000, 0x1000, RW);
    expect(arenaChanges).toBe(3);
    space.unmap(0x8000, 0x1000);
    expect(arenaChanges).toBe(3);
    space.unmap(0x1000, 0x1000);
    expect(arenaChanges).toBe(4);
  });
});

describe('slow accesses', () => {
  it('straddle mappings', () => {
    space.map(HIGH - 0x1000, 0x2000, RW);
    memory.bytes.set(bytes(16), BOUNCE);
    expect(space.resolve(HIGH - 3, 16, PROT_READ)).toBe(-1);
    expect(space.storeSlow(HIGH - 3, 16, BOUNCE)).toBe(-1);
    expect(space.loadSlow(HIGH - 3, 16, BOUNCE + 64)).toBe(-1);
    expect(memory.bytes.slice(BOUNCE + 64, BOUNCE + 80)).toEqual(bytes(16));
  });

  it('name the first faulting address and change nothing', () => {
    space.map(0x1000, 0x1000, RW);
    space.map(0x2000, 0x1000, PROT_READ);
    memory.bytes.set(bytes(8), BOUNCE);
    expect(space.storeSlow(0x1ffd, 8, BOUNCE)).toBe(0x2000);
    expect(space.kernelRead(0x1ffd, 8)).toEqual(new Uint8Array(8));
    expect(space.loadSlow(0x2ffd, 8, BOUNCE)).toBe(0x3000);
    expect(space.loadSlow(0xffd, 8, BOUNCE)).toBe(0xffd);
    expect(space.loadSlow(0x7001, 1, BOUNCE)).toBe(0x7001);
    expect(space.storeSlow(0x2ffd, 8, BOUNCE)).toBe(0x2ffd);
  });
});

describe('code', () => {
  it('is fetched from executable pages alone', () => {
    space.map(0x1000, 0x1000, RX);
    space.map(0x2000, 0x1000, RW);
    space.pokeBytes(0x1ff8, bytes(8, 0xf8));
    expect(space.fetch32(0x1ffc)).toBe(0xfffefdfc);
    expect(space.fetch32(0x1ffe)).toBeUndefined();
    expect(space.fetch32(0x2000)).toBeUndefined();
    expect(space.fetch32(0x9000)).toBeUndefined();
  });

  it('tells of every change', () => {
    const told = (): [number, number][] => codeChanges.splice(0);
    space.map(0x1000, 0x3000, RX);
    expect(told()).toEqual([[0x1000, 0x4000]]);
    space.pokeBytes(0x1ffe, bytes(4));
    expect(told()).toEqual([[0x1ffe, 0x2002]]);
    space.protect(0x2000, 0x1000, RW);
    expect(told()).toEqual([[0x2000, 0x3000]]);
    space.kernelWrite(0x2000, bytes(4));
    expect(told()).toEqual([]);
    space.protect(0x2000, 0x1000, RWX);
    expect(told()).toEqual([[0x2000, 0x3000]]);
    space.kernelWrite(0x2010, bytes(4));
    memory.bytes.set(bytes(8), BOUNCE);
    space.storeSlow(0x2020, 8, BOUNCE);
    expect(told()).toEqual([
      [0x2010, 0x2014],
      [0x2020, 0x2028],
    ]);
    space.map(0x3000, 0x1000, RW);
    expect(told()).toEqual([[0x3000, 0x4000]]);
    space.unmap(0x1000, 0x3000);
    expect(told()).toEqual([
      [0x1000, 0x2000],
      [0x2000, 0x3000],
    ]);
  });
});

describe('a fork', () => {
  it('has the same contents, and shares nothing that is written', () => {
    space.map(HIGH, 0x40000, RW);
    space.kernelWrite(HIGH, bytes(8, 1));
    const child = space.fork();
    expect(child.kernelRead(HIGH, 8)).toEqual(bytes(8, 1));
    child.kernelWrite(HIGH, bytes(4, 2));
    expect(space.kernelRead(HIGH, 8)).toEqual(bytes(8, 1));
    space.kernelWrite(HIGH + 0x20000, bytes(8, 3));
    expect(child.kernelRead(HIGH + 0x20000, 8)).toEqual(new Uint8Array(8));
  });

  it('leaves the older one in its place', () => {
    space.map(HIGH, 0x40000, RW);
    const before = space.arena(HIGH, PROT_WRITE);
    const child = space.fork();
    expect(space.arena(HIGH, PROT_WRITE)).toBeUndefined();
    for (let at = HIGH; at < HIGH + 0x40000; at += 0x1000) space.kernelWrite(at, bytes(8, 1));
    expect(space.arena(HIGH, PROT_WRITE)).toEqual(before);
    expect(child.kernelRead(HIGH, 8)).toEqual(new Uint8Array(8));
  });

  it('costs nothing once the other one is gone', () => {
    space.map(HIGH, 0x40000, RW);
    const before = space.arena(HIGH, PROT_WRITE);
    space.fork().release();
    space.kernelWrite(HIGH, bytes(8, 1));
    expect(space.arena(HIGH, PROT_WRITE)).toEqual(before);
  });

  it('has the same pages where they are shared', () => {
    space.map(HIGH, 0x1000, RW, '', true);
    const child = space.fork();
    child.kernelWrite(HIGH, bytes(8, 1));
    expect(space.kernelRead(HIGH, 8)).toEqual(bytes(8, 1));
  });

  it('is copied by stores that straddle', () => {
    space.map(HIGH, 0x40000, RW);
    const child = space.fork();
    memory.bytes.fill(9, BOUNCE, BOUNCE + 16);
    expect(child.storeSlow(HIGH + 0x10000 - 8, 16, BOUNCE)).toBe(-1);
    expect(child.kernelRead(HIGH + 0x10000 - 8, 16)).toEqual(new Uint8Array(16).fill(9));
    expect(space.kernelRead(HIGH + 0x10000 - 8, 16)).toEqual(new Uint8Array(16));
  });
});

it('agrees with a plain page table under random changes and forks', () => {
  type Pages = Map<number, { readonly prot: number; readonly byte: number }>;
  const spaces: { space: AddressSpace; pages: Pages }[] = [{ space, pages: new Map() }];
  let seed = 12345;
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % n;
  };
  const bases = [0x10_0000, HIGH + 96 * MIB - 0x8000, FAR];
  for (let turn = 0; turn < 2500; turn++) {
    const chosen = random(spaces.length);
    const { space: one, pages } = spaces[chosen];
    const start = bases[random(3)] + random(16) * 0x1000;
    const count = 1 + random(6);
    const prot = random(8);
    const page = (i: number): number => start + i * 0x1000;
    const all = Array.from({ length: count }, (_, i) => page(i));
    switch (random(6)) {
      case 0:
        expect(one.map(start, count * 0x1000, prot)).toBe(true);
        for (const p of all) pages.set(p, { prot, byte: 0 });
        break;
      case 1:
        one.unmap(start, count * 0x1000);
        for (const p of all) pages.delete(p);
        break;
      case 2: {
        const hole = all.findIndex((p) => !pages.has(p));
        expect(one.protect(start, count * 0x1000, prot)).toBe(hole < 0);
        for (const p of hole < 0 ? all : all.slice(0, hole)) pages.set(p, { byte: pages.get(p)?.byte ?? 0, prot });
        break;
      }
      case 3:
        if (spaces.length < 4) spaces.push({ space: one.fork(), pages: new Map(pages) });
        else if (random(3) === 0) {
          one.release();
          spaces.splice(chosen, 1);
        }
        break;
      default: {
        const byte = 1 + random(255);
        const data = new Uint8Array(count * 0x1000).fill(byte);
        const writable = all.every((p) => ((pages.get(p)?.prot ?? 0) & PROT_WRITE) !== 0);
        expect(one.kernelWrite(start, data)).toBe(writable);
        if (writable) for (const p of all) pages.set(p, { prot: pages.get(p)?.prot ?? 0, byte });
      }
    }
    for (const { space: each, pages: known } of spaces)
      for (const base of bases) {
        for (let p = base; p < base + 22 * 0x1000; p += 0x1000) {
          const expected = known.get(p);
          const at = each.resolve(p, 0x1000, PROT_READ);
          const right =
            each.protAt(p) === expected?.prot &&
            at >= 0 === (expected !== undefined && expected.prot !== 0) &&
            (at < 0 || (memory.bytes[at] === expected?.byte && memory.bytes[at + 4095] === expected.byte));
          if (!right) expect(`turn ${turn}, page ${p.toString(16)}`).toBe('right');
        }
      }
  }
});
