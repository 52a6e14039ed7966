import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAArch64, OPTIMISATIONS, outputObserver, Replayer } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openJournal, recordProgram, startProgram } from './recordedProgram.ts';

const root = join(import.meta.dirname, '../..');
const busybox = join(root, '.build/busybox/busybox');

/** Steps after which a recording is ended: programs of benchmarks run for seconds. */
const MOST_STEPS = 3_000_000;
/** Folders of programs, and where they are built. */
const FOLDERS = [
  ['tests/programs', '.build/programs'],
  ['tests/syscalls/programs', '.build/syscalls'],
  ['tests/signals/programs', '.build/signals'],
  ['tests/waiting/programs', '.build/waiting'],
  ['tests/debug/programs', '.build/debug'],
  ['tests/record/programs', '.build/record'],
  ['bench/programs', '.build/bench'],
] as const;
/** Those that wait for somebody outside, or sleep for ever. */
const NEVER_END: ReadonlySet<string> = new Set(['echoServer', 'hostSockets', 'ticks']);

/** Arguments of busybox. `lines.txt` is a small file. */
const BUSYBOX: readonly (readonly string[])[] = [
  ['sh', '-c', 'for i in 1 2 3; do echo $i; done | sort -r | while read n; do echo "<$n>"; done; (exit 3); echo $?; wc -l <lines.txt'],
  ['sh', '-c', 'sort lines.txt >sorted & cat lines.txt | tr a-z A-Z | tail -n 2; wait; head -n 1 sorted; kill -9 $$'],
  ['cat', 'lines.txt'],
  ['sha256sum', 'lines.txt'],
  ['awk', '{ sum += $1; n += length($2) } END { printf "%.3f %d\\n", sum / 7, n }', 'lines.txt'],
  ['gzip', '-c', 'lines.txt'],
  ['sort', '-k2,2', '-k1,1n', 'lines.txt'],
  ['grep', '-c', '^[0-9]*5 .*a', 'lines.txt'],
  ['sed', 's/\\([0-9]*\\) \\(.*\\)$/\\2|\\1/', 'lines.txt'],
  ['ls', '-l', '/usr/share/doc/base-files'],
  ['cat', 'no-such-file'],
];

interface Run {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

const lines = (): string => Array.from({ length: 2000 }, (_, i) => `${(i * 7919) % 10_007} ${((i * 31) ** 2).toString(26)}\n`).join('');

function allRuns(): readonly Run[] {
  const programs = FOLDERS.flatMap(([folder, output]) => buildPrograms(join(root, folder), join(root, output)).map((program) => ({ ...program, folder })));
  return [
    ...programs.filter(({ name }) => !NEVER_END.has(name)).map(({ name, path, args, folder }) => ({ name: `${folder}/${name}`, path, args })),
    ...BUSYBOX.map((args) => ({ name: `busybox ${args.join(' ')}`, path: busybox, args })),
  ];
}

/** Tests of each `every`-th program from the `first` on: recorded, and replayed without one of the optimisations, it does the same. */
export function testPrograms(first: number, every: number): void {
  const optimisations = Object.keys(OPTIMISATIONS);
  const runs = allRuns().map((run, i) => ({ ...run, without: optimisations[i % optimisations.length] }));
  test.each(runs.filter((_, i) => i % every === first))('$name (replayed without $without)', ({ path, args, without }) => {
    const before = process.cwd();
    const folder = mkdtempSync(join(tmpdir(), 'everystep-recorded-'));
    process.chdir(folder);
    try {
      writeFileSync('lines.txt', lines());
      const recorded = recordProgram(startProgram(path, [path, ...args]), { mostSteps: MOST_STEPS });
      const pieces: Uint8Array[] = [];
      const journal = openJournal(recorded.bytes);
      const replayer = new Replayer({ guest: createAArch64('max'), journal, machine: { disabled: new Set([without]) } });
      replayer.observer = outputObserver(replayer, ({ bytes }) => void (bytes && pieces.push(bytes.slice())));
      expect(replayer.run()).toBe('end');
      expect(replayer.steps).toBe(recorded.steps);
      expect(journal.lastStep).toBe(recorded.steps);
      expect(Buffer.concat(pieces).toString('latin1')).toBe(recorded.output.toString('latin1'));
      if (recorded.event.kind === 'exit') expect(journal.end).toEqual({ kind: 'exit', status: recorded.event.status });
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });
}
