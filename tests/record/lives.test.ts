import { beforeAll, describe, expect, it } from 'vitest';
import { RecordingView } from '../../packages/cli/src/record/questions/recordingView.ts';
import { symbolHost } from '../../packages/cli/src/trace/symbolHost.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openTimeline, recordProgram, reopenTimeline, startProgram } from './recordedProgram.ts';

/** A program that has a child, and then becomes another one: names and files of what is no more. */
describe('processes that have ended, or run another program since', () => {
  const programs = new Map(
    buildPrograms(`${import.meta.dirname}/programs`, `${import.meta.dirname}/../../.build/recordPrograms`).map(({ name, path }) => [name, path]),
  );
  const [lives, origins] = ['lives', 'origins'].map((name) => programs.get(name) as string);
  let view: RecordingView;

  beforeAll(() => {
    const recorded = recordProgram(startProgram(lives, [lives, origins]));
    const made = openTimeline(recorded);
    made.complete();
    // From an index that was kept, where nothing has been replayed yet.
    view = new RecordingView(reopenTimeline(recorded, made), symbolHost(), () => ({ mnemonic: '', operands: '' }));
  });

  it('have names at the step asked', () => {
    const { timeline, symbols } = view;
    view.seekNear(timeline.lastStep);
    expect(symbols.find('first_life')).toEqual([]);
    expect(symbols.find('twice')).toHaveLength(1);
    const [{ address }] = view.addressesOf('first_life');
    const hit = timeline.next({ kind: 'execute', pc: address });
    timeline.seek((hit?.step ?? 0) + 1);
    expect(symbols.placeOf(timeline.replayer.pc)).toBe('first_life+0x4');
    expect(symbols.lineAt(timeline.replayer.pc)?.path).toMatch(/lives\.c$/);
    const [child] = view.addressesBefore('in_child', timeline.lastStep);
    const inChild = timeline.next({ kind: 'execute', pc: child.address });
    expect(inChild?.pid).not.toBe(hit?.pid);
    timeline.seek(inChild?.step ?? 0);
    expect(symbols.placeOf(child.address)).toBe('in_child+0x0');
    // The parent waits meanwhile, and is known, too.
    const parent = timeline.at(timeline.step).threads.find(({ pid }) => pid === hit?.pid);
    expect(symbols.placeOf(parent?.pc ?? 0, parent?.pid)).not.toBe('');
    expect(() => view.addressesBefore('in_chil', timeline.lastStep)).toThrow(/is it in_child/);
  });

  it('have the files that they had opened by then', () => {
    const { timeline } = view;
    const filesAt = (symbol: string, offset: number): Record<number, string> => {
      const [{ address }] = view.addressesBefore(symbol, timeline.lastStep);
      const hit = timeline.next({ kind: 'execute', pc: address + offset });
      return Object.fromEntries(
        timeline
          .at(hit?.step ?? 0)
          .openFiles()
          .map(({ descriptor, name }) => [descriptor, name]),
      );
    };
    const standard = { 0: 'standard input', 1: 'standard output', 2: 'standard error' };
    expect(filesAt('first_life', 0)).toEqual(standard);
    expect(filesAt('in_child', 0)).toEqual({ ...standard, 4: lives, 5: 'pipe:', 6: 'pipe:' });
    // What closes on exec is gone, and the new program has opened a pipe.
    expect(filesAt('twice', 0)).toEqual({ ...standard, 3: lives, 6: 'pipe:', 4: 'pipe:', 5: 'pipe:' });
  });
});
