import type { MemoryDifference, RecordedCall, RegisterDifference, StateDifference } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { CallHunk, ComparedRun, PathDifference } from './recordingDiff.ts';

/** Differences of each kind that are shown; all are in --json. */
const SHOWN = 20;

const hex = (n: number | bigint): string => `0x${n.toString(16)}`;
const place = ({ nameAt }: ComparedRun, pc: number): string => [hex(pc), nameAt(pc)].filter((text) => text !== '').join(' ');

/** `all` as lines, the first ones, and how many more there are. */
function some<T>(all: readonly T[], line: (each: T) => string): string[] {
  const lines = all.slice(0, SHOWN).map(line);
  return all.length > SHOWN ? [...lines, `  and ${grouped(all.length - SHOWN)} more`] : lines;
}

const registerLine = ({ name, values: [a, b] }: RegisterDifference): string => `  ${name.padEnd(8)} ${hex(a)} | ${hex(b)}`;

/** How paths part, for people. */
export function pathText(a: ComparedRun, b: ComparedRun, { parting, registers, calls }: PathDifference): string {
  const { step, pcs, lastPc } = parting;
  const where = (run: ComparedRun, pc: number | undefined): string => (pc === undefined ? 'ends' : `goes on at ${place(run, pc)}`);
  return [
    `The runs part at step ${grouped(step)}${lastPc === undefined ? '' : `, behind the instruction at ${place(a, lastPc)}`}:`,
    `  A ${where(a, pcs[0])}`,
    `  B ${where(b, pcs[1])}`,
    ...(registers.length === 0 ? [] : ['Registers that differed before that instruction (A | B):', ...some(registers, registerLine)]),
    ...(calls === undefined ? ['From there on they do not come together again.'] : callLines(a, b, calls)),
    '',
  ].join('\n');
}

function callLines(a: ComparedRun, b: ComparedRun, calls: readonly CallHunk[]): string[] {
  if (calls.length === 0) return ['From there on both make the same calls.'];
  return ['Calls from there on:', ...some(calls, (hunk) => hunkText(a, b, hunk))];
}

function hunkText(a: ComparedRun, b: ComparedRun, { a: x, b: y, meet }: CallHunk): string {
  const only = (name: string, run: ComparedRun, calls: readonly RecordedCall[]): string[] =>
    calls.length === 0 ? [] : [`  only ${name}: ${grouped(calls.length)}, from step ${grouped(calls[0].step)} on: ${summary(run, calls)}`];
  const together =
    meet === undefined
      ? '  they do not meet again'
      : `  both go on with ${place(a, meet[0].pc)}, at step ${grouped(meet[0].step)} of A, ${grouped(meet[1].step)} of B`;
  return [...only('A', a, x), ...only('B', b, y), together].join('\n');
}

/** Names of functions, each once, with how often it is called. */
function summary(run: ComparedRun, calls: readonly RecordedCall[]): string {
  const counts = new Map<number, number>();
  for (const { pc } of calls) counts.set(pc, (counts.get(pc) ?? 0) + 1);
  const names = [...counts].slice(0, SHOWN).map(([pc, count]) => `${run.nameAt(pc) || hex(pc)}${count === 1 ? '' : ` x ${grouped(count)}`}`);
  return counts.size > SHOWN ? `${names.join(', ')}, ...` : names.join(', ');
}

/** What differs between two states, for people. */
export function stateText({ registers, memory, bytes }: StateDifference, [x, y]: readonly [number, number]): string {
  if (registers.length === 0 && bytes === 0) return `The states at step ${grouped(x)} of A and ${grouped(y)} of B are the same.\n`;
  return [
    `The states at step ${grouped(x)} of A and ${grouped(y)} of B differ (A | B):`,
    ...some(registers, registerLine),
    ...(bytes === 0 ? [] : [`Memory: ${grouped(bytes)} bytes`, ...some(memory, memoryLine)]),
    '',
  ].join('\n');
}

function memoryLine({ start, end, bytes }: MemoryDifference): string {
  const text = (data: Uint8Array | undefined): string => (data === undefined ? 'no memory' : `${bytesText(data)}${end - start > data.length ? ' ...' : ''}`);
  return `  ${hex(start)}-${hex(end)}  ${text(bytes[0])} | ${text(bytes[1])}`;
}

const bytesText = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** The same for programs. Steps are numbers, addresses and values hexadecimal. */
export function pathJson(a: ComparedRun, b: ComparedRun, { parting, registers, calls }: PathDifference): unknown {
  const pc = (run: ComparedRun, at: number | undefined) => (at === undefined ? null : { pc: hex(at), symbol: run.nameAt(at) });
  const call = (run: ComparedRun, { step, pc: at }: RecordedCall) => ({ step, ...pc(run, at) });
  return {
    step: parting.step,
    last: pc(a, parting.lastPc),
    a: pc(a, parting.pcs[0]),
    b: pc(b, parting.pcs[1]),
    registers: registersJson(registers),
    calls:
      calls?.map((hunk) => ({
        a: hunk.a.map((each) => call(a, each)),
        b: hunk.b.map((each) => call(b, each)),
        meet: hunk.meet === undefined ? null : { a: call(a, hunk.meet[0]), b: call(b, hunk.meet[1]) },
      })) ?? null,
  };
}

export function stateJson({ registers, memory, bytes }: StateDifference): unknown {
  return {
    registers: registersJson(registers),
    bytes,
    memory: memory.map(({ start, end, bytes: [x, y] }) => ({
      start: hex(start),
      end: hex(end),
      a: x === undefined ? null : bytesText(x),
      b: y === undefined ? null : bytesText(y),
    })),
  };
}

const registersJson = (registers: readonly RegisterDifference[]): unknown => registers.map(({ name, values: [x, y] }) => ({ name, a: hex(x), b: hex(y) }));
