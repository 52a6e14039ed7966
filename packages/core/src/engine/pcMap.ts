/** Up to here a distance is a small integer for V8, which makes objects of others to look for them in maps. */
export const SMALL = 0x4000_0000;

/** Something for each of some pcs, kept by their distance from the start of the code that they are in. */
export class PcMap<Value> {
  private readonly values = new Map<number, Value>();

  /** @param start of the code: few pcs are below it, if any */
  constructor(private readonly start: number) {}

  get size(): number {
    return this.values.size;
  }

  get(pc: number): Value | undefined {
    return this.values.get(distance(pc, this.start));
  }

  has(pc: number): boolean {
    return this.values.has(distance(pc, this.start));
  }

  set(pc: number, value: Value): void {
    this.values.set(distance(pc, this.start), value);
  }

  delete(pc: number): boolean {
    return this.values.delete(distance(pc, this.start));
  }

  clear(): void {
    this.values.clear();
  }

  get all(): Iterable<Value> {
    return this.values.values();
  }

  get entries(): Iterable<readonly [pc: number, value: Value]> {
    return Array.from(this.values, ([from, value]) => [this.start + from, value]);
  }
}

function distance(pc: number, start: number): number {
  const from = pc - start;
  return from < SMALL && from > -SMALL ? from | 0 : from;
}
