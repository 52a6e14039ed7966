import type { Ranges } from '../shadow/labelSets.ts';

/** Bytes of input that follow each other: number `first` is the byte at `offset` of the source. */
interface Span {
  readonly first: number;
  readonly source: string;
  readonly offset: number;
}

/** Gives each byte of input a number, and says what numbers stand for. */
export class Inputs {
  /** In ascending order of number. */
  private readonly spans: Span[] = [];
  private next = 0;

  /** @returns the number of the first byte; the others follow */
  add(source: string, offset: number, length: number): number {
    const first = this.next;
    const last = this.spans.at(-1);
    const goesOn = last !== undefined && last.source === source && last.offset + (first - last.first) === offset;
    if (!goesOn) this.spans.push({ first, source, offset });
    this.next += length;
    return first;
  }

  /** As `stdin[0-3,7] argv[1][2]`. */
  describe(ranges: Ranges): string {
    const bySource = new Map<string, string[]>();
    for (let i = 0; i < ranges.length; i += 2) {
      for (let at = ranges[i]; at < ranges[i + 1]; ) {
        const index = this.spanAt(at);
        const { first, source, offset } = this.spans[index];
        const end = Math.min(ranges[i + 1], this.spans[index + 1]?.first ?? Number.POSITIVE_INFINITY);
        const from = offset + at - first;
        const to = offset + end - 1 - first;
        const parts = bySource.get(source) ?? [];
        bySource.set(source, parts);
        const part = from === to ? `${from}` : `${from}-${to}`;
        if (!parts.includes(part)) parts.push(part);
        at = end;
      }
    }
    return [...bySource].map(([source, parts]) => `${source}[${parts.join()}]`).join(' ');
  }

  /** The last one that begins at a number or before. */
  private spanAt(number: number): number {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.spans[middle].first <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
