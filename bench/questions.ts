import { openTimeline } from '../packages/cli/src/record/openTimeline.ts';
import type { Timeline } from '../packages/core/src/record/index.ts';
import { median } from './statistics.ts';
import { tableLine } from './text.ts';

/** Steps at the run's start and end whose instructions are likely to have been executed once, or by no other part of the run. */
const EDGE = 20_000;
/** Bytes of the stack whose last writes are asked for. */
const STACK_BYTES = 512;
const WORD = 8;

/** A kind of question: prepares one, and returns what asks it. */
type Question = (timeline: Timeline, random: (below: number) => number) => () => unknown;

const KINDS: Readonly<Record<string, Question>> = {
  'at a step': (timeline, random) => {
    const step = random(timeline.lastStep);
    return () => timeline.seek(step);
  },
  'who wrote, stack': (timeline, random) => {
    const step = goTo(timeline, random);
    const address = register(timeline, timeline.replayer.machine.guest.roles.stackPointer) + random(STACK_BYTES / WORD) * WORD;
    return () => timeline.previous(write(address), { to: step });
  },
  'who wrote, any': (timeline, random) => {
    const step = goTo(timeline, random);
    const address = anyAddress(timeline, random);
    return () => timeline.previous(write(address), { to: step });
  },
  'who read, any': (timeline, random) => {
    const step = goTo(timeline, random);
    const address = anyAddress(timeline, random);
    return () => timeline.previous(read(address), { to: step });
  },
  'who read next': (timeline, random) => {
    const step = goTo(timeline, random);
    const address = anyAddress(timeline, random);
    return () => timeline.next(read(address), { from: step + 1 });
  },
  // Far below the stack nobody reads, and near it nobody does again, or not for long.
  'who read, below stack': (timeline, random) => {
    const step = goTo(timeline, random);
    const address = register(timeline, timeline.replayer.machine.guest.roles.stackPointer) - random(STACK_BYTES) * WORD;
    return () => timeline.previous(read(address), { to: step });
  },
  'execution before': (timeline, random) => {
    const step = goTo(timeline, random);
    const { pc } = timeline.replayer.machine;
    return () => timeline.previous({ kind: 'execute', pc }, { to: step });
  },
  'execution after': (timeline, random) => {
    const step = goTo(timeline, random);
    const { pc } = timeline.replayer.machine;
    return () => timeline.next({ kind: 'execute', pc }, { from: step + 1 });
  },
  'rare, before': (timeline, random) => {
    timeline.seek(random(Math.min(EDGE, timeline.lastStep)));
    const { pc } = timeline.replayer.machine;
    const to = timeline.step + random(timeline.lastStep - timeline.step);
    return () => timeline.previous({ kind: 'execute', pc }, { to });
  },
  'rare, after': (timeline, random) => {
    timeline.seek(Math.max(0, timeline.lastStep - 1 - random(EDGE)));
    const { pc } = timeline.replayer.machine;
    const from = random(timeline.step);
    return () => timeline.next({ kind: 'execute', pc }, { from });
  },
  'written early': (timeline, random) => {
    timeline.seek(random(Math.min(EDGE, timeline.lastStep)));
    const address = register(timeline, timeline.replayer.machine.guest.roles.stackPointer) + random(STACK_BYTES / WORD) * WORD;
    const to = timeline.step + random(timeline.lastStep - timeline.step);
    return () => timeline.previous(write(address), { to });
  },
};

const write = (address: number) => ({ kind: 'access', address, bytes: WORD, reads: false, writes: true }) as const;

const read = (address: number) => ({ kind: 'access', address, bytes: WORD, reads: true, writes: false }) as const;

const register = ({ replayer }: Timeline, name: string): number => Number(BigInt.asUintN(52, replayer.machine.cpu.getByName(name)));

/** Where a register points, if one does. */
function anyAddress(timeline: Timeline, random: (below: number) => number): number {
  const { machine } = timeline.replayer;
  const pointers = Array.from({ length: 29 }, (_, i) => register(timeline, `x${i}`)).filter((address) => machine.space.peek(address, WORD) !== undefined);
  return pointers[random(pointers.length)] ?? register(timeline, machine.guest.roles.stackPointer);
}

function goTo(timeline: Timeline, random: (below: number) => number): number {
  const step = random(timeline.lastStep);
  timeline.seek(step);
  return step;
}

/** Milliseconds of the processor's time, of all threads. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * below);
  };
}

const WIDTHS = [20, 10, 10, 10, 10];

/** Asks questions of a recording at random, so many of each kind, and prints how long answers take. */
export async function askQuestions(recording: string, count: number): Promise<void> {
  const opened = cpuTime();
  const timeline = await openTimeline(recording);
  console.log(`${timeline.lastStep} instructions; opened in ${(cpuTime() - opened).toFixed(0)} ms (start-up not counted)\n`);
  console.log(tableLine(['CPU time, ms', 'median', '95 %', 'most', 'above 1 s'], WIDTHS));
  const random = generator(1);
  const all: number[] = [];
  for (const [name, prepare] of Object.entries(KINDS)) {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const ask = prepare(timeline, random);
      const began = cpuTime();
      ask();
      times.push(cpuTime() - began);
    }
    all.push(...times);
    console.log(lineOf(name, times));
  }
  console.log(lineOf('all of them', all));
}

function lineOf(name: string, times: number[]): string {
  times.sort((a, b) => a - b);
  const figures = [median(times), times[Math.floor(times.length * 0.95)] ?? 0, times.at(-1) ?? 0].map((time) => time.toFixed(1));
  return tableLine([name, ...figures, String(times.filter((time) => time > 1000).length)], WIDTHS);
}
