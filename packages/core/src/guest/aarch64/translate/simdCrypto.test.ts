import { expect, test } from 'vitest';
import { inverseTables, SBOX_DEFINITIONS, sbox, sboxTables } from '../testing/sboxTables.ts';
import { elementsOf, TestCpu, vectorOf } from '../testing/testCpu.ts';
import { AES_INVERSE_SBOX, AES_SBOX, INVERSE, SCALED_INVERSE, SM4_SBOX } from './simdSbox.ts';

const AESE_V0_V1 = 0x4e284820;
const AESD_V0_V1 = 0x4e285820;
const AESMC_V0_V0 = 0x4e286800;
const AESIMC_V0_V0 = 0x4e287800;

test('AESE and AESD substitute every byte by the S-box and its inverse', () => {
  const cpu = new TestCpu();
  cpu.setV(1, 0n);
  for (let x = 0; x < 256; x++) {
    cpu.setV(0, vectorOf(8, new Array(16).fill(x)));
    cpu.run(AESE_V0_V1);
    expect(cpu.v(0)).toBe(vectorOf(8, new Array(16).fill(sbox(SBOX_DEFINITIONS.aes, x))));
    cpu.run(AESD_V0_V1);
    expect(cpu.v(0)).toBe(vectorOf(8, new Array(16).fill(x)));
  }
});

test("the S-boxes' tables follow from their definitions", () => {
  expect(inverseTables()).toEqual({ inverse: INVERSE, scaledInverse: SCALED_INVERSE });
  expect(sboxTables(SBOX_DEFINITIONS.aes)).toEqual(AES_SBOX);
  expect(sboxTables(SBOX_DEFINITIONS.aesInverse)).toEqual(AES_INVERSE_SBOX);
  expect(sboxTables(SBOX_DEFINITIONS.sm4)).toEqual(SM4_SBOX);
});

// FIPS 197, Appendix B: the state after SubBytes and ShiftRows of round 1, and after MixColumns
const hexBytes = (hex: string): bigint =>
  vectorOf(
    8,
    (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)),
  );

test('one round of FIPS 197, Appendix B', () => {
  const cpu = new TestCpu();
  cpu.setV(0, hexBytes('3243f6a8885a308d313198a2e0370734'));
  cpu.setV(1, hexBytes('2b7e151628aed2a6abf7158809cf4f3c'));
  cpu.run(AESE_V0_V1);
  expect(cpu.v(0)).toBe(hexBytes('d4bf5d30e0b452aeb84111f11e2798e5'));
  cpu.run(AESMC_V0_V0);
  expect(cpu.v(0)).toBe(hexBytes('046681e5e0cb199a48f8d37a2806264c'));
  cpu.run(AESIMC_V0_V0);
  expect(cpu.v(0)).toBe(hexBytes('d4bf5d30e0b452aeb84111f11e2798e5'));
});

/** The first `count` words of SHA-256's round constants: fractions of the cube roots of primes, exactly. */
function roundConstants(count: number): bigint[] {
  const constants: bigint[] = [];
  for (let n = 2n; constants.length < count; n++) {
    let isPrime = true;
    for (let d = 2n; d * d <= n; d++) if (n % d === 0n) isPrime = false;
    if (!isPrime) continue;
    // The cube root of n * 2^96 by bisection
    let [low, high] = [0n, 1n << 40n];
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle * middle * middle <= n << 96n) low = middle;
      else high = middle;
    }
    constants.push(BigInt.asUintN(32, low));
  }
  return constants;
}

test('SHA-256 of abc (FIPS 180-4)', () => {
  const cpu = new TestCpu();
  const k = roundConstants(64);
  const initial = [0x6a09e667n, 0xbb67ae85n, 0x3c6ef372n, 0xa54ff53an, 0x510e527fn, 0x9b05688cn, 0x1f83d9abn, 0x5be0cd19n];
  cpu.setV(0, vectorOf(32, initial.slice(0, 4)));
  cpu.setV(1, vectorOf(32, initial.slice(4)));
  const message = [0x61626380, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 24];
  for (let i = 0; i < 4; i++) cpu.setV(4 + i, vectorOf(32, message.slice(4 * i, 4 * i + 4)));
  for (let round = 0; round < 16; round++) {
    const words = elementsOf(32, cpu.v(4));
    cpu.setV(
      2,
      vectorOf(
        32,
        words.map((word, i) => word + (k[4 * round + i] as bigint)),
      ),
    );
    cpu.setV(3, cpu.v(0));
    cpu.run(0x5e024020); // SHA256H Q0, Q1, V2.4S
    cpu.run(0x5e025061); // SHA256H2 Q1, Q3, V2.4S
    cpu.run(0x5e2828a4); // SHA256SU0 V4.4S, V5.4S
    cpu.run(0x5e0760c4); // SHA256SU1 V4.4S, V6.4S, V7.4S
    const next = cpu.v(4);
    for (let i = 4; i < 7; i++) cpu.setV(i, cpu.v(i + 1));
    cpu.setV(7, next);
  }
  const digest = [...elementsOf(32, cpu.v(0)), ...elementsOf(32, cpu.v(1))].map((word, i) => BigInt.asUintN(32, word + (initial[i] as bigint)));
  expect(digest.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('PMULL of doublewords is the product without carries', () => {
  const cpu = new TestCpu();
  for (const [a, b] of [
    [0x8000000000000001n, 0xffffffffffffffffn],
    [0x123456789abcdef1n, 0xfedcba9876543211n],
    [0n, 5n],
    [3n, 3n],
  ] as const) {
    let product = 0n;
    for (let i = 0n; i < 64n; i++) if ((b >> i) & 1n) product ^= a << i;
    cpu.setV(1, a);
    cpu.setV(2, b);
    cpu.run(0x0ee2e020); // PMULL V0.1Q, V1.1D, V2.1D
    expect(cpu.v(0)).toBe(product);
  }
});
