import { beforeAll, describe, expect, it } from 'vitest';
import { RecordingView } from '../../packages/cli/src/record/questions/recordingView.ts';
import { symbolHost } from '../../packages/cli/src/trace/symbolHost.ts';
import { type Hit, type SliceNode, Slicer } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openTimeline, type RecordedProgram, recordProgram, reopenTimeline, startProgram } from './recordedProgram.ts';

const programs = new Map(
  buildPrograms(`${import.meta.dirname}/programs`, `${import.meta.dirname}/../../.build/recordPrograms`).map(({ name, path }) => [name, path]),
);

/** A program that has a child, and then becomes another one: names and files of what is no more. */
describe('processes that have ended, or run another program since', () => {
  const [lives, origins] = ['lives', 'origins'].map((name) => programs.get(name) as string);
  let recorded: RecordedProgram;
  let view: RecordingView;

  beforeAll(() => {
    recorded = recordProgram(startProgram(lives, [lives, origins]));
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

  it('have the memory of their parents before they are made, also where the run has not been gone through that far', () => {
    const { timeline } = view;
    const [{ address }] = view.addressesBefore('in_child', timeline.lastStep);
    const child = timeline.next({ kind: 'execute', pc: address });
    timeline.seek(child?.step ?? 0);
    const stack = Number(timeline.replayer.machine.cpu.getByName('sp'));
    const probe = { kind: 'access', address: stack, bytes: 8, reads: false, writes: true } as const;
    const born = timeline.openFiles.parentOf(child?.pid ?? 0);
    // Stretches become twice as long each time: the first that ends behind it ends before the child is made.
    const options = { memoryOf: child?.pid ?? 0, to: Math.floor((born?.step ?? 0) / 4) };
    const expected = timeline.previous(probe, options);
    expect(expected?.pid).toBe(born?.pid);
    expect(openTimeline(recorded, { firstStretch: 20 }).previous(probe, options)).toEqual(expected);
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

/** Descriptors that are passed, and memory that others write. */
describe('processes that share', () => {
  const path = programs.get('shares') as string;
  const recorded = recordProgram(startProgram(path));
  // With one stretch, and with many, of which others ran in most.
  describe.each([200_000, 20])('with stretches of %d steps at first', (firstStretch) => {
    let view: RecordingView;
    /** The step at which a function is called, and the process that calls it. */
    const callOf = (symbol: string, nth = 0): Hit => {
      const [{ address }] = view.addressesOf(symbol);
      return view.timeline.find({ kind: 'execute', pc: address })[nth];
    };
    /** The last write of a variable of the process that calls a function then. */
    const writeBefore = (symbol: string, address: number): Hit | undefined => {
      const { step, pid } = callOf(symbol);
      return view.timeline.previous({ kind: 'access', address, bytes: 8, reads: false, writes: true }, { to: step, memoryOf: pid });
    };
    const addressOf = (name: string): number => view.addressesOf(name)[0].address;
    const calls = (number: number): readonly number[] => view.timeline.find({ kind: 'syscall', number }).map(({ step }) => step);

    beforeAll(() => {
      let clock = 0;
      // A clock by which stretches never become longer.
      const now = (): number => (firstStretch > 1000 ? performance.now() : 8 * ((clock++ + 3) >> 2));
      const made = openTimeline(recorded, { firstStretch, now });
      made.complete();
      view = new RecordingView(reopenTimeline(recorded, made), symbolHost(), () => ({ mnemonic: '', operands: '' }));
      view.seekNear(made.lastStep);
    });

    it('name what came in a message as its sender does', () => {
      expect(recorded.output.toString()).toBe('42\n');
      const { timeline } = view;
      const openAt = (step: number): readonly string[] =>
        timeline
          .at(step)
          .openFiles()
          .map(({ name }) => name);
      const { step, pid } = callOf('in_child');
      const inChild = openAt(step);
      expect(timeline.at(step).pid).toBe(pid);
      expect(inChild.slice(3)).toEqual(['socket:', 'socket:', 'socket:', 'pipe:', 'pipe:', 'socket:', path, '/dev/null']);
      expect(openAt(callOf('take').step)).not.toContain(path);
    });

    it("have writes of others to a process's memory", () => {
      const child = callOf('in_child').pid;
      const parent = callOf('in_parent').pid;
      const [outside] = calls(271);
      expect(writeBefore('in_child', addressOf('from_outside'))).toMatchObject({ step: outside, pid: parent, kind: 'kernel' });
      const place = new DataView((view.timeline.at(callOf('in_parent').step).read(addressOf('shared'), 8) as Uint8Array).slice().buffer);
      expect(writeBefore('in_parent', Number(place.getBigUint64(0, true)))).toMatchObject({ pid: child, kind: 'write' });
      const byVfork = writeBefore('in_parent', addressOf('by_vfork'));
      expect(byVfork).toMatchObject({ kind: 'write' });
      expect([child, parent]).not.toContain(byVfork?.pid);
    });

    it('have values that came from others, or from before the fork', () => {
      const { timeline } = view;
      const parent = callOf('in_parent');
      timeline.seek(parent.step);
      const bytes = timeline.at(parent.step).read(addressOf('shared'), 8) as Uint8Array;
      const address = Number(new DataView(bytes.slice().buffer).getBigUint64(0, true));
      const space = timeline.replayer.spaces.indexOf(timeline.replayer.machine.space);
      const [copy] = new Slicer(timeline, { depth: 4, limit: 40 }).originsOf({ kind: 'memory', space, address, bytes: 8 }, parent.step);
      const leaves: SliceNode[] = [];
      const visit = (node: SliceNode): void => (node.sources.length === 0 ? void leaves.push(node) : node.sources.forEach(visit));
      visit(copy);
      expect(copy.pid).toBe(callOf('in_child').pid);
      // The sum of what the parent wrote before the fork, and of what it wrote from outside.
      const [outside] = calls(271);
      const inherited = writeBefore('in_child', addressOf('inherited'))?.step ?? 0;
      expect(leaves).toContainEqual(expect.objectContaining({ kind: 'kernel', step: outside, call: 271, pid: parent.pid }));
      const constant = leaves.find(({ kind }) => kind === 'constant');
      expect(constant?.pid).toBe(parent.pid);
      expect(constant?.step).toBeLessThan(inherited);
      expect(leaves).toHaveLength(2);
    });

    it('have what was written before the fork', () => {
      const [child, parent] = ['in_child', 'in_parent'].map((name) => writeBefore(name, addressOf('inherited')));
      expect(child?.pid).toBe(callOf('in_parent').pid);
      expect(child?.step).toBeLessThan(calls(220)[0]);
      expect(parent?.pid).toBe(child?.pid);
      expect(parent?.step).toBeGreaterThan(calls(220)[0]);
      const { step, pid } = callOf('in_child');
      const all = view.timeline.find({ kind: 'access', address: addressOf('inherited'), bytes: 8, reads: false, writes: true }, { to: step, memoryOf: pid });
      expect(all.map((hit) => hit.step)).toEqual([child?.step]);
    });
  });
});
