import { describe, expect, it } from 'vitest';
import { estimateText, SampleClock } from './estimate.ts';

describe('estimates of exports', () => {
  // A first chunk of few instructions, which took longest, was all of the sample: 44 minutes were told for one.
  it('go on as what came after the middle of the sample', () => {
    const clock = new SampleClock(500);
    for (const [wanted, at] of [
      [30_000, 1500],
      [30_000, 1600],
      [1_000_000, 2500],
      [2_000_000, 3500],
    ] as const) {
      expect(clock.isEnough).toBe(false);
      clock.sampled(wanted, at);
    }
    expect(clock.isEnough).toBe(true);
    expect(clock.secondsOf(42_000_000)).toBeCloseTo(43);
    expect(clock.secondsOf(1_000_000)).toBeCloseTo(1.5);
  });

  it('of one chunk are its share', () => {
    const clock = new SampleClock(0);
    expect(clock.secondsOf(10)).toBe(0);
    clock.sampled(1000, 100);
    expect([clock.isEnough, clock.secondsOf(500), clock.secondsOf(2000)]).toEqual([false, 0.05, 0.2]);
  });

  it('tell no size of what is written in the end', () => {
    const estimate = { insns: 1000, isLarge: false, sample: { bytes: 0, seconds: 5 } };
    expect(estimateText('callgrind', estimate)).toBe('1,000 instructions as callgrind: a size that does not depend on how many they are, 5 s');
    expect(estimateText('none', estimate)).toBe('1,000 instructions as none: 5 s');
    expect(estimateText('text', { ...estimate, sample: { bytes: 70_000, seconds: 0.1 } })).toBe('1,000 instructions as text: about 70.0 kB, below a second');
  });
});
