// Builds the programs of this folder into .build/programs. A program says in its first comment how: `build: FLAGS` gives
// NAME, `build(Variant): FLAGS` gives NAMEVariant, each linked for AArch64; `args:` gives its arguments,
// `cpu:` the CPU model that it needs, if not Cortex-A57.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const compiler = process.env.AARCH64_CC ?? 'aarch64-linux-gnu-gcc';

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Programs of a folder: their name, source, flags and arguments. */
export function listPrograms(folder = here) {
  const programs = [];
  for (const file of readdirSync(folder)
    .filter((name) => /\.[cS]$/.test(name))
    .sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    const args = [...(/^.*args: (.*?)\s*(\*\/)?$/m.exec(text)?.[1] ?? '').matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]);
    const cpu = /^.*\bcpu: (\S+)/m.exec(text)?.[1] ?? 'cortex-a57';
    const builds = [...text.matchAll(/^(?:\/\/| {2,}|\/\*)\s*build(?:\((\w+)\))?: (.*?)\s*(?:\*\/)?$/gm)];
    if (builds.length === 0) throw new Error(`${file}: no build line`);
    for (const [, variant, flags] of builds)
      programs.push({ name: basename(file, extname(file)) + (variant ?? ''), source: join(folder, file), flags: flags.split(/\s+/), args, cpu });
  }
  return programs;
}

/** Builds what is older than its source. @returns the programs, each with the path of its binary */
export function buildPrograms(folder = here, output = join(here, '../../.build/programs')) {
  mkdirSync(output, { recursive: true });
  const shared = Math.max(
    ...readdirSync(folder)
      .filter((name) => /\.(h|inc|mjs)$/.test(name))
      .map((name) => modified(join(folder, name))),
    0,
  );
  return listPrograms(folder).map((program) => {
    const path = join(output, program.name);
    if (modified(path) <= Math.max(modified(program.source), shared)) {
      // Others may build it at the same time, or take what is there.
      const made = `${path}.${process.pid}`;
      execFileSync(
        compiler,
        [
          ...program.flags,
          '-std=gnu11',
          '-Wall',
          '-Wno-unused-function',
          '-Wno-unused-variable',
          '-fno-stack-protector',
          '-I',
          here,
          program.source,
          '-o',
          made,
        ],
        { stdio: 'inherit' },
      );
      renameSync(made, path);
    }
    return { ...program, path };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, path } of buildPrograms()) console.log(`${name} ${path}`);
}
