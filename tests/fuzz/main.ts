import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CPU_MODEL_NAMES, type CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { addSummaries, type FuzzOptions, type FuzzSummary, fuzz } from './fuzz.ts';
import { isMachineKind, MACHINE_KINDS } from './machines.ts';

const HELP = `npm run fuzz -- [options]: runs random instructions under qemu-aarch64 and under everystep, and compares
  --row REGEX     only rows whose name matches (case does not matter)
  --count N       words of each row in a round (default 200)
  --states N      tests of the same code, each with other registers and memory (default 4)
  --seconds S     further rounds until S seconds have passed (default: one round)
  --blocks        blocks of several instructions of the chosen rows instead of single ones
  --length N      longest block (default 100)
  --machine KIND  ${MACHINE_KINDS.join(' or ')} (default ${MACHINE_KINDS[0]})
  --no-opt NAMES  optimisations to leave out, separated by commas
  --fpcr          random FPCR (rounding modes, flush to zero, default NaN, other halves); without: 0
  --cpu MODEL     the CPU model (default: cortex-a57 and max by turns)
  --seed N        start of the random numbers (default: the time)
  --jobs N        processes (default: ${availableParallelism()})
  --report N      mismatches a row printed in full (default 2)
  --list          list the rows and stop`;

function cpuName(name: string): CpuModelName {
  const known = CPU_MODEL_NAMES.find((each) => each === name);
  if (known === undefined) throw new Error(`--cpu ${name}: ${CPU_MODEL_NAMES.join(', ')}`);
  return known;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      row: { type: 'string' },
      count: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '0' },
      blocks: { type: 'boolean', default: false },
      length: { type: 'string', default: '100' },
      states: { type: 'string', default: '4' },
      machine: { type: 'string', default: MACHINE_KINDS[0] },
      'no-opt': { type: 'string', default: '' },
      fpcr: { type: 'boolean', default: false },
      cpu: { type: 'string' },
      seed: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      report: { type: 'string', default: '2' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      shard: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const machine = values.machine;
  if (!isMachineKind(machine)) throw new Error(`--machine ${machine}: ${MACHINE_KINDS.join(' or ')}`);
  const jobs = Number(values.jobs);
  const seed = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed) >>> 0;
  const [shard, shards] = values.shard?.split('/').map(Number) ?? [0, 1];
  const options: FuzzOptions = {
    row: values.row === undefined ? undefined : new RegExp(values.row, 'i'),
    count: Number(values.count),
    seconds: Number(values.seconds),
    states: Number(values.states),
    blockLength: values.blocks ? Number(values.length) : 1,
    machine,
    disabled: new Set(values['no-opt'].split(',').filter((name) => name !== '')),
    randomFpcr: values.fpcr,
    cpu: values.cpu === undefined ? undefined : cpuName(values.cpu),
    seed,
    report: Number(values.report),
    list: values.list,
    shard,
    shards,
  };
  if (jobs === 1 || values.shard !== undefined || values.list) {
    const summary = await fuzz(options, (text) => console.log(text));
    process.send?.(summary);
    if (values.shard === undefined && !values.list) printSummary(seed, summary);
    return summary.failures > 0 ? 1 : 0;
  }
  const script = process.argv[1];
  const summaries = await Promise.all(
    Array.from(
      { length: jobs },
      (_, i) =>
        new Promise<FuzzSummary>((resolve, reject) => {
          let summary: FuzzSummary | undefined;
          const child = fork(script, [...process.argv.slice(2), '--seed', String(seed), '--shard', `${i}/${jobs}`]);
          child.on('message', (message) => {
            summary = message as FuzzSummary;
          });
          child.on('exit', (status) => (summary === undefined ? reject(new Error(`job ${i} ended with status ${status}`)) : resolve(summary)));
        }),
    ),
  );
  const total = summaries.reduce(addSummaries);
  printSummary(seed, total);
  return total.failures > 0 ? 1 : 0;
}

function printSummary(seed: number, { rows, tests, insns, illegal, failures }: FuzzSummary): void {
  const fuzzed = rows.filter((row) => row.noFuzz === undefined);
  for (const row of rows) if (row.noFuzz !== undefined) console.log(`left out: ${row.name}: ${row.noFuzz}`);
  const undefinedOnly = fuzzed.filter((row) => row.ran === 0);
  if (undefinedOnly.length > 0) console.log(`undefined on QEMU in all tests, or no word found: ${undefinedOnly.map((row) => row.name).join(', ')}`);
  for (const { name, failed, executed } of rows) if (failed > 0) console.log(`failed: ${name}: ${failed} of ${executed}`);
  const least = [...fuzzed].sort((a, b) => a.words - b.words)[0];
  if (least !== undefined) console.log(`at least ${least.words} words a row (${least.name}: executed ${least.executed} times)`);
  console.log(
    `fuzz: ${fuzzed.length} rows, ${insns} instructions in ${tests} tests (${illegal} undefined on both sides), ${failures} mismatches, seed ${seed}`,
  );
}

process.exitCode = await main();
