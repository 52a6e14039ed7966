/** State words, and the distance of the word mixed in (Matsumoto and Nishimura's MT19937). */
const SIZE = 624;
const MIDDLE = 397;

/**
 * The generator that `-seed` makes reproducible: MT19937 by M. Matsumoto and T. Nishimura (ACM TOMACS 8(1), 1998) with
 * initialisation by array, keyed with the low and the high word of the seed. The same seed gives the guest the same
 * AT_RANDOM bytes as under QEMU.
 */
export class GuestRandom {
  private readonly state = new Uint32Array(SIZE);
  private next = SIZE;

  /** @param seed 0 to 2^64 - 1 */
  constructor(seed: bigint) {
    const key = [Number(seed & 0xffff_ffffn), Number((seed >> 32n) & 0xffff_ffffn)];
    const state = this.state;
    state[0] = 19650218;
    for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    let i = 1;
    for (let round = 0; round < SIZE; round++) {
      const word = round % key.length;
      state[i] = (state[i] ^ Math.imul(1664525, state[i - 1] ^ (state[i - 1] >>> 30))) + key[word] + word;
      i = this.advance(i);
    }
    for (let round = 1; round < SIZE; round++) {
      state[i] = (state[i] ^ Math.imul(1566083941, state[i - 1] ^ (state[i - 1] >>> 30))) - i;
      i = this.advance(i);
    }
    state[0] = 0x8000_0000;
  }

  private advance(i: number): number {
    if (i + 1 < SIZE) return i + 1;
    this.state[0] = this.state[SIZE - 1];
    return 1;
  }

  private refill(): void {
    const state = this.state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x8000_0000) | (state[(i + 1) % SIZE] & 0x7fff_ffff);
      state[i] = state[(i + MIDDLE) % SIZE] ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.next = 0;
  }

  /** The next 32 random bits, unsigned. */
  word(): number {
    if (this.next === SIZE) this.refill();
    let y = this.state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Fills `bytes` with words in little-endian order; a rest of one to three bytes takes a whole word. */
  fill(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 4) {
      const word = this.word();
      for (let i = at; i < Math.min(at + 4, bytes.length); i++) bytes[i] = word >>> (8 * (i - at));
    }
  }
}
