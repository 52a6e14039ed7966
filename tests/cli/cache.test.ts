import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BuiltCommand, type Outcome } from './command.ts';

const BUSYBOX = '.build/busybox/busybox';
const PROGRAM = [BUSYBOX, 'awk', 'BEGIN { for (i = 0; i < 300; i++) s = s sprintf("%x", i * i); print length(s), s }'];

let everystep: BuiltCommand;
let folder = '';
beforeAll(() => {
  everystep = new BuiltCommand();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'everystep-cache-'));
});

const files = (): string[] => readdirSync(folder).map((name) => join(folder, name));
/** What runs leave to be compiled is left to `everystep cache`. */
const LEFT = '--cache-compile=never';
const run = (...options: string[]): Outcome => everystep.run(['run', '--explain', LEFT, `--cache=${folder}`, ...options, ...PROGRAM]);
const restored = ({ stderr }: Outcome): number => Number(/(\d+) blocks from an earlier run/.exec(stderr)?.[1]);
const output = everystepOutput();

/** What the program writes, as no cache changes it. */
function everystepOutput(): () => string {
  let text: string | undefined;
  return () => {
    text ??= everystep.run(['run', ...PROGRAM]).stdout;
    return text;
  };
}

describe('--cache', () => {
  it('keeps translations for the next run', () => {
    const first = run();
    expect([first.status, first.stdout, restored(first)]).toEqual([0, output(), 0]);
    const second = run();
    expect([second.status, second.stdout]).toEqual([0, output()]);
    expect(restored(second)).toBeGreaterThan(500);
    rmSync(folder, { recursive: true });
  });

  it('does not write all of it again for the little that a later run adds', () => {
    run();
    run();
    const before = files().map((file) => [file, statSync(file).ino]);
    run();
    expect(files().map((file) => [file, statSync(file).ino])).toEqual(before);
    rmSync(folder, { recursive: true });
  });

  it('is of this program and this CPU only', () => {
    run();
    expect(restored(everystep.run(['run', '--explain', LEFT, `--cache=${folder}`, '-cpu', 'cortex-a57', ...PROGRAM]))).toBe(0);
    expect(restored(everystep.run(['run', '--explain', LEFT, `--cache=${folder}`, 'examples/sum/sum']))).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it('ignores what is damaged', () => {
    run();
    for (const [i, damage] of [(bytes: Buffer) => bytes.fill(0xa5, 5000, 9000), (bytes: Buffer) => bytes.subarray(0, 1000), () => Buffer.alloc(0)].entries()) {
      for (const file of files()) writeFileSync(file, damage(readFileSync(file)));
      const after = run();
      expect([i, after.status, after.stdout]).toEqual([i, 0, output()]);
    }
    rmSync(folder, { recursive: true });
  });

  /** V8's own functions for that are used in releases alone that they have been tried with. */
  const keepsNative = Number.parseInt(process.versions.node, 10) <= 24;
  const HOT = [BUSYBOX, 'awk', 'BEGIN { for (i = 0; i < 20000; i++) { s = s + (i % 7) * 3; t[i % 50] = s } print s, length(t) }'];
  const runHot = (...options: string[]): Outcome => everystep.run(['run', '--explain', LEFT, `--cache=${folder}`, ...options, ...HOT]);
  const compile = (...options: string[]): Outcome => everystep.run(['cache', ...options, folder]);
  /** Regions that no earlier run had. */
  const madeAnew = ({ stderr }: Outcome): number => {
    const [all = 0, restored = 0] = /regions: (\d+) \((\d+)/.exec(stderr)?.slice(1).map(Number) ?? [];
    return all - restored;
  };
  const native = ({ stderr }: Outcome): number => Number(/\((\d+) with V8's code\)/.exec(stderr)?.[1]);

  it.runIf(keepsNative)('has what is kept compiled, for the second run', () => {
    const first = runHot();
    const { status, stdout } = compile();
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^everystep: compiled \d+ regions in \d+ modules? .*\n$/)]);
    const second = runHot();
    for (const outcome of [first, second]) expect([outcome.status, outcome.stdout]).toEqual([0, '179991 50\n']);
    expect([native(first), native(second)]).toEqual([0, Number(/ (\d+) modules?/.exec(stdout)?.[1])]);
    expect(madeAnew(second)).toBeLessThan(madeAnew(first) / 2);
    compile();
    expect(compile().stdout).toBe('everystep: there is nothing left to compile\n');
    // Damage anywhere is seen before V8 is given it.
    const [file] = files();
    const whole = readFileSync(file as string);
    for (let at = 100; at < whole.length; at += Math.ceil(whole.length / 6)) {
      writeFileSync(file as string, Buffer.concat([whole.subarray(0, at), Buffer.from([whole.readUInt8(at) ^ 0x55]), whole.subarray(at + 1)]));
      expect([at, runHot().stdout]).toEqual([at, '179991 50\n']);
    }
    rmSync(folder, { recursive: true });
  });

  it.runIf(keepsNative)('uses no file that others may write', () => {
    runHot();
    for (const file of files()) chmodSync(file, 0o666);
    expect([native(runHot()), restored(runHot())]).toEqual([0, expect.any(Number)]);
    rmSync(folder, { recursive: true });
  });

  it.runIf(keepsNative)('is compiled by a process that a run leaves behind, and that leaves nothing behind', async () => {
    runHot('--cache-compile=later');
    const numbers = (): number[] => files().map((file) => statSync(file).ino);
    const before = numbers();
    for (let looks = 0; numbers().join() === before.join() && looks < 300; looks++) await setTimeout(100);
    expect(native(runHot())).toBeGreaterThan(0);
    expect(files().filter((file) => !file.endsWith('.code'))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it.runIf(keepsNative)('is compiled by one process at a time', async () => {
    runHot();
    const children = Array.from({ length: 3 }, () => spawn(process.execPath, [everystep.path, 'cache', folder], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const texts = children.map(async ({ stdout }) => (await stdout.toArray()).join(''));
    expect((await Promise.all(texts)).filter((text) => !text.includes('nothing left'))).toHaveLength(1);
    expect(native(runHot())).toBeGreaterThan(0);
    rmSync(folder, { recursive: true });
  });

  it.runIf(keepsNative)('is not compiled behind the back of who has removed it', () => {
    runHot();
    rmSync(folder, { recursive: true });
    const { status, stderr } = compile();
    expect([status, stderr]).toEqual([2, `everystep: '${folder}' is no folder: name that of --cache\n`]);
    expect(existsSync(folder)).toBe(false);
  });

  it('can be used by several runs at a time', async () => {
    const runs = Array.from({ length: 3 }, () => {
      const child = spawn(process.execPath, [everystep.path, 'run', LEFT, `--cache=${folder}`, ...PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
      });
      return new Promise<string>((resolve) => child.on('close', () => resolve(text)));
    });
    expect(await Promise.all(runs)).toEqual([output(), output(), output()]);
    expect(files().every((file) => file.endsWith('.code'))).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it('keeps to a size', () => {
    run();
    const [size] = files().map((file) => statSync(file).size);
    everystep.run(['run', LEFT, `--cache=${folder}`, `--cache-size=${(size as number) + 100}`, BUSYBOX, 'sort', 'package.json']);
    // The same program's code, in the same file.
    expect(files()).toHaveLength(1);
    everystep.run(['run', LEFT, `--cache=${folder}`, '--cache-size=1k', '-cpu', 'cortex-a57', ...PROGRAM]);
    expect(files()).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });

  it('says what is wrong with a folder that cannot be', () => {
    writeFileSync(join(folder, 'file'), '');
    const { status, stderr } = everystep.run(['run', `--cache=${folder}/file/below`, ...PROGRAM]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^everystep: --cache: .*: not a directory\n$/)]);
    rmSync(folder, { recursive: true });
  });

  it('tells once that nothing can be kept, and runs the program', () => {
    mkdirSync(join(folder, 'c'));
    // A folder in a file's place.
    run();
    const [file] = files().filter((name) => name.endsWith('.code'));
    rmSync(file as string);
    mkdirSync(join(file as string, 'x'), { recursive: true });
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([0, output()]);
    expect(stderr).toMatch(/^everystep: translations are not kept: /m);
    rmSync(folder, { recursive: true });
  });
});
