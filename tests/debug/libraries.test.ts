import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Debuggee, hasGdb, mark, part, runGdb, surroundings } from './session.ts';

const tests = surroundings();
const COMPILER = process.env.AARCH64_CC ?? 'aarch64-linux-gnu-gcc';
const sources = join(import.meta.dirname, '../cli/libraries');
/** Where the compiler has the guest's C library. */
const linker = execFileSync(COMPILER, ['-print-file-name=ld-linux-aarch64.so.1'], { encoding: 'utf8' }).trim();
const sysroot = join(linker, '../..');

let program = '';
beforeAll(() => {
  const libraries = join(tests.folder, 'lib');
  mkdirSync(libraries);
  const library = join(libraries, 'libweigh.so.1');
  execFileSync(COMPILER, ['-O1', '-g', '-shared', '-fPIC', '-Wl,-soname,libweigh.so.1', join(sources, 'weigh.c'), '-o', library]);
  program = join(tests.folder, 'useWeigh');
  execFileSync(COMPILER, ['-O1', '-g', join(sources, 'useWeigh.c'), library, '-Wl,-rpath,$ORIGIN/lib', '-o', program]);
  tests.everystep.run(['record', '-L', sysroot, '-o', join(tests.folder, 'recording'), program]);
});

/** Of libraries that gdb knows, the names of their files. */
const librariesIn = (text: string): readonly string[] => [...text.matchAll(/^0x\S+ +0x\S+ +Yes.*\/(\S+)$/gm)].map(([, name]) => name).sort();

/** Shows what gdb is told, whatever else it could find out. */
const LIST = 'maintenance packet qXfer:libraries-svr4:read::0,fff';

describe.skipIf(!hasGdb)('libraries of a program', () => {
  const commands = [
    ...['set breakpoint pending on', mark('start'), 'info sharedlibrary', LIST, 'break heavier', 'continue'],
    ...[mark('library'), 'info sharedlibrary', LIST, 'p n', 'backtrace'],
  ];

  function expectLibraries(gdb: string): void {
    // The dynamic linker has loaded none yet; gdb knows it by the program's interpreter.
    expect(librariesIn(part(gdb, 'start'))).toEqual(['ld-linux-aarch64.so.1']);
    expect(part(gdb, 'start')).toContain('received: "l<library-list-svr4 version="1.0"></library-list-svr4>"');
    expect(part(gdb, 'library')).toMatch(
      /l<library-list-svr4 version="1.0" main-lm="0x\w+"><library name="[^"]*libweigh.so.1" lm="0x\w+" l_addr="0x\w+000" l_ld=/,
    );
    expect(gdb).not.toContain('while parsing target library list');
    expect(librariesIn(part(gdb, 'library'))).toEqual(['ld-linux-aarch64.so.1', 'libc.so.6', 'libweigh.so.1']);
    expect(part(gdb, 'library')).toMatch(/\$1 = 97\n#0 .*heavier \(n=97\).*weigh\.c:\d+\n#1 .*weigh .*\n#2 .*main \(/s);
  }

  it('are told of a live run', async () => {
    const { gdb, ended } = await runGdb(new Debuggee(tests.everystep, tests.newSocket(), ['-L', sysroot, program]), undefined, [...commands, 'detach']);
    expectLibraries(gdb);
    expect(ended).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\n$/), stderr: '' });
  });

  it('are told of a recording, forwards and backwards', async () => {
    const { gdb } = await runGdb(new Debuggee(tests.everystep, tests.newSocket(), [join(tests.folder, 'recording')], '', 'gdb'), undefined, [
      ...commands,
      // From the end back to the last call of the library's function.
      ...['delete', 'continue', 'break heavier', 'reverse-continue', mark('back'), 'info sharedlibrary', 'p n', 'reverse-finish', 'backtrace'],
    ]);
    expectLibraries(gdb);
    expect(librariesIn(part(gdb, 'back'))).toContain('libweigh.so.1');
    expect(part(gdb, 'back')).toMatch(/\$2 = 102\n.*#0 .*weigh .*\n#1 .*main \(/s);
  });
});
