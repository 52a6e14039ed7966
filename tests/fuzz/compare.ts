import { AT, MEMORY_WINDOWS, type TestRecord } from './record.ts';

/** One difference between the two outcomes of a test. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

const SIGILL = 4;
const SIGTRAP = 5;
const SIGALRM = 14n;
const NZCV = 0xf000_0000n;

const hex = (value: bigint, digits = 16): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** Differences between QEMU's outcome and ours; none: they agree. */
export function compare(expected: TestRecord, actual: TestRecord): Difference[] {
  const differences: Difference[] = [];
  const check = (what: string, e: bigint, a: bigint, digits = 16): void => {
    if (e !== a) differences.push({ what, expected: hex(e, digits), actual: hex(a, digits) });
  };
  // A test that ends on neither side was interrupted anywhere.
  if (expected.get('signal') === SIGALRM && actual.get('signal') === SIGALRM) return [];
  check('signal', expected.get('signal'), actual.get('signal'), 1);
  // A pc of 2^53 and more is a rounded number on our side: nothing is mapped there.
  if (expected.get('pc') < 1n << 53n || actual.get('pc') < 1n << 53n) check('pc', expected.get('pc'), actual.get('pc'));
  check('sp', expected.get('sp'), actual.get('sp'));
  check('nzcv', (expected.get('pstate') & NZCV) >> 28n, (actual.get('pstate') & NZCV) >> 28n, 1);
  check('fpcr', expected.get('fpcr'), actual.get('fpcr'), 8);
  check('fpsr', expected.get('fpsr'), actual.get('fpsr'), 8);
  check('tpidr_el0', expected.get('tpidr'), actual.get('tpidr'));
  for (let i = 0; i < 31; i++) if (expected.u64[AT.x + i] !== actual.u64[AT.x + i]) check(`x${i}`, expected.get('x', i), actual.get('x', i));
  for (let i = 0; i < 64; i += 2) {
    if (expected.u64[AT.v + i] === actual.u64[AT.v + i] && expected.u64[AT.v + i + 1] === actual.u64[AT.v + i + 1]) continue;
    const whole = (r: TestRecord): bigint => r.get('v', i) | (r.get('v', i + 1) << 64n);
    check(`v${i / 2}`, whole(expected), whole(actual), 32);
  }
  const signal = Number(expected.get('signal'));
  if (signal !== SIGILL && signal !== SIGTRAP && expected.get('signal') === actual.get('signal')) {
    check('si_code', expected.get('code'), actual.get('code'), 1);
    check('si_addr', expected.get('address'), actual.get('address'));
  }
  MEMORY_WINDOWS.forEach((window, w) => {
    const e = expected.window(w);
    const a = actual.window(w);
    for (let i = 0; i < window.bytes; i += 8) {
      const at = (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset + i, 8).getBigUint64(0, true);
      check(`memory at 0x${(window.start + i).toString(16)}`, at(e), at(a));
    }
  });
  return differences;
}
