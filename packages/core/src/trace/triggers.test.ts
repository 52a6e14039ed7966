import { describe, expect, it } from 'vitest';
import { type Trigger, Triggers } from './triggers.ts';

const at = (pc: number, more: Partial<Trigger> = {}): Trigger => ({ place: { kind: 'pc', pc }, registers: [], count: 1, ...more });

/** Runs through addresses, one instruction each. @returns the steps at which the trace was opened or closed */
function turns(start: readonly Trigger[], stop: readonly Trigger[], pcs: readonly number[], isNested = false, x0 = (_step: number): bigint => 0n): number[] {
  let step = 0;
  const turned: number[] = [];
  const triggers = new Triggers({ start, stop, isNested, register: () => x0(step), process: () => 1, steps: () => step + 5, fired: () => undefined });
  triggers.areWatched = true;
  for (; step < pcs.length; step++) {
    // The machine comes to the same instruction again when it goes on from there.
    for (let again = 0; again < 2; again++) {
      const watched = triggers.pcs;
      const place = watched.indexOf(pcs[step]);
      if (place < 0 || !triggers.reached(watched, place)) break;
      expect(triggers.isDue).toBe(true);
      triggers.take();
      turned.push(step);
    }
  }
  return turned;
}

describe('triggers', () => {
  it('open and close, again and again', () => {
    expect(turns([at(1)], [at(2)], [0, 1, 3, 2, 2, 1, 1, 2])).toEqual([1, 3, 5, 7]);
  });

  it('do not close where they open', () => {
    expect(turns([at(1)], [at(1)], [0, 1, 0, 1, 0, 1])).toEqual([1, 3, 5]);
  });

  it('count', () => {
    expect(turns([at(1, { count: 3 })], [at(2)], [1, 1, 1, 2, 1])).toEqual([2, 3, 4]);
  });

  it('look at registers', () => {
    const trigger = at(1, { registers: [{ name: 'x0', value: 4n }] });
    expect(turns([trigger], [], [1, 1, 1, 1, 1, 1], false, (step) => BigInt(step))).toEqual([4]);
  });

  it('nest where that is asked for', () => {
    const pcs = [1, 1, 2, 0, 2, 0];
    expect(turns([at(1)], [at(2)], pcs)).toEqual([0, 2]);
    expect(turns([at(1)], [at(2)], pcs, true)).toEqual([0, 4]);
  });

  it('are open from the start if nothing opens them', () => {
    expect(turns([], [at(2)], [1, 2, 2])).toEqual([1]);
  });

  it('fire at system calls and signals', () => {
    const fired: number[] = [];
    let step = 0;
    const triggers = new Triggers({
      start: [{ place: { kind: 'syscall', name: 'write' }, registers: [], count: 2 }],
      stop: [{ place: { kind: 'signal', signal: 11 }, registers: [], count: 1 }],
      isNested: false,
      register: () => 0n,
      process: () => 1,
      steps: () => step,
      fired: () => fired.push(step),
    });
    // Before the stretch of the run that they are for.
    triggers.syscall('write');
    triggers.areWatched = true;
    for (const happen of [
      () => triggers.syscall('write'),
      () => triggers.syscall('read'),
      () => triggers.syscall('write'),
      () => triggers.signal(5),
      () => triggers.signal(11),
    ]) {
      step++;
      happen();
      if (triggers.isDue) triggers.take();
    }
    expect(fired).toEqual([3, 5]);
    expect(triggers.isOpen).toBe(false);
  });

  it('fire at steps, and say at which to look next', () => {
    const atStep = (step: number): Trigger => ({ place: { kind: 'step', step }, registers: [], count: 1 });
    const triggers = new Triggers({
      start: [atStep(20), atStep(5)],
      stop: [atStep(10)],
      isNested: false,
      register: () => 0n,
      process: () => 1,
      steps: () => 0,
      fired: () => undefined,
    });
    triggers.areWatched = true;
    const fired: number[] = [];
    for (let step = triggers.nextStep(-1); step !== Number.POSITIVE_INFINITY; step = triggers.nextStep(step)) {
      triggers.reachedStep(step);
      if (!triggers.isDue) continue;
      triggers.take();
      fired.push(step);
    }
    expect(fired).toEqual([5, 10, 20]);
  });

  it('know functions where each process has them', () => {
    let pid = 1;
    let step = 0;
    const start: Trigger[] = [{ place: { kind: 'function', name: 'crc32' }, registers: [], count: 1 }];
    const triggers = new Triggers({ start, stop: [], isNested: false, register: () => 0n, process: () => pid, steps: () => step++, fired: () => undefined });
    triggers.areWatched = true;
    triggers.remapped(() => []);
    expect([triggers.pcs, triggers.haveMoved, triggers.unknownNames]).toEqual([[], false, ['crc32']]);
    triggers.remapped(() => [0x1000]);
    expect([triggers.pcs, triggers.haveMoved, triggers.unknownNames]).toEqual([[0x1000], true, []]);
    pid = 2;
    triggers.switched(() => [0x2000]);
    expect(triggers.pcs).toEqual([0x1000, 0x2000]);
    expect([0, 1].map((place) => triggers.reached(triggers.pcs, place))).toEqual([false, true]);
  });
});
