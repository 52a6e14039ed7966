/**
 * How many items of a list, which is in ascending order of their keys, have a key that is not above `value`: the index of the first
 * one that has, and one more than the index of the last that has not.
 */
export function upperBound<Item>(list: ArrayLike<Item>, value: number, keyOf: (item: Item) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyOf(list[middle] as Item) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same, of a list of numbers. */
export function upperBoundOf(list: ArrayLike<number>, value: number): number {
  return upperBound(list, value, (number) => number);
}
