/** Bytes of which a key is made, spread evenly, besides the last one. */
const SAMPLES = 64;
/** Contents with the same key that new ones are compared with, the latest. */
const COMPARED = 4;
/** Bytes of contents that are kept in memory, of those that came again. */
const KEPT = 0x100_0000;

/** Which contents there are: equal ones, of a key that few others have, are found without a sum of all their bytes. */
export class ContentTable {
  /** By key: numbers. */
  private readonly numbers = new Map<number, number[]>();
  /** Latest used last. */
  private readonly kept = new Map<number, Uint8Array>();
  private keptBytes = 0;

  /**
   * @param fetch reads contents again, by their number
   * @param equal whether the bytes of two are the same
   */
  constructor(
    private readonly fetch: (number: number) => Uint8Array | undefined,
    private readonly equal: (a: Uint8Array, b: Uint8Array) => boolean,
  ) {}

  /** The number of these contents. If there are none like them, it is `next` from now on. */
  number(data: Uint8Array, next: number): number {
    const key = keyOf(data);
    const numbers = this.numbers.get(key);
    if (numbers === undefined) {
      this.numbers.set(key, [next]);
      return next;
    }
    for (let i = numbers.length - 1; i >= 0; i--) {
      const known = this.bytesOf(numbers[i]);
      if (known !== undefined && known.length === data.length && this.equal(known, data)) return numbers[i];
    }
    numbers.push(next);
    if (numbers.length > COMPARED) numbers.shift();
    return next;
  }

  private bytesOf(number: number): Uint8Array | undefined {
    const kept = this.kept.get(number);
    const bytes = kept ?? this.fetch(number);
    if (bytes === undefined) return undefined;
    if (kept !== undefined) this.kept.delete(number);
    else this.keptBytes += bytes.length;
    this.kept.set(number, bytes);
    for (const [oldest, { length }] of this.kept) {
      if (this.keptBytes <= KEPT || oldest === number) break;
      this.kept.delete(oldest);
      this.keptBytes -= length;
    }
    return bytes;
  }
}

function keyOf(data: Uint8Array): number {
  const { length } = data;
  let key = length;
  for (let i = 0; i < SAMPLES; i++) key = Math.imul(key ^ (key >>> 15) ^ data[Math.floor((length * i) / SAMPLES)], 0x2c1b_3c6d);
  return Math.imul(key ^ data[length - 1], 0x297a_2d39);
}
