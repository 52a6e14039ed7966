import type { Random } from './random.ts';

/**
 * Bit patterns where arithmetic tends to go wrong, as single-precision, double-precision and half-precision numbers:
 * zeros, denormals and their neighbours, ones, conversions' limits, infinities, quiet and signalling NaNs with payloads.
 */
const SINGLE = [
  0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x01000000, 0x33800000, 0x34000000, 0x3effffff, 0x3f000000, 0x3f000001,
  0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40000000, 0x40200000, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000,
  0x5effffff, 0x5f000000, 0x5f7fffff, 0x5f800000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7f812345, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fd54321,
  0x7fffffff,
];
const DOUBLE = [
  0x0000000000000000n,
  0x0000000000000001n,
  0x0000000000000002n,
  0x0008000000000000n,
  0x000fffffffffffffn,
  0x0010000000000000n,
  0x0010000000000001n,
  0x36a0000000000000n,
  0x36a0000000000001n,
  0x3810000000000000n,
  0x380fffffffffffffn,
  0x3ca0000000000000n,
  0x3fdfffffffffffffn,
  0x3fe0000000000000n,
  0x3fe0000000000001n,
  0x3fefffffffffffffn,
  0x3ff0000000000000n,
  0x3ff0000000000001n,
  0x3ff8000000000000n,
  0x4000000000000000n,
  0x4004000000000000n,
  0x41dfffffffc00000n,
  0x41e0000000000000n,
  0x41efffffffe00000n,
  0x41f0000000000000n,
  0x4330000000000000n,
  0x4330000000000001n,
  0x43dfffffffffffffn,
  0x43e0000000000000n,
  0x43efffffffffffffn,
  0x43f0000000000000n,
  0x47efffffe0000000n,
  0x47effffff0000000n,
  0x47f0000000000000n,
  0x7fe0000000000000n,
  0x7fefffffffffffffn,
  0x7ff0000000000000n,
  0x7ff0000000000001n,
  0x7ff0000020000000n,
  0x7ff7ffffffffffffn,
  0x7ff8000000000000n,
  0x7ff8000000000001n,
  0x7ffabcdef1234567n,
  0x7fffffffffffffffn,
];
const HALF = [
  0x0000, 0x0001, 0x0200, 0x03ff, 0x0400, 0x0401, 0x3800, 0x3bff, 0x3c00, 0x3c01, 0x3e00, 0x4000, 0x63ff, 0x6400, 0x7800, 0x7bff, 0x7c00, 0x7c01, 0x7d55,
  0x7dff, 0x7e00, 0x7e01, 0x7f55, 0x7fff,
];

const SIGN_64 = 1n << 63n;

function single(random: Random): number {
  const kind = random.below(4);
  if (kind === 0) return random.u32();
  // Numbers near one another, so that sums cancel and quotients are near 1.
  if (kind === 1) return ((0x3f000000 + random.below(0x02000000)) | (random.u32() & 0x80000000)) >>> 0;
  return (random.pick(SINGLE) | (random.u32() & 0x80000000)) >>> 0;
}

function double(random: Random): bigint {
  const kind = random.below(4);
  const sign = random.oneIn(2) ? SIGN_64 : 0n;
  if (kind === 0) return random64(random);
  if (kind === 1) return sign | (0x3fe0000000000000n + (random64(random) & 0x003fffffffffffffn));
  return sign | random.pick(DOUBLE);
}

function half(random: Random): number {
  return random.oneIn(3) ? random.below(0x10000) : random.pick(HALF) | (random.u32() & 0x8000);
}

/** The upper half of a single. */
function bfloat16(random: Random): number {
  return single(random) >>> 16;
}

function random64(random: Random): bigint {
  return (BigInt(random.u32()) << 32n) | BigInt(random.u32());
}

/** An integer of `bits` bits: small, a power of two or its neighbour, an extreme, a repeated byte, or anything. */
function integer(random: Random, bits: 8 | 16 | 32 | 64): bigint {
  const mask = (1n << BigInt(bits)) - 1n;
  switch (random.below(8)) {
    case 0:
      return BigInt(random.below(18) - 2) & mask;
    case 1:
      return ((1n << BigInt(random.below(bits))) + BigInt(random.below(3) - 1)) & mask;
    case 2:
      return -(1n << BigInt(random.below(bits))) & mask;
    case 3:
      return (mask >> BigInt(random.below(bits))) & mask;
    case 4:
      return (0x0101010101010101n * BigInt(random.pick([0x00, 0x55, 0x7f, 0x80, 0xaa, 0xff, random.below(256)]))) & mask;
    case 5:
      return (random64(random) >> BigInt(random.below(64))) & mask;
    default:
      return random64(random) & mask;
  }
}

/** A value for a general-purpose register. */
export function generalValue(random: Random): bigint {
  switch (random.below(16)) {
    case 0:
      return double(random);
    case 1:
      return BigInt(single(random));
    // A 32-bit value under any upper half: W operations must not see it.
    case 2:
    case 3:
      return (random64(random) & ~0xffffffffn) | integer(random, 32);
    case 4:
    case 5:
      return integer(random, 32);
    default:
      return integer(random, 64);
  }
}

/** Half of a vector register, its lanes of one kind. */
function vectorHalf(random: Random, kind: number): bigint {
  let value = 0n;
  switch (kind) {
    case 0:
    case 1:
      return double(random);
    case 2:
    case 3:
      return (BigInt(single(random)) << 32n) | BigInt(single(random));
    case 4:
      for (let i = 0; i < 4; i++) value = (value << 16n) | BigInt(half(random));
      return value;
    case 5:
      for (let i = 0; i < 8; i++) value = (value << 8n) | integer(random, 8);
      return value;
    case 6:
      for (let i = 0; i < 4; i++) value = (value << 16n) | integer(random, 16);
      return value;
    case 7:
      for (let i = 0; i < 4; i++) value = (value << 16n) | BigInt(bfloat16(random));
      return value;
    case 8:
      return (integer(random, 32) << 32n) | integer(random, 32);
    default:
      return integer(random, 64);
  }
}

/** A value for a vector register: its low and high half. */
export function vectorValue(random: Random): [bigint, bigint] {
  const kind = random.below(10);
  return [vectorHalf(random, kind), random.oneIn(8) ? 0n : vectorHalf(random, kind)];
}
