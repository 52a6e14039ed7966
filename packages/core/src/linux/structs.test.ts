import { expect, test } from 'vitest';
import { SECOND, timespec, timeval } from './structs.ts';

/** The two words of a struct, as Linux reads them. */
const wordsOf = ({ buffer }: Uint8Array): readonly bigint[] => {
  const view = new DataView(buffer);
  return [view.getBigInt64(0, true), view.getBigInt64(8, true)];
};

test.each([0n, 1n, 999_999_999n, SECOND, -1n, -SECOND, -SECOND - 1n, (2n ** 32n + 5n) * SECOND + 7n, -(2n ** 33n) * SECOND - 7n, 2n ** 63n - 1n])(
  '%d nanoseconds are whole seconds and a rest that is never negative',
  (nanoseconds) => {
    const [seconds = 0n, rest = 0n] = wordsOf(timespec(nanoseconds));
    expect(seconds * SECOND + rest).toBe(nanoseconds);
    expect(rest >= 0n && rest < SECOND).toBe(true);
    expect(wordsOf(timeval(nanoseconds))).toEqual([seconds, rest / 1000n]);
  },
);
