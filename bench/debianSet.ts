import { join, resolve } from 'node:path';
import { findFile } from '../tests/corpus/programs.ts';
import { isExecutable } from './command.ts';
import { writeInputs } from './inputs.ts';
import type { Subject } from './subject.ts';

const INPUTS = '.build/bench-inputs';

interface DebianProgram {
  readonly name: string;
  readonly kind: string;
  /** Below the sysroot's usr; `*` and `?` as in shells, for versions. */
  readonly file: string;
  /** OUTPUT stands for a file that counts as output. */
  readonly args: readonly string[];
}

const OUTPUT = '$output';

const FFMPEG = '-v error -nostdin -threads 1 -filter_threads 1 -f lavfi -i testsrc=size=320x240:rate=25:duration=13 -c:v mpeg4 -flags +bitexact';
const AES = 'enc -aes-256-cbc -pbkdf2 -iter 350000 -S 0001020304050607 -pass pass:secret -in mixed.32';

/** What is measured of a Debian system, sized to 3 to 4 seconds under QEMU where the figures of docs/performance.md were measured. */
const PROGRAMS: readonly DebianProgram[] = [
  { name: 'python', kind: 'interpreter', file: 'bin/python3.1?', args: ['-E', '-S', 'report.py', 'text.txt'] },
  { name: 'perl', kind: 'interpreter', file: 'bin/perl', args: ['report.pl', 'text.txt'] },
  { name: 'ruby', kind: 'interpreter', file: 'bin/ruby3.?', args: ['--disable-gems', 'report.rb', 'text.txt'] },
  { name: 'lua', kind: 'interpreter', file: 'bin/lua5.4', args: ['report.lua', 'text.txt'] },
  { name: 'dash', kind: 'interpreter', file: 'bin/dash', args: ['report.sh', 'text.txt'] },
  { name: 'sqlite3', kind: 'database', file: 'bin/sqlite3', args: [':memory:', '.read report.sql'] },
  { name: 'xz', kind: 'compressor', file: 'bin/xz', args: ['-6', '-c', '-T1', 'mixed.6'] },
  { name: 'zstd', kind: 'compressor', file: 'bin/zstd', args: ['-9', '-c', '--single-thread', 'mixed.32'] },
  { name: 'gzip', kind: 'compressor', file: 'bin/gzip', args: ['-6', '-n', '-c', 'mixed.22'] },
  { name: 'bzip2', kind: 'compressor', file: 'bin/bzip2', args: ['-c', 'mixed.8'] },
  { name: 'openssl', kind: 'cryptography', file: 'bin/openssl', args: AES.split(' ') },
  { name: 'cc1', kind: 'compiler', file: 'lib/gcc/*-linux-gnu/1?/cc1', args: ['-quiet', '-O2', '-fpreprocessed', 'unit.i', '-o', '-'] },
  { name: 'as', kind: 'compiler', file: 'bin/*-linux-gnu-as', args: ['-o', OUTPUT, 'unit.s'] },
  {
    name: 'go-compile',
    kind: 'compiler',
    file: 'lib/go-1.??/pkg/tool/linux_arm64/compile',
    args: ['-p', 'main', '-buildid=x', '-c=1', '-complete', '-o', OUTPUT, 'unit.go'],
  },
  { name: 'node', kind: 'jit', file: 'bin/node', args: ['report.cjs', 'text.txt'] },
  { name: 'ffmpeg', kind: 'media', file: 'bin/ffmpeg', args: [...FFMPEG.split(' '), '-fflags', '+bitexact', '-f', 'md5', '-'] },
];

/** Environment that both emulators see, without what is the user's; EVERYSTEP_* stays, for trying switches. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('EVERYSTEP_') && name !== 'EVERYSTEP_CACHE');
  return { ...Object.fromEntries(own), PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C', TZ: 'UTC', TERM: 'dumb' };
}

/** Programs of a Debian system. @returns the subjects, and the names of programs that the sysroot lacks */
export function debianSubjects(root: string, folder: string, only: RegExp): { readonly subjects: Subject[]; readonly absent: string[] } {
  const wanted = PROGRAMS.filter(({ name }) => only.test(name));
  if (wanted.length === 0) return { subjects: [], absent: [] };
  const sysroot = resolve(root);
  writeInputs(INPUTS);
  const env = environment();
  const output = join(folder, 'output');
  const absent: string[] = [];
  const subjects = wanted.flatMap(({ name, kind, file, args }): Subject[] => {
    const path = findFile(join(sysroot, 'usr'), file);
    if (path === undefined) {
      absent.push(name);
      return [];
    }
    const host = path.slice(sysroot.length);
    const actual = args.map((arg) => (arg === OUTPUT ? output : arg));
    return [
      {
        set: 'debian',
        name,
        kind,
        guest: ['-L', sysroot, path, ...actual],
        native: isExecutable(host) ? [host, ...actual] : undefined,
        cwd: resolve(INPUTS),
        env,
        ...(args.includes(OUTPUT) ? { output } : {}),
      },
    ];
  });
  return { subjects, absent };
}
