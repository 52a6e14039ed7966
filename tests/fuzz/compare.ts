import { AT, LATER_PSTATE, MEMORY_WINDOWS, NZCV, type TestRecord } from './record.ts';

/** One difference between the two outcomes of a test. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

const SIGILL = 4;
const SIGTRAP = 5;
const SIGBUS = 7n;
const SIGSEGV = 11n;
const SIGALRM = 14n;

/** The address without its ignored top byte. */
const TAG_MASK = (1n << 56n) - 1n;
const CANONICAL_END = 1n << 47n;
const WIDEST_ACCESS = 16n;

const hex = (value: bigint, digits = 16): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** The instruction that an outcome's memory fault is of, if it is one of the test's; else 0. */
function faultingWord(test: TestRecord, outcome: TestRecord): number {
  const faulted = outcome.get('signal') === SIGSEGV || outcome.get('signal') === SIGBUS;
  return (faulted && test.words[Number(outcome.get('pc') - test.get('pc')) / 4]) || 0;
}

/**
 * The vector registers that are UNKNOWN to the architecture because a load of several (LDP, LDNP, LD1 to LD4) faulted:
 * QEMU has set those before the fault, everystep none.
 */
function unknownVectors(faulting: number): Set<number> {
  const rt = faulting & 31;
  if ((faulting & 0x3e400000) === 0x2c400000) return new Set([rt, (faulting >>> 10) & 31]);
  if ((faulting & 0xbe400000) === 0x0c400000) return new Set([0, 1, 2, 3].map((i) => (rt + i) & 31));
  return new Set();
}

/** Memory is UNKNOWN where a store of vector registers faulted: QEMU writes 8 bytes or an element at a time up to the fault. */
const isVectorStore = (word: number): boolean => (word & 0x0a000000) === 0x08000000 && (word & 0x04000000) !== 0;

/** Differences between QEMU's outcome and ours; none: they agree. */
export function compare(test: TestRecord, expected: TestRecord, actual: TestRecord): Difference[] {
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
  check('dit, ssbs', expected.get('pstate') & LATER_PSTATE, actual.get('pstate') & LATER_PSTATE, 7);
  check('fpcr', expected.get('fpcr'), actual.get('fpcr'), 8);
  check('fpsr', expected.get('fpsr'), actual.get('fpsr'), 8);
  check('tpidr_el0', expected.get('tpidr'), actual.get('tpidr'));
  for (let i = 0; i < 31; i++) if (expected.u64[AT.x + i] !== actual.u64[AT.x + i]) check(`x${i}`, expected.get('x', i), actual.get('x', i));
  const faulting = faultingWord(test, expected);
  const unknown = unknownVectors(faulting);
  for (let i = 0; i < 64; i += 2) {
    if (unknown.has(i / 2)) continue;
    if (expected.u64[AT.v + i] === actual.u64[AT.v + i] && expected.u64[AT.v + i + 1] === actual.u64[AT.v + i + 1]) continue;
    const whole = (r: TestRecord): bigint => r.get('v', i) | (r.get('v', i + 1) << 64n);
    check(`v${i / 2}`, whole(expected), whole(actual), 32);
  }
  const signal = Number(expected.get('signal'));
  if (signal !== SIGILL && signal !== SIGTRAP && expected.get('signal') === actual.get('signal')) {
    check('si_code', expected.get('code'), actual.get('code'), 1);
    // x86 tells no address for an access that does not wholly lie in canonical ones, so QEMU has none to tell.
    const told = expected.get('address') !== 0n || (actual.get('address') & TAG_MASK) + WIDEST_ACCESS <= CANONICAL_END;
    if (told) check('si_addr', expected.get('address'), actual.get('address'));
  }
  if (isVectorStore(faulting)) return differences;
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
