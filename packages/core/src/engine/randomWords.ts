/** Small reproducible random numbers (xorshift32), for tests: 32 bits each. */
export function randomWords(seed: number): () => number {
  let x = seed * 2654435761 + 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
