import type { SboxTables } from '../translate/simdSbox.ts';

/** A map of bytes that is linear but for a constant: `images` are those of the bits. */
interface Affine {
  readonly images: readonly number[];
  readonly constant: number;
}

/** An S-box by its definition: `output` of the inverse of `input`, in GF(2^8) modulo a polynomial; 0 has the inverse 0. */
export interface SboxDefinition {
  readonly polynomial: number;
  readonly input: Affine;
  readonly output: Affine;
}

/** The map whose matrix turns the image of bit 0 by a bit for each bit. */
const circulant = (image: number): readonly number[] => Array.from({ length: 8 }, (_, bit) => ((image << bit) | (image >> (8 - bit))) & 0xff);
const IDENTITY: Affine = { images: circulant(1), constant: 0 };

/** A linear map given by the images of the bits. */
const linear = (images: readonly number[], value: number): number => images.reduce((sum, image, bit) => sum ^ ((value >> bit) & 1 ? image : 0), 0);
const affine = ({ images, constant }: Affine, value: number): number => linear(images, value) ^ constant;
/** The linear map that undoes it. */
const undo = (images: readonly number[]): number[] =>
  Array.from({ length: 8 }, (_, bit) => Array.from({ length: 256 }, (_, x) => x).find((x) => linear(images, x) === 1 << bit) as number);

const AES_OUTPUT: Affine = { images: circulant(0x1f), constant: 0x63 };
const AES_INPUT_OF_INVERSE: Affine = { images: undo(AES_OUTPUT.images), constant: linear(undo(AES_OUTPUT.images), AES_OUTPUT.constant) };
const SM4_AFFINE: Affine = { images: circulant(0xcb), constant: 0xd3 };

/** FIPS 197, 5.1.1 and 5.3.2; GB/T 32907-2016, 6.2. */
export const SBOX_DEFINITIONS = {
  aes: { polynomial: 0x11b, input: IDENTITY, output: AES_OUTPUT },
  aesInverse: { polynomial: 0x11b, input: AES_INPUT_OF_INVERSE, output: IDENTITY },
  sm4: { polynomial: 0x1f5, input: SM4_AFFINE, output: SM4_AFFINE },
} as const satisfies Readonly<Record<string, SboxDefinition>>;

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

/** S(x) by the definition alone. */
export function sbox({ polynomial, input, output }: SboxDefinition, x: number): number {
  const operand = affine(input, x);
  const inverse = Array.from({ length: 256 }, (_, y) => y).find((y) => multiplyModulo(operand, y, polynomial, 8) === 1) ?? 0;
  return affine(output, inverse);
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

/** Images of the bits under an isomorphism to pairs: powers of the smallest root of the field's polynomial. */
function powersOfRoot(z: number, polynomial: number): number[] {
  for (let root = 2; ; root++) {
    const powers = [1];
    for (let n = 1; n <= 8; n++) powers.push(multiplyPairs(z, powers[n - 1] as number, root));
    if (powers.reduce((sum, power, n) => sum ^ ((polynomial >> n) & 1 ? power : 0), 0) === 0) return powers.slice(0, 8);
  }
}

const INFINITY = 0x80;

/** The tables of an S-box, as simdSbox.ts describes them, from its definition. */
export function sboxTables({ polynomial, input, output }: SboxDefinition): SboxTables {
  const z = chooseZ();
  const toPairs = powersOfRoot(z, polynomial);
  const fromPairs = undo(toPairs);
  const enter = (value: number): number => linear(toPairs, linear(input.images, value));
  const leave = (pair: number): number => linear(output.images, linear(fromPairs, pair));
  // 1/io = k', 1/jo = (1 + Z) k' + Z^2 i', where the inverse of the operand is k' + i' u
  const perSquare = inverse4(multiply4(z, z));
  const ofIo = (p: number): number => leave((multiply4(multiply4(1 ^ z, p), perSquare) << 4) | p);
  const ofJo = (q: number): number => leave(multiply4(q, perSquare) << 4);
  const table = (entry: (n: number) => number): number[] => Array.from({ length: 16 }, (_, n) => entry(n));
  const offset = linear(toPairs, input.constant);
  return {
    inputLow: table((n) => enter(n) ^ offset),
    inputHigh: table((n) => enter(n << 4)),
    outputIo: table((n) => ofIo(inverse4(n))),
    outputJo: table((n) => ofJo(inverse4(n))),
    outputConstant: output.constant,
  };
}

/** 1/x and Z/x in GF(2^4). */
export function inverseTables(): { readonly inverse: readonly number[]; readonly scaledInverse: readonly number[] } {
  const z = chooseZ();
  const table = (entry: (n: number) => number): number[] => Array.from({ length: 16 }, (_, n) => (n === 0 ? INFINITY : entry(n)));
  return { inverse: table(inverse4), scaledInverse: table((n) => multiply4(z, inverse4(n))) };
}
