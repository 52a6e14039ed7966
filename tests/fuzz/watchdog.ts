import { Worker } from 'node:worker_threads';
import { RECORD_WORDS, type TestRecord } from './record.ts';

/** Runs on a thread of its own: where the same test is still running after two looks, says which, and ends the process. */
const CODE = `
const { workerData: { turn, test, registers, seconds } } = require('node:worker_threads');
const words = new BigUint64Array(test);
let seen = 0;
setInterval(() => {
  const now = Atomics.load(turn, 0);
  if (now === 0 || now !== seen) { seen = now; return; }
  const code = new Uint32Array(test, registers.insn * 8, Number(words[registers.insns]));
  const hex = (value) => value.toString(16);
  const x = Array.from({ length: 31 }, (_, i) => 'x' + i + '=' + hex(words[registers.x + i]));
  require('node:fs').writeSync(2, 'HANGS: everystep does not end this test: words ' + Array.from(code, hex).join(' ') + '\\n  pc=' + hex(words[registers.pc]) + ' sp=' + hex(words[registers.sp]) + ' ' + x.join(' ') + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, seconds * 1000);
`;

/** Ends the process where a test of ours hangs: an endless loop in one thread cannot be left in any other way. */
export class Watchdog {
  private readonly turn = new Int32Array(new SharedArrayBuffer(4));
  private readonly test = new BigUint64Array(new SharedArrayBuffer(RECORD_WORDS * 8));
  private count = 0;
  private readonly worker: Worker;

  constructor(registers: Readonly<Record<string, number>>, seconds = 10) {
    this.worker = new Worker(CODE, { eval: true, workerData: { turn: this.turn, test: this.test.buffer, registers, seconds } });
    this.worker.unref();
  }

  starts(test: TestRecord): void {
    this.test.set(test.u64);
    this.count = (this.count + 1) | 0 || 1;
    Atomics.store(this.turn, 0, this.count);
  }

  /** No test is running. */
  rests(): void {
    Atomics.store(this.turn, 0, 0);
  }
}
