import { expect, it } from 'vitest';
import { AddressSpace, createLinearMemory, PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { createAArch64, type Guest } from '../../guest/index.ts';
import { type ByteString, encodeText } from '../byteString.ts';
import { ElfType, SegmentType } from '../elf/index.ts';
import { GuestRandom } from '../guestRandom.ts';
import { ProcessMemory } from '../memory/processMemory.ts';
import { buildElf, type ElfRecipe } from '../testing/buildElf.ts';
import { AuxType, layOutStack } from './initialStack.ts';
import { DEFAULT_STACK_SIZE, loadProgram } from './loadProgram.ts';

const text = (...texts: string[]): ByteString[] => texts.map(encodeText);

/** What a guest found at its stack pointer under `env -i A=1 B=two qemu-aarch64 -seed 1 ./dump a bb ccc` (version 7.2, as root). */
const QEMU_STACK = `
  04 d70f80005500 de0f80005500 e00f80005500 e30f80005500 00 e70f80005500 ed0f80005500 00
  03 40004000 04 38 05 02 06 0010 07 00 08 00 09 d4004000 0b 00 0c 00 0d 00 0e 00 10 fbffffec 11 64
  19 b00f80005500 17 00 1f f10f80005500 1a ff7f877f 0f cf0f80005500 00 00 00`
  .trim()
  .split(/\s+/)
  .map((word) => word.padEnd(16, '0'))
  .join('')
  .concat('f5b165224a58b791df6af1d8303e61cd', '0'.repeat(30), '61617263683634002e2f64756d70006100')
  .concat('62620063636300423d74776f00413d31002e2f64756d7000', '0000000000000000');

it('lays the stack out byte for byte as QEMU does', () => {
  const random = new Uint8Array(16);
  new GuestRandom(1n).fill(random);
  const stack = layOutStack({
    top: 0x5500801000,
    argv: text('./dump', 'a', 'bb', 'ccc'),
    environment: text('B=two', 'A=1'),
    filename: encodeText('./dump'),
    platform: encodeText('aarch64'),
    random,
    auxiliary: (place) => [
      [AuxType.programHeaders, 0x400040n],
      [AuxType.programHeaderSize, 56n],
      [AuxType.programHeaderCount, 2n],
      [AuxType.pageSize, 4096n],
      [AuxType.interpreterBase, 0n],
      [AuxType.flags, 0n],
      [AuxType.entry, 0x4000d4n],
      [AuxType.userId, 0n],
      [AuxType.effectiveUserId, 0n],
      [AuxType.groupId, 0n],
      [AuxType.effectiveGroupId, 0n],
      [AuxType.hwcap, 0xecfffffbn],
      [AuxType.clockTicks, 100n],
      [AuxType.random, BigInt(place.random)],
      [AuxType.secure, 0n],
      [AuxType.execFilename, BigInt(place.filename)],
      [AuxType.hwcap2, 0x7f877fffn],
      [AuxType.platform, BigInt(place.platform)],
    ],
  });
  expect(stack.stackPointer).toBe(0x5500800e30);
  expect(Buffer.from(stack.bytes).toString('hex')).toBe(QEMU_STACK);
  expect([stack.argvStart, stack.environmentStart, stack.auxiliaryStart]).toEqual([0x5500800e38, 0x5500800e60, 0x5500800e78]);
});

const encoded = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));

function load(
  elf: ElfRecipe,
  { stackSize = DEFAULT_STACK_SIZE, guest = createAArch64(), linker }: { stackSize?: number; guest?: Guest; linker?: ElfRecipe } = {},
) {
  let log = '';
  const memory = new ProcessMemory(new AddressSpace(createLinearMemory(0x4000)), 0x5500000000, (t) => {
    log += t;
  });
  const program = loadProgram(memory, {
    guest,
    filename: encodeText('./prog'),
    path: encodeText('/tmp/prog'),
    bytes: buildElf(elf),
    argv: text('./prog'),
    environment: [],
    stackSize,
    random: new Uint8Array(16),
    identity: { pid: 1, parentPid: 1, processGroup: 1, session: 1, uid: 1000, effectiveUid: 1000, gid: 1000, effectiveGid: 1000, groups: [], nice: 0 },
    readInterpreter: (path) => {
      if (linker === undefined) throw new Error('not wanted');
      return { path, bytes: buildElf(linker) };
    },
  });
  return { memory, space: memory.space, program, log };
}

const data = Uint8Array.from({ length: 100 }, (_, i) => i + 1);
const recipe: ElfRecipe = {
  entry: 0x400000,
  segments: [
    { address: 0x400000, data, flags: 5 },
    { address: 0x410040, data, flags: 6, memorySize: 0x2000 },
  ],
};

it('puts a program at its addresses, the stack at the base of the mapping area and the break behind the data', () => {
  const { memory, space, program } = load(recipe);
  expect(space.mappings()).toEqual([
    { start: 0x3ff000, end: 0x400000, prot: 0, name: '' },
    { start: 0x400000, end: 0x401000, prot: PROT_READ | PROT_EXEC, name: '/tmp/prog' },
    { start: 0x401000, end: 0x410000, prot: 0, name: '' },
    { start: 0x410000, end: 0x411000, prot: PROT_READ | PROT_WRITE, name: '/tmp/prog' },
    { start: 0x411000, end: 0x413000, prot: PROT_READ | PROT_WRITE, name: '' },
    { start: 0x5500000000, end: 0x5500001000, prot: 0, name: '[stack]' },
    { start: 0x5500001000, end: 0x5500801000, prot: PROT_READ | PROT_WRITE, name: '[stack]' },
    { start: 0x5500801000, end: 0x5500802000, prot: PROT_READ | PROT_EXEC, name: '' },
  ]);
  expect(program.entry).toBe(0x400000);
  expect(memory.setBreakEnd(0)).toBe(0x413000);
  expect(memory.findRoom(0, 1)).toBe(0x5500802000);
  expect(space.fetch32(program.sigreturn)).toBe(0xd2801168);
});

const FEATURE_BTI = Uint8Array.from(new Uint8Array(new Uint32Array([4, 16, 5, 0x554e47, 0xc0000000, 4, 1, 0]).buffer));
const property = { type: SegmentType.gnuProperty, data: FEATURE_BTI };
const CODE = { address: 0x400000, data, flags: 5 };

it('guards the code of a static program that asks for it, on a CPU that can', () => {
  const marked: ElfRecipe = { segments: [CODE], extras: [property] };
  expect(load(marked).space.protAt(0x400000)).toBe(PROT_READ | PROT_EXEC | PROT_GUARDED);
  expect(load({ segments: [CODE] }).space.protAt(0x400000)).toBe(PROT_READ | PROT_EXEC);
  expect(load(marked, { guest: createAArch64('cortex-a76') }).space.protAt(0x400000)).toBe(PROT_READ | PROT_EXEC);
});

it("guards of a dynamic program its linker's code alone", () => {
  const extras = [property, { type: SegmentType.interpreter, data: encoded('/ld.so') }];
  const { space, program } = load(
    { segments: [CODE], extras },
    { linker: { type: ElfType.shared, segments: [{ address: 0, data, flags: 5 }], extras: [property] } },
  );
  expect(space.protAt(0x400000)).toBe(PROT_READ | PROT_EXEC);
  expect(space.protAt(program.interpreter?.base ?? 0)).toBe(PROT_READ | PROT_EXEC | PROT_GUARDED);
});

it('zeroes what follows the data in its last page', () => {
  const { space } = load(recipe);
  expect(space.kernelRead(0x410040, 100)).toEqual(data);
  expect(space.kernelRead(0x410040 + 100, 0x1000)).toEqual(new Uint8Array(0x1000));
});

it('puts a position-independent program at the base, and room for the break before the stack', () => {
  const { program, memory } = load({ ...recipe, type: ElfType.shared, entry: 0x1010, segments: [{ address: 0x1000, data }] });
  expect(program.image.bias).toBe(0x5500000000);
  expect(program.entry).toBe(0x5500001010);
  expect(program.stackRange).toEqual([0x5502003000, 0x5502803000]);
  expect(memory.setBreakEnd(0)).toBe(0x5500002000);
});

it('gives the stack the size asked for, at least 128 KiB', () => {
  expect(load(recipe, { stackSize: 1 }).program.stackRange).toEqual([0x5500001000, 0x5500021000]);
  expect(load(recipe, { stackSize: 100000000 }).program.stackRange).toEqual([0x5500001000, 0x5505f5f100]);
});

it('logs the layout as -d page does', () => {
  const { log } = load(recipe);
  expect(log).toContain('page layout changed following binary load\nstart            end              size             prot\n');
  expect(log).toContain('0000000000411000-0000000000413000 0000000000002000 rw-\n');
  expect(log).toMatch(/\nentry {7}0x0000000000400000\nargv_start {2}0x00000055008\w+\n/);
});

it('moves the break, and clears what comes back', () => {
  const { memory, space } = load(recipe);
  expect(memory.setBreakEnd(0x413010)).toBe(0x413010);
  expect(space.kernelWrite(0x413000, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(memory.setBreakEnd(0x413001)).toBe(0x413001);
  expect(memory.setBreakEnd(0x415000)).toBe(0x415000);
  expect(space.kernelRead(0x413000, 4)).toEqual(Uint8Array.of(1, 0, 0, 0));
  expect(memory.setBreakEnd(0x400000)).toBe(0x415000);
  expect(memory.setBreakEnd(0x5500000000)).toBe(0x415000);
});
