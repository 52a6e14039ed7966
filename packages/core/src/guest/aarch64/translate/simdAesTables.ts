/**
 * Tables by which AES's S-box is computed with byte shuffles of 16-byte tables (after M. Hamburg, "Accelerating AES with
 * Vector Permute Instructions", 2009), derived here from the fields' definitions.
 *
 * The S-box inverts a number of the field GF(2^8) and applies an affine map. GF(2^8) is isomorphic to pairs (i, k) of
 * GF(2^4) standing for k + i u, where u^2 + Z u + Z = 0, and
 *
 *     with  j = i + k,   io = j + 1 / (1/i + Z/k),   jo = i + 1 / (1/j + Z/k)
 *
 * 1/io and 1/jo are linear combinations of the coordinates of 1 / (k + i u), so two tables with 16 entries give the
 * result. Infinity, as in 1/0, is a byte with bit 7 set: lookups beyond 16 entries give 0, which is 1 divided by it,
 * and adding anything to it keeps the bit.
 */
export interface SboxTables {
  /** (i << 4 | k) of the operand's low nibble, and of its high nibble; their sum is that of the operand. */
  readonly inputLow: Uint8Array;
  readonly inputHigh: Uint8Array;
  /** 1/x and Z/x in GF(2^4). */
  readonly inverse: Uint8Array;
  readonly scaledInverse: Uint8Array;
  /** What io and jo contribute to the result. */
  readonly outputIo: Uint8Array;
  readonly outputJo: Uint8Array;
  /** To be added to the result. */
  readonly outputConstant: number;
}

const INFINITY = 0x80;

/** Product of polynomials over {0, 1} modulo `modulus`, a polynomial of degree `degree`. */
function multiplyModulo(a: number, b: number, modulus: number, degree: number): number {
  let product = 0;
  for (let i = degree - 1; i >= 0; i--) {
    product <<= 1;
    if (product >> degree) product ^= modulus;
    if ((b >> i) & 1) product ^= a;
  }
  return product;
}
/** In GF(2^4), modulo x^4 + x + 1. */
const multiply4 = (a: number, b: number): number => multiplyModulo(a, b, 0x13, 4);
const inverse4 = (a: number): number => Array.from({ length: 16 }, (_, b) => b).find((b) => multiply4(a, b) === 1) ?? 0;

/** Product of pairs, each i << 4 | k: u^2 = Z u + Z. */
function multiplyPairs(z: number, a: number, b: number): number {
  const [i, k, m, n] = [a >> 4, a & 15, b >> 4, b & 15];
  const square = multiply4(multiply4(i, m), z);
  return ((multiply4(i, n) ^ multiply4(k, m) ^ square) << 4) | (multiply4(k, n) ^ square);
}

/** The smallest Z for which u^2 + Z u + Z has no root in GF(2^4). */
function chooseZ(): number {
  for (let z = 2; ; z++) if (!Array.from({ length: 16 }, (_, x) => multiply4(x, x) ^ multiply4(z, x) ^ z).includes(0)) return z;
}

/** Images of the bits under an isomorphism to pairs: powers of a root of AES's polynomial x^8 + x^4 + x^3 + x + 1. */
function powersOfRoot(z: number): number[] {
  for (let root = 2; ; root++) {
    const powers = [1];
    for (let n = 1; n <= 8; n++) powers.push(multiplyPairs(z, powers[n - 1] as number, root));
    const at = (n: number): number => powers[n] as number;
    if ((at(8) ^ at(4) ^ at(3) ^ at(1) ^ at(0)) === 0) return powers.slice(0, 8);
  }
}

/** A linear map given by the images of the bits. */
const apply = (images: readonly number[], value: number): number => images.reduce((sum, image, bit) => sum ^ ((value >> bit) & 1 ? image : 0), 0);
/** The linear map that undoes it. */
const invertMap = (images: readonly number[]): number[] =>
  Array.from({ length: 8 }, (_, bit) => Array.from({ length: 256 }, (_, x) => x).find((x) => apply(images, x) === 1 << bit) as number);

/** The S-box's affine map (FIPS 197, 5.1.1) without its constant: each bit is the sum of five. */
const AFFINE = Array.from({ length: 8 }, (_, bit) => [0, 1, 2, 3, 4].reduce((image, n) => image | (1 << ((bit + n) & 7)), 0));
const AFFINE_CONSTANT = 0x63;

/** The tables of the S-box, or of its inverse. */
export function sboxTables(inverted: boolean): SboxTables {
  const z = chooseZ();
  const toPairs = powersOfRoot(z);
  const fromPairs = invertMap(toPairs);
  const unaffine = invertMap(AFFINE);
  const input = (value: number): number => apply(toPairs, inverted ? apply(unaffine, value) : value);
  const output = (pair: number): number => (inverted ? apply(fromPairs, pair) : apply(AFFINE, apply(fromPairs, pair)));
  // 1/io = k', 1/jo = (1 + Z) k' + Z^2 i', where the inverse of the operand is k' + i' u
  const perSquare = inverse4(multiply4(z, z));
  const ofIo = (p: number): number => output((multiply4(multiply4(1 ^ z, p), perSquare) << 4) | p);
  const ofJo = (q: number): number => output(multiply4(q, perSquare) << 4);
  const table = (entry: (n: number) => number): Uint8Array => Uint8Array.from({ length: 16 }, (_, n) => entry(n));
  const offset = inverted ? input(AFFINE_CONSTANT) : 0;
  return {
    inputLow: table((n) => input(n) ^ offset),
    inputHigh: table((n) => input(n << 4)),
    inverse: table((n) => (n === 0 ? INFINITY : inverse4(n))),
    scaledInverse: table((n) => (n === 0 ? INFINITY : multiply4(z, inverse4(n)))),
    outputIo: table((n) => ofIo(inverse4(n))),
    outputJo: table((n) => ofJo(inverse4(n))),
    outputConstant: inverted ? 0 : AFFINE_CONSTANT,
  };
}
