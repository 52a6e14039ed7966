import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAArch64 } from '../../packages/core/src/guest/aarch64/aarch64.ts';
import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { rows as allRows } from '../../packages/core/src/guest/aarch64/rows.ts';
import { Decoder } from '../../packages/core/src/guest/decode/index.ts';
import { IrBuilder } from '../../packages/core/src/ir/index.ts';
import { BlockGenerator } from './blocks.ts';
import { compare } from './compare.ts';
import { fillTest, fuzzable, randomPc, randomWord, type TestCode } from './generate.ts';
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
  /** Tests of the same code, each with other registers and memory. */
  readonly states: number;
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
export interface RowSummary extends Readonly<RowCount> {
  readonly name: string;
  readonly noFuzz: string | undefined;
}

export interface FuzzSummary {
  readonly rows: readonly RowSummary[];
  readonly tests: number;
  /** Instructions that QEMU executed in them, or took for undefined. */
  readonly insns: number;
  readonly illegal: number;
  readonly failures: number;
}

type AnyRow = (typeof allRows)[number];

/** What Cortex-A57 has beyond the base architecture; rows with other features run on QEMU's `max`. */
const CORTEX_A57_FEATURES = ['FEAT_AES', 'FEAT_PMULL', 'FEAT_SHA1', 'FEAT_SHA256', 'FEAT_CRC32'];
const CORTEX_A57 = 'cortex-a57';
const CPUS = [CORTEX_A57, 'max'] as const;
/** Names of a CPU model to QEMU: what everystep has not is off there, too. */
const QEMU_CPU: Readonly<Partial<Record<CpuModelName, string>>> = { max: 'max,sve=off,sme=off' };
const BATCH = 2000;
/** Mismatches printed in all: to find the instructions that one is of takes time. */
const MOST_REPORTS = 20;
const SIGILL = 4n;

/** Whether a CPU model has the row; of those that only `max` has, every test is there. */
const isOn = ({ options: { feature } }: AnyRow, cpu: CpuModelName): boolean => cpu === 'max' || feature === undefined || CORTEX_A57_FEATURES.includes(feature);

/** V8 counts Wasm modules by their bytes on the JavaScript heap, so it would collect thousands of small ones too late: each takes mappings of the process. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

interface RowCount {
  /** Instruction words, at any place of a test. */
  words: number;
  /** Executions of them on QEMU, those that it took for undefined included. */
  executed: number;
  /** Executions that were not undefined. */
  ran: number;
  /** Tests with a mismatch that are counted for this row. */
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
  private readonly decoder = Decoder.of(allRows);
  private readonly guest = createAArch64();
  private readonly ir = new IrBuilder();
  private readonly watchdog = new Watchdog(AT);
  private readonly counts = new Map<AnyRow, RowCount>();
  private tests = 0;
  private insns = 0;
  private illegal = 0;
  private failures = 0;
  private reported = 0;

  constructor(
    private readonly options: FuzzOptions,
    private readonly print: (text: string) => void,
  ) {
    this.rows = allRows.filter((row) => options.row?.test(row.name) ?? true);
    if (this.rows.length === 0) throw new Error(`no row matches ${options.row}`);
    this.runner = buildRunner(join('tests', 'fuzz', 'runner.c'), join(this.folder, `runner-${options.shard}`));
    for (const row of this.rows) this.counts.set(row, { words: 0, executed: 0, ran: 0, failed: 0 });
  }

  /** `count` words of each row. Those of the base architecture are for both CPU models by turns. */
  async round(round: number): Promise<void> {
    const { options } = this;
    const random = new Random(options.seed + round * 1000 + options.shard);
    const inBlocks = options.blockLength > 1;
    const cpus = options.cpu === undefined ? CPUS : [options.cpu];
    for (const [i, cpu] of cpus.entries()) {
      const rows = this.rows.filter((row) => fuzzable(row) && isOn(row, cpu));
      if (rows.length === 0) continue;
      const codes = inBlocks ? this.blocks(random, rows, cpus.length) : this.singles(random, rows, i, cpus.length);
      let batch: TestCode[] = [];
      for (const code of codes) {
        batch.push(code);
        if (batch.length * options.states < BATCH) continue;
        await this.runBatch(random, cpu, batch);
        batch = [];
      }
      if (batch.length > 0) await this.runBatch(random, cpu, batch);
    }
  }

  private *singles(random: Random, rows: readonly AnyRow[], turn: number, turns: number): Generator<TestCode> {
    const { shard, shards, count } = this.options;
    for (const row of rows) {
      const [first, step] = isOn(row, CORTEX_A57) ? [shard * turns + turn, shards * turns] : [shard, shards];
      for (let i = first; i < count; i += step) {
        const word = randomWord(random, this.decoder, row);
        if (word === undefined) break;
        yield { pc: randomPc(random, 1), words: [word] };
      }
    }
  }

  /** Blocks with about `count` words of each row. */
  private *blocks(random: Random, rows: readonly AnyRow[], turns: number): Generator<TestCode> {
    const { count, shards, blockLength } = this.options;
    // Rows that have one turn only are taken more often.
    const weighted = turns === 1 ? rows : [...rows, ...rows.filter((row) => !isOn(row, CORTEX_A57))];
    const wanted = Math.ceil((weighted.length * count) / shards / turns);
    const generator = new BlockGenerator(random, this.decoder, weighted, blockLength, (word) => this.isDefined(word));
    for (let words = 0; words < wanted; ) {
      const block = generator.next();
      words += block.words.length;
      yield { pc: randomPc(random, block.words.length), ...block };
    }
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

  private async runBatch(random: Random, cpu: CpuModelName, batch: readonly TestCode[]): Promise<void> {
    const { states, randomFpcr } = this.options;
    const options = { randomFpcr, later: cpu === 'max' };
    const tests = new ArrayBuffer(batch.length * states * RECORD_BYTES);
    batch.forEach((code, i) => {
      for (const row of this.rowsOf(code.words)) this.countOf(row).words++;
      for (let state = 0; state < states; state++) fillTest(random, new TestRecord(tests, i * states + state), code, options);
    });
    const failures = await this.runTests(cpu, tests, batch.length * states, true);
    for (const found of failures) {
      this.failures++;
      const failure = this.reported < MOST_REPORTS ? await this.shrink(cpu, found) : found;
      const last = this.rowsOf(failure.test.words)
        .filter((row) => row !== undefined && this.counts.has(row))
        .at(-1);
      const count = this.countOf(last);
      if (count.failed++ >= this.options.report || this.reported >= MOST_REPORTS) continue;
      this.reported++;
      this.print(describeFailure(failure, this.folder));
    }
  }

  /** The counts of a row; of one that is not among the chosen, counts that nobody reads. */
  private countOf(row: AnyRow | undefined): RowCount {
    return (row === undefined ? undefined : this.counts.get(row)) ?? { words: 0, executed: 0, ran: 0, failed: 0 };
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
      if (counted) this.count(rows, test, expected, actual);
      const error = died.get(i) ?? errors[i];
      const differences = error === undefined ? compare(test, expected, actual) : [];
      if (error === undefined && differences.length === 0) continue;
      failures.push({ rows: rows.map((row) => row?.name ?? 'no row'), test, expected, actual, differences, error });
    }
    return failures;
  }

  private count(rows: readonly (AnyRow | undefined)[], test: TestRecord, expected: TestRecord, actual: TestRecord): void {
    this.tests++;
    const illegal = expected.get('signal') === SIGILL;
    if (illegal && actual.get('signal') === SIGILL) this.illegal++;
    const end = Number(BigInt.asIntN(64, expected.get('pc') - test.get('pc'))) / 4;
    // Outside: behind the last instruction, or where it branched to.
    const inside = end >= 0 && end < rows.length;
    const executed = inside ? end + 1 : rows.length;
    this.insns += executed;
    for (const [i, row] of rows.entries()) {
      if (i === executed) break;
      const count = this.countOf(row);
      count.executed++;
      if (!(illegal && i === end)) count.ran++;
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
    const { tests, insns, illegal, failures } = this;
    return { rows: [...this.counts].map(([row, count]) => ({ name: row.name, noFuzz: row.options.noFuzz, ...count })), tests, insns, illegal, failures };
  }
}

/** Sum of the summaries of jobs that had the same rows. */
export function addSummaries(a: FuzzSummary, b: FuzzSummary): FuzzSummary {
  return {
    rows: a.rows.map((row, i) => {
      const other = b.rows[i] as RowSummary;
      return {
        ...row,
        words: row.words + other.words,
        executed: row.executed + other.executed,
        ran: row.ran + other.ran,
        failed: row.failed + other.failed,
      };
    }),
    tests: a.tests + b.tests,
    insns: a.insns + b.insns,
    illegal: a.illegal + b.illegal,
    failures: a.failures + b.failures,
  };
}
