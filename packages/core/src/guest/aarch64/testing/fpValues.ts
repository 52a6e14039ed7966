import type { FloatFormat } from '../translate/fpSoftFloat.ts';

/** Floating-point numbers, by their bits, that look random and are the same at every run: rich in those where arithmetic goes wrong. */
export class FpValues {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 random bits. */
  word(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  below(n: number): number {
    return this.word() % n;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** A random integer of `width` bits. */
  bits(width: number): bigint {
    return BigInt.asUintN(width, BigInt(this.word()) | (BigInt(this.word()) << 32n));
  }

  /** A number of any kind: special ones, any bits, few digits, and mostly exponents near that of 1, so that operands meet. */
  number({ width, fraction, bias }: FloatFormat): bigint {
    const sign = BigInt(this.below(2)) << BigInt(width - 1);
    const infinity = BigInt(2 * bias + 1) << BigInt(fraction);
    const last = (1n << BigInt(fraction)) - 1n;
    const special = [0n, 1n, last, last + 1n, last + 2n, infinity - 1n, infinity, infinity | 1n, infinity | 5n | (1n << BigInt(fraction - 1)), infinity | last];
    const kind = this.below(16);
    if (kind < 3) return sign | this.pick(special);
    if (kind < 5) return this.bits(width);
    const reach = Math.min(2 * fraction, bias - 1);
    const exponent = BigInt(bias + this.below(2 * reach) - reach) << BigInt(fraction);
    const digits = this.bits(fraction);
    // all digits, few leading ones, few trailing ones, half of them, next to a power of two
    const few = BigInt(this.below(8));
    const fractions = [digits, few << BigInt(fraction - 3), few, (digits >> BigInt(fraction >> 1)) << BigInt(fraction >> 1), last - few];
    return sign | exponent | this.pick(fractions);
  }
}
