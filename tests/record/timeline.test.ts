import { describe, expect, it } from 'vitest';
import { createAArch64, type Hit, Replayer, type Timeline } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openJournal, openTimeline, recordProgram, startProgram } from './recordedProgram.ts';

const program = buildPrograms().find(({ name }) => name === 'qsort')?.path ?? '';

/** What every instruction did, by running one at a time. */
interface Moment {
  readonly pc: number;
  readonly state: string;
}

/** A cheap generator of numbers, the same each time. */
function* numbers(seed: number): Generator<number> {
  for (let n = seed; ; n = (Math.imul(n, 1103515245) + 12345) >>> 0) yield n >>> 8;
}

const stateOf = (timeline: Timeline): string => {
  const { machine } = timeline.replayer;
  const { cpu, guest } = machine;
  return [...guest.state.registers.filter(({ visible }) => visible).map((register) => cpu.get(register)), cpu.nzcv].join();
};

describe('a timeline', () => {
  const recorded = recordProgram(startProgram(program));
  // The states of a stretch, by stepping.
  const first = 20_000;
  const count = 3000;
  const walker = openTimeline(recorded);
  const moments: Moment[] = Array.from({ length: count }, (_, i) => {
    walker.seek(first + i);
    return { pc: walker.replayer.pc, state: stateOf(walker) };
  });

  it('replays the whole run, with every optimisation and without', () => {
    for (const disabled of [[], ['cold-code'], ['regions'], ['write-through', 'access-groups', 'stack-frame']]) {
      const replayer = new Replayer({ guest: createAArch64('max'), journal: openJournal(recorded.bytes), machine: { disabled: new Set(disabled) } });
      expect(replayer.run()).toBe('end');
      expect(replayer.steps).toBe(recorded.steps);
    }
  });

  it('has the same state at a step, from wherever it comes', () => {
    const timeline = openTimeline(recorded);
    timeline.seek(timeline.lastStep);
    const random = numbers(1);
    for (let i = 0; i < 200; i++) {
      const at = (random.next().value as number) % count;
      timeline.seek(first + at);
      expect({ at, pc: timeline.replayer.pc, state: stateOf(timeline) }).toEqual({ at, ...moments[at] });
    }
  });

  it('can be asked on where a search was ended', () => {
    let isOver = false;
    const progress = (): void => {
      if (isOver) throw new Error('enough');
    };
    const timeline = openTimeline(recorded, { firstStretch: 1000, now: () => 0, progress });
    timeline.complete();
    const { pc } = moments[count - 1];
    isOver = true;
    expect(() => timeline.find({ kind: 'execute', pc })).toThrow('enough');
    expect(() => timeline.goThrough(first, first + count, {})).toThrow('enough');
    isOver = false;
    timeline.seek(first + 7);
    expect({ pc: timeline.replayer.pc, state: stateOf(timeline) }).toEqual(moments[7]);
    expect(timeline.next({ kind: 'execute', pc }, { from: first + count - 1 })?.step).toBe(first + count - 1);
  });

  it('finds executions', () => {
    const timeline = openTimeline(recorded);
    const random = numbers(2);
    for (let i = 0; i < 30; i++) {
      const at = (random.next().value as number) % count;
      const { pc } = moments[(random.next().value as number) % count];
      const probe = { kind: 'execute', pc } as const;
      const range = { from: first, to: first + count };
      const steps = moments.flatMap((moment, k) => (moment.pc === pc ? [first + k] : []));
      expect(timeline.find(probe, range).map(({ step }: Hit) => step)).toEqual(steps);
      expect(timeline.next(probe, { ...range, from: first + at })?.step).toBe(steps.find((step) => step >= first + at));
      expect(timeline.previous(probe, { ...range, to: first + at })?.step).toBe(steps.filter((step) => step < first + at).at(-1));
    }
  });

  it('finds who wrote a register', () => {
    const timeline = openTimeline(recorded);
    const { state } = timeline.replayer.machine.guest;
    const visible = state.registers.filter((register) => register.visible);
    for (const name of ['x0', 'x1', 'x19', 'sp']) {
      const index = visible.indexOf(state.get(name));
      const changes = moments.slice(1).flatMap((moment, k) => (moment.state.split(',')[index] === moments[k].state.split(',')[index] ? [] : [first + k]));
      const hits = timeline.find({ kind: 'register', register: state.get(name) }, { from: first, to: first + count - 1 }).map(({ step }) => step);
      expect(hits).toEqual(expect.arrayContaining(changes));
      expect(timeline.previous({ kind: 'register', register: state.get(name) }, { from: first, to: first + count - 1 })?.step).toBe(hits.at(-1));
    }
  });

  it('finds who wrote memory', () => {
    const timeline = openTimeline(recorded);
    const memoryAt = (step: number): Map<number, bigint> => {
      timeline.seek(step);
      const words = new Map<number, bigint>();
      const { space } = timeline.replayer.machine;
      for (const { start, end, prot } of space.list.all) {
        const view = (prot & 2) === 0 ? undefined : space.kernelRead(start, end - start);
        if (view !== undefined) new BigUint64Array(view.buffer).forEach((word, i) => void (word !== 0n && words.set(start + i * 8, word)));
      }
      return words;
    };
    const before = memoryAt(first);
    const written = [...memoryAt(first + count)].filter(([address, word]) => before.get(address) !== word).map(([address]) => address);
    expect(written.length).toBeGreaterThan(2);
    // What differs from one step to the next was written there.
    for (const address of written.slice(0, 3)) {
      const hits = timeline.find({ kind: 'access', address, bytes: 8, reads: false, writes: true }, { from: first, to: first + count }).map(({ step }) => step);
      const changes: number[] = [];
      let last: string | undefined;
      for (let step = first; step <= first + count; step++) {
        timeline.seek(step);
        const now = timeline.replayer.machine.space.kernelRead(address, 8)?.join();
        if (last !== undefined && now !== last) changes.push(step - 1);
        last = now;
      }
      expect(hits).toEqual(expect.arrayContaining(changes));
      expect(changes.length).toBeGreaterThan(0);
    }
  });
});
