import { beforeAll, describe, expect, it } from 'vitest';
import { RecordingView } from '../../packages/cli/src/record/questions/recordingView.ts';
import { symbolHost } from '../../packages/cli/src/trace/symbolHost.ts';
import { type Hit, type SliceNode, Slicer } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openTimeline, type RecordedProgram, recordProgram, reopenTimeline, startProgram } from './recordedProgram.ts';

const programs = buildPrograms(`${import.meta.dirname}/programs`, `${import.meta.dirname}/../../.build/recordPrograms`);
const record = (program: string): RecordedProgram => recordProgram(startProgram(programs.find(({ name }) => name === program)?.path ?? ''));
const WORD = 8;
/** System call. */
const PWRITE64 = 68;

// With one stretch, with many, of which others ran in most, and where all that is asked for is far away.
describe.each([
  ['elsewhere', 200_000],
  ['elsewhere', 20],
  ['elsewhereLong', 200_000],
])('memory of %s that is shared at several addresses, with stretches of %d steps at first', (program, firstStretch) => {
  const recorded = record(program);
  let view: RecordingView;
  const warnings: string[] = [];

  beforeAll(() => {
    let clock = 0;
    // A clock by which stretches never become longer.
    const now = (): number => (firstStretch > 1000 ? performance.now() : 8 * ((clock++ + 3) >> 2));
    const made = openTimeline(recorded, { firstStretch, now });
    made.complete();
    const host = { ...symbolHost(), warn: (text: string) => void warnings.push(text) };
    view = new RecordingView(reopenTimeline(recorded, made), host, () => ({ mnemonic: '', operands: '' }));
    view.seekNear(made.lastStep);
  });

  const callOf = (symbol: string): Hit => view.timeline.next({ kind: 'execute', pc: view.addressesBefore(symbol, view.timeline.lastStep)[0].address }) as Hit;
  /** The address of an element of an array that a variable points to when a function is called. */
  const elementOf = (variable: string, index: number, symbol: string): number => {
    const pointer = view.timeline.at(callOf(symbol).step).read(view.addressesOf(variable)[0].address, WORD) as Uint8Array;
    return Number(new DataView(pointer.slice().buffer).getBigUint64(0, true)) + index * WORD;
  };
  const probe = (address: number) => ({ kind: 'access', address, bytes: WORD, reads: false, writes: true }) as const;
  const lastWrite = (variable: string, index: number, symbol: string): Hit | undefined => {
    const { step, pid } = callOf(symbol);
    return view.timeline.previous(probe(elementOf(variable, index, symbol)), { to: step, memoryOf: pid });
  };

  it('is written by who has it elsewhere', () => {
    expect(recorded.output.toString()).toBe('41 120 41 0\n');
    const child = callOf('in_child');
    const parent = callOf('in_parent');
    expect(child.pid).not.toBe(parent.pid);
    const written = lastWrite('here', 601, 'in_parent');
    expect(written).toMatchObject({ kind: 'write', pid: child.pid });
    expect(written?.step).toBeGreaterThan(callOf('by_child').step);
    const [call] = view.timeline.find({ kind: 'syscall', number: PWRITE64 });
    expect(lastWrite('here', 602, 'in_parent')).toMatchObject({ kind: 'kernel', pid: child.pid, step: call.step });
  });

  it('is written before a process has mapped it', () => {
    const child = callOf('in_child');
    const written = lastWrite('there', 600, 'in_child');
    expect(written).toMatchObject({ kind: 'write', pid: callOf('by_parent').pid });
    expect(written?.step).toBeLessThan(callOf('spin').step);
    // Where it was then.
    expect(written?.memory).toEqual({ pid: callOf('by_parent').pid, address: elementOf('here', 600, 'in_parent') });
    const address = elementOf('there', 600, 'in_child');
    expect(view.timeline.find(probe(address), { to: child.step, memoryOf: child.pid }).map(({ step }) => step)).toContain(written?.step);
  });

  it('is written at another address of the same process', () => {
    const { step, pid } = callOf('at_end');
    const written = lastWrite('here', 603, 'at_end');
    expect(written).toMatchObject({ kind: 'write', pid });
    expect(written?.step).toBeGreaterThan(callOf('in_parent').step);
    // The one that it does not have any more, or has not yet written, is another's.
    const all = view.timeline.find(probe(elementOf('here', 603, 'at_end')), { to: step, memoryOf: pid });
    expect(all.at(-1)).toEqual(written);
    expect(all.filter(({ kind }) => kind === 'write')).toEqual([written]);
  });

  it('has values that came from there', () => {
    const { timeline } = view;
    const { step, pid } = callOf('at_end');
    const address = elementOf('here', 603, 'at_end');
    timeline.seek(step);
    const space = timeline.replayer.spaces.indexOf(timeline.replayer.machine.space);
    const [copy] = new Slicer(timeline, { depth: 4, limit: 40 }).originsOf({ kind: 'memory', space, address, bytes: WORD }, step);
    const nodes: SliceNode[] = [];
    const visit = (node: SliceNode): void => {
      nodes.push(node);
      node.sources.forEach(visit);
    };
    visit(copy);
    expect(copy).toMatchObject({ kind: 'copy', pid });
    const stored = lastWrite('here', 601, 'in_parent');
    expect(nodes).toContainEqual(expect.objectContaining({ step: stored?.step, kind: 'copy' }));
    const first = lastWrite('there', 600, 'in_child');
    expect(nodes).toContainEqual(expect.objectContaining({ step: first?.step, kind: 'copy' }));
    expect(nodes.filter(({ kind }) => kind === 'compute').map((node) => node.pid)).toEqual([stored?.pid]);
    const ends = nodes.filter(({ sources }) => sources.length === 0);
    expect(ends.every(({ kind }) => kind === 'constant')).toBe(true);
  });

  it('has no names of functions, which nobody misses', () => {
    expect(view.timeline.replayer.files.paths.some((path) => path.includes('memfd:'))).toBe(true);
    expect(warnings).toEqual([]);
  });
});
