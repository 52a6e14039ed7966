import { expect, test } from 'vitest';
import { AT, differences, pcOf, sameState } from './guestState.ts';
import { QemuLogParser } from './qemuLog.ts';

/** A record in QEMU's form: X registers hold their number, vectors theirs in both halves. */
function record(pc: number): string {
  const hex = (n: number, digits = 16): string => n.toString(16).padStart(digits, '0');
  const x = Array.from({ length: 31 }, (_, i) => `X${String(i).padStart(2, '0')}=${hex(i)}`);
  const lines = [` PC=${hex(pc)} ${x[0]} ${x[1]}`];
  for (let i = 2; i < 29; i += 3) lines.push(`${x[i]} ${x[i + 1]} ${x[i + 2]}`);
  lines.push(`${x[29]} ${x[30]}  SP=${hex(0x5500800830)}`, 'PSTATE=60000000 -ZC- EL0t     FPCR=00c00000 FPSR=0000001f');
  for (let i = 0; i < 32; i += 2) lines.push([i, i + 1].map((n) => `Q${String(n).padStart(2, '0')}=${hex(n)}:${hex(n + 0x100)}`).join(' '));
  return `${lines.join('\n')}\n`;
}

function read(log: string, piece: number): Int32Array[] {
  const states: Int32Array[] = [];
  const parser = new QemuLogParser((state) => states.push(state.slice()) > 0);
  const bytes = Buffer.from(log);
  for (let at = 0; at < bytes.length; at += piece) parser.push(bytes.subarray(at, at + piece));
  parser.end();
  return states;
}

test.each([7, 1000, 100_000])('states come out of the log in pieces of %i bytes', (piece) => {
  const states = read([0x400000, 0x400004, 0x5500000008].map(record).join(''), piece);
  expect(states.map(pcOf)).toEqual([0x400000, 0x400004, 0x5500000008]);
  const [state] = states as [Int32Array];
  expect(state[AT.x + 2 * 17]).toBe(17);
  expect([state[AT.sp], state[AT.sp + 1]]).toEqual([0x00800830, 0x55]);
  expect([state[AT.nzcv], state[AT.fpcr], state[AT.fpsr]]).toEqual([6, 0x00c00000, 0x1f]);
  expect(Array.from(state.subarray(AT.v + 4 * 31, AT.v + 4 * 32))).toEqual([31 + 0x100, 0, 31, 0]);
});

test('a log of one record, and none', () => {
  expect(read(record(4), 64).map(pcOf)).toEqual([4]);
  expect(read('', 64)).toEqual([]);
});

test('a log of another form is an error', () => {
  expect(() => read('something else\n', 64)).toThrow('registers');
  expect(() => read(`${record(0)}${record(4)}${record(8).slice(0, 100)}`, 64)).toThrow('ends within a record');
  expect(() => read(`${record(0)}${record(4).replace(' PC=', ' XX=')}${record(8)}`, 100_000)).toThrow();
});

test('every register counts', () => {
  const [state] = read(record(0x400000), 4096) as [Int32Array];
  for (const [at, name] of [
    [AT.pc, 'pc'],
    [AT.x + 61, 'x30'],
    [AT.sp + 1, 'sp'],
    [AT.nzcv, 'nzcv'],
    [AT.fpsr, 'fpsr'],
    [AT.v + 127, 'v31'],
  ] as const) {
    const other = state.slice();
    other[at] = (other[at] as number) ^ 1;
    expect(sameState(state, other)).toBe(false);
    expect(differences(state, other).map((d) => d.name)).toEqual([name]);
  }
  expect(sameState(state, state.slice())).toBe(true);
});
