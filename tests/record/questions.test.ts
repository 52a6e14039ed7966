import { describe, expect, it } from 'vitest';
import { CallTeller } from '../../packages/cli/src/record/questions/callTree.ts';
import { tellExecutions } from '../../packages/cli/src/record/questions/executions.ts';
import { parseExpression, parseExpressions } from '../../packages/cli/src/record/questions/expression.ts';
import { momentJson } from '../../packages/cli/src/record/questions/moment.ts';
import { momentOfByte } from '../../packages/cli/src/record/questions/output.ts';
import { RecordingView } from '../../packages/cli/src/record/questions/recordingView.ts';
import { lookAtNodes, valueAt } from '../../packages/cli/src/record/questions/sliceView.ts';
import { forEachCall, type SystemCall } from '../../packages/cli/src/record/questions/systemCalls.ts';
import { expressionContext } from '../../packages/cli/src/record/questions/viewExpressions.ts';
import { probeOf, tellWrites, writtenOf } from '../../packages/cli/src/record/questions/writes.ts';
import { symbolHost } from '../../packages/cli/src/trace/symbolHost.ts';
import { type SliceNode, type SlicePlace, Slicer } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openTimeline, type RecordedProgram, recordProgram, startProgram } from './recordedProgram.ts';

const own = buildPrograms(`${import.meta.dirname}/programs`, `${import.meta.dirname}/../../.build/recordPrograms`);
const programs = new Map([...buildPrograms(), ...own].map(({ name, path }) => [name, path]));
const record = (name: string): RecordedProgram => recordProgram(startProgram(programs.get(name) as string));
const viewOf = (recorded: RecordedProgram): RecordingView =>
  new RecordingView(openTimeline(recorded), symbolHost(), (_, word) => ({ mnemonic: `${word}`, operands: '' }));

/** Takes an answer as JSON. */
class Lines {
  readonly all: Record<string, unknown>[] = [];
  readonly text: string[] = [];
  line(text: string): void {
    this.text.push(text);
  }
  json(value: object): void {
    this.all.push(value as Record<string, unknown>);
  }
  flush(): void {}
  show(): void {}
}
const linesOf = (tell: (lines: never) => void): Record<string, unknown>[] => {
  const lines = new Lines();
  tell(lines as never);
  return lines.all;
};

describe('questions about calls', () => {
  const recorded = record('recursion');
  const view = viewOf(recorded);
  const { timeline } = view;
  const { replayer } = timeline;
  view.seekNear(timeline.lastStep);
  const [{ address: fib }] = view.addressesOf('fib');
  // Where fib begins, and with what, by going through a part of the run step by step.
  timeline.seek(0);
  const first = timeline.next({ kind: 'execute', pc: fib })?.step ?? 0;
  const range = { from: first, to: first + 1500 };
  const walked: { step: number; x0: bigint; sp: bigint }[] = [];
  for (let step = range.from; step < range.to; step++) {
    timeline.seek(step);
    const { cpu } = replayer.machine;
    if (replayer.pc === fib) walked.push({ step, x0: cpu.getByName('x0'), sp: cpu.getByName('sp') });
  }

  const executions = (where: string | undefined, print: string, more: object = {}): Record<string, unknown>[] =>
    linesOf((answer) => {
      const context = expressionContext(view);
      const wish = { ...range, pcs: new Set([fib]), first: Number.POSITIVE_INFINITY, last: undefined, json: true, ...more };
      tellExecutions(
        view,
        { ...wish, where: where === undefined ? undefined : parseExpression(where, context), print: parseExpressions(print, context) },
        answer,
      );
    });

  it('tells executions with values', () => {
    expect(walked.length).toBeGreaterThan(20);
    expect(executions(undefined, 'x0, sp')).toMatchObject(
      walked.map(({ step, x0, sp }) => ({ step, values: { x0: `0x${x0.toString(16)}`, sp: `0x${sp.toString(16)}` } })),
    );
  });

  it('tells those for which a condition holds, the first and the last', () => {
    const wanted = walked.filter(({ x0 }) => x0 > 2n && x0 !== 5n).map(({ step }) => ({ step }));
    expect(executions('x0 > 2 && w0 != 5', 'step')).toMatchObject(wanted);
    expect(executions('x0 > 2 && w0 != 5', 'step', { first: 3 })).toMatchObject(wanted.slice(0, 3));
    expect(executions('x0 > 2 && w0 != 5', 'step', { last: 4 })).toMatchObject(wanted.slice(-4));
    expect(executions('u64[8] == 1', 'step')).toEqual([]);
  });

  it('tells calls with arguments and results', () => {
    const calls = linesOf((answer) => new CallTeller(view, { ...range, starts: new Set([fib]), depth: 1, args: 1, json: true }, answer).tell());
    const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
    const begun = calls.filter(({ args }) => args !== undefined).sort((a, b) => Number(a.step) - Number(b.step));
    // The first call is before the range.
    expect(begun.map(({ step, args }) => ({ step, x0: BigInt((args as string[])[0]) }))).toEqual(
      walked.filter(({ step }) => step > first).map(({ step, x0 }) => ({ step, x0 })),
    );
    const ended = begun.filter(({ end }) => end !== undefined);
    expect(ended.length).toBeGreaterThan(10);
    for (const { args, result } of ended) expect(Number(result)).toBe(fibonacci(Number((args as string[])[0])));
  });

  it('shows a moment with its call stack', () => {
    const deepest = walked.reduce((a, b) => (b.sp < a.sp ? b : a));
    timeline.seek(deepest.step);
    const moment = momentJson(view, { vectors: true, maps: true, files: true, memory: [{ address: Number(deepest.sp), length: 16 }] }) as Record<string, never>;
    expect(moment).toMatchObject({
      step: deepest.step,
      insn: { place: 'fib+0x0' },
      registers: { x0: `0x${deepest.x0.toString(16)}`, sp: `0x${deepest.sp.toString(16)}` },
    });
    const stack = (moment.stack as { place?: string }[]).map(({ place }) => place?.replace(/\+.*/, ''));
    expect(stack.filter((name) => name === 'fib').length).toBeGreaterThan(8);
    expect(stack).toContain('main');
  });

  it('reads steps, and says what is wrong', () => {
    expect([view.stepOf('end'), view.stepOf('-1'), view.stepOf('1_000')]).toEqual([recorded.steps, recorded.steps - 1, 1000]);
    for (const bad of ['x', '1.5', `${recorded.steps + 1}`, `-${recorded.steps + 1}`]) expect(() => view.stepOf(bad), bad).toThrow(/step/);
    expect(() => view.addressesOf('fibb')).toThrow(/is called 'fibb'; is it fib/);
    expect(view.addressesOf('fib+8')[0].address).toBe(fib + 8);
  });

  it('follows values back to their last writes', () => {
    // Whatever a slice says has written a register: from there to where it was used, it had this value.
    const place: SlicePlace = { kind: 'register', tid: replayer.tid, register: replayer.machine.guest.state.get('x0').index };
    const end = range.to - 100;
    const origins = new Slicer(timeline, { depth: 6, limit: 60 }).originsOf(place, end);
    const uses: { node: SliceNode; until: number }[] = origins.map((node) => ({ node, until: end }));
    for (let i = 0; i < uses.length; i++) for (const node of uses[i].node.sources) uses.push({ node, until: uses[i].node.step });
    expect(uses.length).toBeGreaterThan(10);
    let compared = 0;
    for (const { node, until } of uses) {
      if (until - node.step > 60) continue;
      timeline.seek(node.step + 1);
      const value = valueAt(view, node.place);
      for (let step = node.step + 2; step <= until; step++, compared++) {
        timeline.seek(step);
        expect(valueAt(view, node.place), `${step}`).toBe(value);
      }
    }
    expect(compared).toBeGreaterThan(10);
  });
});

describe('questions about a value on its way', () => {
  const view = viewOf(record('origins'));
  const { timeline } = view;
  view.seekNear(timeline.lastStep);
  const { step } = timeline;

  it('lead down to the system call that read it, copies and all', () => {
    const [{ address, size }] = view.addressesOf('result');
    const place: SlicePlace = { kind: 'memory', space: timeline.replayer.spaces.indexOf(timeline.replayer.machine.space), address, bytes: size };
    expect(valueAt(view, place)).toBe('0x456');
    const origins = new Slicer(timeline, { depth: 8, limit: 100 }).originsOf(place, step);
    const path: SliceNode[] = [];
    for (let [node] = origins; node !== undefined; [node] = node.sources) {
      path.push(node);
      expect(node.sources.length).toBeLessThan(2);
    }
    expect(path.filter(({ kind }) => kind === 'copy').length).toBeGreaterThan(4 * 119);
    expect(path.filter(({ kind }) => kind === 'compute')).toHaveLength(2);
    const views = lookAtNodes(view, path);
    const last = views.get(path[path.length - 1]);
    expect(last?.node.kind).toBe('kernel');
    expect(last?.origin).toMatch(/^read\(/);
    expect(last?.value).toBe('0x37');
    const sums = path.filter(({ kind }) => kind === 'compute').map((node) => views.get(node)?.value);
    expect(sums).toEqual(['0x456', '0x6e']);
  });

  it('tell who wrote it, and what was there before', () => {
    timeline.seek(step);
    const written = writtenOf(view, 'result');
    const { probe, options } = probeOf(written, false);
    const hits = timeline.find(probe, { ...options, to: step });
    const [write] = linesOf((answer) => tellWrites(view, written, hits, true, answer));
    expect(hits).toHaveLength(1);
    expect(write).toMatchObject({ kind: 'write', before: '0x0', after: '0x456', line: 22 });
    expect(write.file).toMatch(/origins\.c$/);
    timeline.seek(step);
    const input = writtenOf(view, 'input:1');
    const hit = timeline.previous(probeOf(input, false).probe, { to: step });
    expect(linesOf((answer) => tellWrites(view, input, hit === undefined ? [] : [hit], true, answer))).toMatchObject([
      { kind: 'kernel', call: 'read', before: '0x0', after: '0x37' },
    ]);
    timeline.seek(step);
    const readers = probeOf(input, true);
    expect(timeline.find(readers.probe, readers.options)).toHaveLength(1);
  });
});

describe('questions about system calls', () => {
  const path = programs.get('syscalls') as string;
  const view = viewOf(recordProgram(startProgram(path)));

  it('tell them as a live run does', () => {
    const live: string[] = [];
    const { kernel } = startProgram(path, [path], {}, (text) => void live.push(text))(undefined);
    while (['stop', 'budget'].includes(kernel.run().kind));
    const calls: SystemCall[] = [];
    forEachCall(view, { from: 0, to: view.timeline.lastStep }, { call: (call) => void calls.push(call), signal: () => {} });
    const withoutPid = (text: string): string => text.replaceAll(/^[0-9]+ /gm, '');
    // QEMU's strace, which a live run's is like, shows the low half of some addresses.
    const half = (text: string): string => text.replace(/^((?:read|write|connect)\(\d+,0x)[0-9a-f]*?0*([0-9a-f]{1,8},)/, '$1$2');
    const lines = calls.map(({ text, result }) => `${half(text)}${result === undefined ? '' : ` = ${result}`}`);
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^write\(1,0x55[0-9a-f]{8},/));
    // Calls that nobody knows have no result there.
    const known = (line: string): boolean => !/^(Unknown )?syscall /.test(line);
    expect(lines.filter(known)).toEqual(withoutPid(live.join('')).trimEnd().split('\n').filter(known));
  });

  it('tell which one wrote a byte of the output', () => {
    const calls: SystemCall[] = [];
    forEachCall(view, { from: 0, to: view.timeline.lastStep }, { call: (call) => void calls.push(call), signal: () => {} });
    const outputs = calls.filter(({ name, text, value }) => name === 'write' && text.startsWith('write(1,') && (value ?? 0n) > 0n);
    let at = 0;
    for (const { step, value } of outputs) {
      expect(momentOfByte(view, 1, at)).toMatchObject({ step, first: at, length: Number(value) });
      at += Number(value);
      if (at > 60) break;
    }
    expect(momentOfByte(view, 1, 1 << 20)).toBeUndefined();
    expect(view.timeline.outputBytes(1)).toBeGreaterThan(60);
  });
});
