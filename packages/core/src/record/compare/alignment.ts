/** Stretches of two sequences that are not in the other: from `start` to before `end` of each. */
export interface Hunk {
  readonly a: { readonly start: number; readonly end: number };
  readonly b: { readonly start: number; readonly end: number };
}

/**
 * Aligns two sequences, so that as few elements as possible are in one only (Myers, "An O(ND) Difference Algorithm").
 * @param most elements that may be in one only
 * @returns in ascending order, neither empty on both sides; undefined if it takes more
 */
export function align(a: readonly number[], b: readonly number[], most: number): readonly Hunk[] | undefined {
  const size = Math.min(most, a.length + b.length) + 1;
  /** Of each diagonal (a's index minus b's), offset by `size`: how far along a one has come. */
  const reach = new Int32Array(2 * size + 1);
  const history: Int32Array[] = [];
  for (let edits = 0; edits < size; edits++) {
    history.push(reach.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(reach, size, edits, diagonal);
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reach[size + diagonal] = x;
      if (x >= a.length && x - diagonal >= b.length) return hunksOf(history, size, a.length, b.length);
    }
  }
  return undefined;
}

/** Where a diagonal begins with so many edits: below its left neighbour, or right of its upper one. */
function startOf(reach: Int32Array, size: number, edits: number, diagonal: number): number {
  if (edits === 0) return 0;
  const fromB = diagonal === -edits || (diagonal !== edits && reach[size + diagonal - 1] < reach[size + diagonal + 1]);
  return fromB ? reach[size + diagonal + 1] : reach[size + diagonal - 1] + 1;
}

/** Goes back from the end, edit by edit. */
function hunksOf(history: readonly Int32Array[], size: number, aLength: number, bLength: number): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let x = aLength;
  let y = bLength;
  for (let edits = history.length - 1; edits > 0; edits--) {
    const reach = history[edits];
    const diagonal = x - y;
    const fromB = diagonal === -edits || (diagonal !== edits && reach[size + diagonal - 1] < reach[size + diagonal + 1]);
    const before = fromB ? diagonal + 1 : diagonal - 1;
    const start = startOf(reach, size, edits, diagonal);
    const from = { x: reach[size + before], y: reach[size + before] - before };
    const edit: Hunk = { a: { start: from.x, end: start }, b: { start: from.y, end: start - diagonal } };
    const next = hunks.at(-1);
    if (next !== undefined && next.a.start === edit.a.end && next.b.start === edit.b.end) {
      hunks[hunks.length - 1] = { a: { start: edit.a.start, end: next.a.end }, b: { start: edit.b.start, end: next.b.end } };
    } else hunks.push(edit);
    ({ x, y } = from);
  }
  return hunks.reverse();
}
