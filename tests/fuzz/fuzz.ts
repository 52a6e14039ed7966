import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { rows as allRows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { IrBuilder } from '../../packages/core/src/ir/index.ts';
import { compare } from './compare.ts';
import { fillTest, fuzzable, randomBlock, randomWord } from './generate.ts';
import { createMachineOfKind, type MachineKind } from './machines.ts';
import { buildRunner, runQemu } from './qemu.ts';
import { Random } from './random.ts';
import { AT, RECORD_BYTES, RECORD_WORDS, TestRecord } from './record.ts';
import { describeFailure, type Failure } from './report.ts';
import { Subject } from './subject.ts';
import { Watchdog } from './watchdog.ts';

export interface FuzzOptions {
  readonly row: RegExp | undefined;
  readonly count: number;
  readonly seconds: number;
  /** 1: single instructions. */
  readonly blockLength: number;
  readonly machine: MachineKind;
  readonly disabled: ReadonlySet<string>;
  readonly randomFpcr: boolean;
  readonly cpu: CpuModelName | undefined;
  readonly seed: number;
  readonly report: number;
  readonly list: boolean;
  readonly shard: number;
  readonly shards: number;
}

/** What was done to one row. */
export interface RowSummary {
  readonly name: string;
  readonly tests: number;
  /** Tests that QEMU did not end with SIGILL. */
  readonly ran: number;
  readonly failed: number;
  readonly noFuzz: string | undefined;
}

export interface FuzzSummary {
  readonly rows: readonly RowSummary[];
  readonly tests: number;
  readonly illegal: number;
  readonly failures: number;
}

type AnyRow = (typeof allRows)[number];

/** What Cortex-A57 has beyond the base architecture; rows with other features run on QEMU's `max`. */
const CORTEX_A57_FEATURES = ['FEAT_AES', 'FEAT_PMULL', 'FEAT_SHA1', 'FEAT_SHA256', 'FEAT_CRC32'];
const CORTEX_A57 = 'cortex-a57';
/** Rows that blocks leave out, and why. */
const NOT_IN_BLOCKS: Readonly<Record<string, string>> = { 'DC ZVA': "QEMU 7.2 tells its block's first pc where it faults" };
/** Names of a CPU model to QEMU: what everystep has not is off there, too. */
const QEMU_CPU: Readonly<Partial<Record<CpuModelName, string>>> = { max: 'max,sve=off,sme=off' };
const BATCH = 2000;
const SIGILL = 4n;

const cpuOf = (row: AnyRow): CpuModelName => (row.options.feature === undefined || CORTEX_A57_FEATURES.includes(row.options.feature) ? CORTEX_A57 : 'max');

/** V8 counts Wasm modules by their bytes on the JavaScript heap, so it would collect thousands of small ones too late: each takes mappings of the process. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

interface RowCount {
  tests: number;
  ran: number;
  failed: number;
}

/** Runs the tests that `options` ask for; `print` gets each mismatch in full as it is found. */
export async function fuzz(options: FuzzOptions, print: (text: string) => void): Promise<FuzzSummary> {
  const run = new FuzzRun(options, print);
  if (options.list) {
    for (const row of run.rows)
      print(
        `${row.pattern.padEnd(56)} ${row.name}${row.options.feature === undefined ? '' : ` (${row.options.feature})`}${row.options.noFuzz === undefined ? '' : ` - ${row.options.noFuzz}`}`,
      );
    return run.summary();
  }
  const end = Date.now() + options.seconds * 1000;
  let round = 0;
  do await run.round(round++);
  while (Date.now() < end);
  return run.summary();
}

class FuzzRun {
  readonly rows: readonly AnyRow[];
  private readonly folder = join(process.cwd(), '.build', 'fuzz');
  private readonly runner: string;
  private readonly decoder = new Decoder(allRows);
  private readonly guest = createAArch64();
  private readonly ir = new IrBuilder();
  private readonly watchdog = new Watchdog(AT);
  private readonly counts = new Map<AnyRow, RowCount>();
  private tests = 0;
  private illegal = 0;
  private failures = 0;

  constructor(
    private readonly options: FuzzOptions,
    private readonly print: (text: string) => void,
  ) {
    this.rows = allRows.filter((row) => options.row?.test(row.name) ?? true);
    if (this.rows.length === 0) throw new Error(`no row matches ${options.row}`);
    this.runner = buildRunner(join('tests', 'fuzz', 'runner.c'), join(this.folder, `runner-${options.shard}`));
    for (const row of this.rows) this.counts.set(row, { tests: 0, ran: 0, failed: 0 });
  }

  /** `count` tests a row. */
  async round(round: number): Promise<void> {
    const { options } = this;
    const random = new Random(options.seed + round * 1000 + options.shard);
    for (const cpu of [CORTEX_A57, 'max'] as const) {
      const inBlocks = options.blockLength > 1;
      const rows = this.rows.filter((row) => fuzzable(row) && cpuOf(row) === cpu && !(inBlocks && row.name in NOT_IN_BLOCKS));
      if (rows.length === 0) continue;
      const wordsOf = inBlocks ? this.blocks(random, rows) : this.singles(random, rows);
      let batch: number[][] = [];
      for (const words of wordsOf) {
        batch.push(words);
        if (batch.length < BATCH) continue;
        await this.runBatch(random, options.cpu ?? cpu, batch);
        batch = [];
      }
      if (batch.length > 0) await this.runBatch(random, options.cpu ?? cpu, batch);
    }
  }

  private *singles(random: Random, rows: readonly AnyRow[]): Generator<number[]> {
    for (const row of rows) {
      for (let i = this.options.shard; i < this.options.count; i += this.options.shards) {
        const word = randomWord(random, this.decoder, row);
        if (word === undefined) break;
        yield [word];
      }
    }
  }

  private *blocks(random: Random, rows: readonly AnyRow[]): Generator<number[]> {
    const count = Math.ceil((rows.length * this.options.count) / this.options.shards);
    for (let i = 0; i < count; i++) yield randomBlock(random, this.decoder, rows, this.options.blockLength, (word) => this.isDefined(word));
  }

  /** What our translator thinks of the word. */
  private isDefined(word: number): boolean {
    this.ir.buffer.reset();
    this.guest.translateBlock(this.ir, { pc: 0x1000, maxInsns: 1, fetch: () => word });
    return this.ir.terminator?.kind !== 'trap';
  }

  private rowsOf(words: ArrayLike<number>): (AnyRow | undefined)[] {
    return Array.from(words, (word) => this.decoder.decode(word)?.row);
  }

  private async runBatch(random: Random, cpu: CpuModelName, batch: readonly number[][]): Promise<void> {
    const tests = new ArrayBuffer(batch.length * RECORD_BYTES);
    batch.forEach((words, i) => {
      fillTest(random, new TestRecord(tests, i), words, { randomFpcr: this.options.randomFpcr, hasHalves: cpu === 'max' });
    });
    const failures = await this.runTests(cpu, tests, batch.length, true);
    for (const failure of failures) {
      this.failures++;
      const last = this.rowsOf(failure.test.words)
        .filter((row) => row !== undefined && this.counts.has(row))
        .at(-1);
      const count = last === undefined ? undefined : this.counts.get(last);
      if (count !== undefined) count.failed++;
      if (count !== undefined && count.failed > this.options.report) continue;
      this.print(describeFailure(await this.shrink(cpu, failure), this.folder));
    }
  }

  /** A machine for each batch: what an earlier one leaves behind is not to hide mistakes, and its code takes memory. */
  private subjectFor(cpu: CpuModelName): Subject {
    collectGarbage();
    return new Subject(createMachineOfKind(this.options.machine, cpu, this.options.disabled));
  }

  /** Runs tests on both sides and returns those where they differ. */
  private async runTests(cpu: CpuModelName, tests: ArrayBuffer, count: number, counted: boolean): Promise<Failure[]> {
    const qemu = runQemu({ runner: this.runner, cpu: QEMU_CPU[cpu] ?? cpu }, tests, count);
    const actuals = new ArrayBuffer(count * RECORD_BYTES);
    const errors: (string | undefined)[] = [];
    const subject = this.subjectFor(cpu);
    for (let i = 0; i < count; i++) {
      this.watchdog.starts(new TestRecord(tests, i));
      errors.push(subject.run(new TestRecord(tests, i), new TestRecord(actuals, i)));
      // Lets QEMU's pipes move.
      if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    this.watchdog.rests();
    const { outcomes, died } = await qemu;
    const failures: Failure[] = [];
    for (let i = 0; i < count; i++) {
      const test = new TestRecord(tests, i);
      const expected = new TestRecord(outcomes, i);
      const actual = new TestRecord(actuals, i);
      const rows = this.rowsOf(test.words);
      if (counted) this.count(rows, expected, actual);
      const error = died.get(i) ?? errors[i];
      const differences = error === undefined ? compare(test, expected, actual) : [];
      if (error === undefined && differences.length === 0) continue;
      failures.push({ rows: rows.map((row) => row?.name ?? 'no row'), test, expected, actual, differences, error });
    }
    return failures;
  }

  private count(rows: readonly (AnyRow | undefined)[], expected: TestRecord, actual: TestRecord): void {
    this.tests++;
    const illegal = expected.get('signal') === SIGILL;
    if (illegal && actual.get('signal') === SIGILL) this.illegal++;
    for (const row of rows) {
      const count = row === undefined ? undefined : this.counts.get(row);
      if (count === undefined) continue;
      count.tests++;
      if (!illegal) count.ran++;
    }
  }

  /** Leaves out the instructions of a block without which the two sides still differ. */
  private async shrink(cpu: CpuModelName, failure: Failure): Promise<Failure> {
    let smallest = failure;
    for (let i = failure.test.words.length - 1; i >= 0 && smallest.test.words.length > 1; i--) {
      const tests = new ArrayBuffer(RECORD_BYTES);
      const test = new TestRecord(tests, 0);
      test.u32.set(smallest.test.u32.subarray(0, RECORD_WORDS * 2));
      test.words = Array.from(smallest.test.words).filter((_, j) => j !== i);
      const [failed] = await this.runTests(cpu, tests, 1, false);
      if (failed !== undefined) smallest = failed;
    }
    return smallest;
  }

  summary(): FuzzSummary {
    const { tests, illegal, failures } = this;
    const leftOut = (row: AnyRow): string | undefined => row.options.noFuzz ?? (this.options.blockLength > 1 ? NOT_IN_BLOCKS[row.name] : undefined);
    return { rows: [...this.counts].map(([row, count]) => ({ name: row.name, noFuzz: leftOut(row), ...count })), tests, illegal, failures };
  }
}

/** Sum of the summaries of jobs that had the same rows. */
export function addSummaries(a: FuzzSummary, b: FuzzSummary): FuzzSummary {
  return {
    rows: a.rows.map((row, i) => ({ ...row, tests: row.tests + b.rows[i].tests, ran: row.ran + b.rows[i].ran, failed: row.failed + b.rows[i].failed })),
    tests: a.tests + b.tests,
    illegal: a.illegal + b.illegal,
    failures: a.failures + b.failures,
  };
}
