import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../programs/build.mjs';
import { BuiltCommand, type Outcome } from './command.ts';

const SUM = join(import.meta.dirname, '../../examples/sum/sum');

let everystep: BuiltCommand;
let folder = '';
let programs = new Map<string, string>();
beforeAll(() => {
  everystep = new BuiltCommand();
  folder = mkdtempSync(join(tmpdir(), 'everystep-plugins-'));
  programs = new Map(buildPrograms().map(({ name, path }: { name: string; path: string }) => [name, path]));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a program with plugins. @returns what they wrote to the log, and the end of the run */
function withPlugins(plugins: readonly string[], program = SUM, items = 'plugin'): Outcome & { readonly log: string } {
  const file = join(folder, 'log');
  const outcome = everystep.run([
    'run',
    '-cpu',
    'cortex-a57',
    '-seed',
    '1',
    ...plugins.flatMap((plugin) => ['-plugin', plugin]),
    '-d',
    items,
    '-D',
    file,
    program,
  ]);
  return { ...outcome, log: readFileSync(file, 'utf8') };
}

/** Lines of a log without that of stoptrigger, which comes before rows that were written before. */
const linesOf = (log: string): string[] => log.split('\n').filter((line) => !line.startsWith('icount reached'));

function pluginFile(name: string, install: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, `export default { apiVersion: 1, name: '${name}', install(api) { ${install} } };\n`);
  return file;
}

// What the plugins of QEMU 7.2 (tests/plugin, contrib/plugins) write of examples/sum.
describe('the output of bundled plugins is that of QEMU 7.2', () => {
  it.each([
    ['insn', 'cpu 0 insns: 12000015\ntotal insns: 12000015\n'],
    ['insn,inline=true', 'insns: 12000015\n'],
    ['bb', "bb's: 1000005, insns: 12000015\n"],
    ['mem,inline=true', 'inline mem accesses: 6000003\n'],
    ['mem,callback=true', 'callback mem accesses: 6000003\n'],
    ['syscall', 'syscall no.  calls  errors\n93           1      0\n'],
    ['syscall,print=on', 'syscall #93\n'],
    [
      'howvec',
      [
        'Instruction Classes:',
        'Class:   UDEF                  \tnot counted',
        'Class:   Add/Sub (imm)         \t(1000002 hits)',
        'Class:   Move Wide (imm)       \t(2000004 hits)',
        'Class:   Cond Branch (imm)     \t(1000001 hits)',
        'Class:   Exception Gen         \t(1 hits)',
        'Class:     NOP                 \tnot counted',
        'Class:   Branch (reg)          \t(1 hits)',
        'Class:   Branch (imm)          \t(2 hits)',
        'Class:   ldst pair             \t(1000001 hits)',
        'Class:   ldst reg (imm)        \t(6000003 hits)',
        'Class: Data Proc Reg           \t(1000000 hits)',
        '',
      ].join('\n'),
    ],
  ])('%s', (plugin, expected) => {
    expect(withPlugins([plugin], SUM, 'plugin,nochain').log).toBe(expected);
  });

  it('hotblocks', () => {
    const [first, second, ...blocks] = withPlugins(['hotblocks'], SUM, 'plugin,nochain').log.trimEnd().split('\n');
    expect([first, second]).toEqual(['collected 6 entries in the hash table', 'pc, tcount, icount, ecount']);
    // The order of blocks that ran equally often is not QEMU's.
    expect(blocks[0]).toBe('0x00000000004000c0, 1, 12, 1000000');
    expect(blocks.slice(1).sort()).toEqual([
      '0x00000000004000b0, 1, 4, 1',
      '0x00000000004000dc, 1, 5, 1',
      '0x00000000004000f0, 1, 3, 1',
      '0x00000000004000fc, 1, 1, 1',
      '0x0000000000400100, 1, 2, 1',
    ]);
  });

  it('cache', () => {
    const [head, core, ...rest] = withPlugins(['cache,l2=on,limit=1']).log.split('\n');
    expect(head).toBe('core #, data accesses, data misses, dmiss rate, insn accesses, insn misses, imiss rate, l2 accesses, l2 misses, l2 miss rate');
    expect(core).toBe('0       6000003        1               0.0000%  12000015       3               0.0000%  4            4             100.0000%');
    expect(rest.slice(0, 3)).toEqual(['', 'address, data misses, instruction', '0x4000b4 (main), 1, str wzr, [sp, #8]']);
  });

  it('hotpages', () => {
    expect(withPlugins(['hotpages']).log).toBe('Addr, RCPUs, Reads, WCPUs, Writes\n0x0000005500800000, 0x0001, 4000001, 0x0001, 2000002\n');
  });

  it('drcov, but that blocks have offsets', () => {
    const file = join(folder, 'drcov');
    withPlugins([`drcov,filename=${file}`], SUM, 'plugin,nochain');
    const bytes = readFileSync(file);
    const end = bytes.indexOf('bbs\n') + 4;
    expect(bytes.toString('latin1', 0, end)).toBe(
      [
        'DRCOV VERSION: 2',
        'DRCOV FLAVOR: drcov-64',
        'Module Table: version 2, count 1',
        'Columns: id, base, end, entry, path',
        `0, 0x400000, 0x400134, 0x4000fc, ${SUM}`,
        'BB Table: 6 bbs',
        '',
      ].join('\n'),
    );
    const blocks = Array.from({ length: 6 }, (_, i) =>
      [0, 4, 6].map((at) => (at === 0 ? bytes.readUInt32LE(end + 8 * i) : bytes.readUInt16LE(end + 8 * i + at))),
    );
    expect(blocks.sort(([a], [b]) => a - b)).toEqual([
      [0xb0, 16, 0],
      [0xc0, 48, 0],
      [0xdc, 20, 0],
      [0xf0, 12, 0],
      [0xfc, 4, 0],
      [0x100, 8, 0],
    ]);
  });

  it('insn with match', () => {
    const lines = withPlugins(['insn,match=add', 'stoptrigger,icount=100']).log.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      "0x4000c8, 'add w0, w1, w0', 1 hits, 1 match hits, Δ+13 since last match, 13 avg insns/match",
      "0x4000d4, 'add w0, w0, #1', 1 hits, 2 match hits, Δ+3 since last match, 8 avg insns/match",
      "0x4000c8, 'add w0, w1, w0', 2 hits, 3 match hits, Δ+9 since last match, 8 avg insns/match",
    ]);
  });

  it.each(['printfPie', 'neonStrings', 'atomics', 'unaligned', 'addressing', 'vectors'])('execlog of %s', (name) => {
    const [library, theirs] = [join(folder, 'insnlog.so'), join(folder, 'theirs')];
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-fvisibility=hidden', '-o', library, join(import.meta.dirname, 'insnlog.c')]);
    const program = programs.get(name) as string;
    spawnSync('qemu-aarch64', ['-cpu', 'cortex-a57', '-seed', '1', '-plugin', `${library},out=${theirs}`, program], { env: {} });
    expect(withPlugins(['execlog'], program).log).toBe(readFileSync(theirs, 'utf8'));
  });

  it('execlog shows the changes of registers as QEMU 9 does, and filters', () => {
    const registers = linesOf(withPlugins(['execlog,reg=x*,reg=sp', 'stoptrigger,icount=100']).log);
    expect(registers[0]).toBe('0, 0x4000fc, 0x97ffffed, "bl #0x4000b0", x30 -> 0x0000000000400100');
    expect(registers[1]).toMatch(/^0, 0x4000b0, 0xd10043ff, "sub sp, sp, #0x10", sp -> 0x[0-9a-f]{16}$/);
    // A load of what the register has already changes nothing.
    expect(registers[5]).toMatch(/^0, 0x4000dc, 0xb9400fe1, "ldr w1, \[sp, #0xc\]", load, 0x[0-9a-f]+$/);
    const filtered = linesOf(withPlugins(['execlog,ifilter=add', 'stoptrigger,icount=1000']).log.trimEnd());
    expect(filtered.length).toBe(166);
    expect(filtered.every((line) => line.includes('"add '))).toBe(true);
  });
});

describe('plugins of newer versions of QEMU, and of everystep', () => {
  it('bbv writes vectors of all blocks that ran in an interval', () => {
    const outfile = join(folder, 'bbv');
    withPlugins([`bbv,outfile=${outfile},interval=3000000`], SUM, 'plugin,nochain');
    expect(readFileSync(`${outfile}.0.bb`, 'latin1')).toBe('T:1:1 :2:4 :3:5 :4:3000000 \nT:4:3000000 \nT:4:3000000 \nT:4:3000000 \n');
  });

  it('cflow tells where branches went', () => {
    const { log } = withPlugins(['cflow,limit=1'], SUM, 'plugin,nochain');
    expect(log).toBe(
      'collected 22 control flow nodes in the hash table\n  addr: 0x4000ec main: b.le #0x4000c0 (branch)\n    branches 1000000\n      to 0x4000c0 (1000000)\n',
    );
    const rows = withPlugins(['cflow,sort=exceptions,limit=1'], programs.get('qsort') as string).log;
    expect(rows.split('\n').filter((line) => line.startsWith('      to ')).length).toBeGreaterThan(3);
  });

  it('mem shows accesses and regions as QEMU 9.2 does', () => {
    const lines = linesOf(withPlugins(['mem,print-accesses=on', 'stoptrigger,icount=10']).log);
    expect(lines[0]).toBe('insn_vaddr,insn_symbol,mem_vaddr,mem_hwaddr,access_size,access_type,mem_value');
    expect(lines[1]).toMatch(/^0x4000b4,main,0x55[0-9a-f]+,0x0,32,store,0x00000000$/);
    const regions = withPlugins(['mem,region-summary=on'], programs.get('qsort') as string)
      .log.trimEnd()
      .split('\n');
    const table = regions.slice(regions.indexOf('Region Base, Reads, Writes, Seen all') + 1);
    expect(table.length).toBeGreaterThan(2);
    for (const row of table) expect(row).toMatch(/^0x[0-9a-f]{16}, \d+, \d+, (true|false)$/);
    expect(regions.filter((line) => line.startsWith('Warning: ')).length).toBe(table.filter((row) => row.endsWith('false')).length);
  });

  it('syscall shows what is written', () => {
    const { log } = withPlugins(['syscall,log_writes=on'], programs.get('printf') as string);
    expect(log).toMatch(/^([0-9a-f]{2} ){16} \| \S{16}\n/m);
  });

  it.each([
    ['static', 1],
    ['taken', 1],
    ['bimodal', 2],
  ])('branch guesses the loop of examples/sum (%s)', (model, missed) => {
    const [first, , row] = withPlugins([`branch,model=${model}`]).log.split('\n');
    expect(first).toBe(`${model}, 12 bits: 1000001 conditional branches, ${missed} mispredicted (0.00%)`);
    expect(row).toBe(`0x4000ec (main), 1000001, 100.00%, ${missed}, 0.00%, b.le #0x4000c0`);
  });

  it('ips changes nothing but the time', () => {
    expect(withPlugins(['ips,ips=100M', 'insn,inline=on']).log).toBe('insns: 12000015\n');
  });
});

describe('a plugin', () => {
  it('ends the run with a status where it wants to', () => {
    expect(withPlugins(['stoptrigger,icount=1000:7', 'insn,inline=on'])).toMatchObject({
      status: 7,
      log: 'icount reached at 0x4000d8, exiting\ninsns: 1000\n',
    });
    expect(withPlugins(['stoptrigger,addr=0x4000f0:9']).status).toBe(9);
  });

  it('of a file sees values and writes registers', () => {
    const file = pluginFile(
      'writer',
      `api.onBlock(({ insns }) => { for (const insn of insns) {
         if (insn.disassembly.startsWith('cmp w1')) insn.onExec(() => { if (api.readRegister('x1') === 5n) api.writeRegister('x1', 0x7fffffffn); });
         if (insn.pc === 0x4000c8) insn.onAccess('rw', () => api.output('never'));
         if (insn.pc === 0x4000d8) insn.onAccess('w', (_, { value }) => api.output(value + ' '));
       } });`,
    );
    expect(withPlugins([file])).toMatchObject({ status: 0, log: '1 2 3 4 5 ', stderr: '' });
  });

  it('that throws is named and switched off; the program and other plugins go on', () => {
    const file = pluginFile('broken', "api.onBlock(({ insns }) => { for (const insn of insns) insn.onExec(() => { throw new RangeError('too far'); }); });");
    const { status, log, stderr } = withPlugins([file, 'insn,inline=on']);
    expect({ status, log }).toEqual({ status: 0, log: 'insns: 12000015\n' });
    expect(stderr).toMatch(/^everystep: plugin 'broken' failed in onExec and is switched off: RangeError: too far \(at file:.*broken\.mjs:1:\d+\)\n$/);
  });

  it("that cannot be used is the user's mistake", () => {
    const stderr = (plugin: string): string => {
      const { status, stderr } = everystep.run(['run', '-plugin', plugin, SUM]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(stderr('insn,colour=red')).toBe("everystep: plugin insn has no argument 'colour': there are inline, sizes, match\n");
    expect(stderr('bb,inline=maybe')).toBe('everystep: plugin bb: inline=maybe: give on or off\n');
    expect(stderr('stoptrigger')).toBe('everystep: plugin stoptrigger: give icount=NUMBER or addr=ADDRESS\n');
    expect(stderr('stoptrigger,icount=x')).toBe("everystep: plugin stoptrigger: 'x' is not number[:status]\n");
    expect(stderr('ips,ips=5')).toBe('everystep: plugin ips: ips=5: give a number of instructions from 10 on, as 500k, 100m or 1g\n');
    expect(stderr('./missing.mjs')).toBe('everystep: -plugin ./missing.mjs: there is no such file\n');
    expect(stderr('nonsense')).toMatch(/there is no such plugin \(-plugin help lists them\)/);
    const file = join(folder, 'old.mjs');
    writeFileSync(file, "export default { apiVersion: 99, name: 'old', install() {} };");
    expect(stderr(file)).toBe("everystep: plugin 'old' was written for version 99 of the plugin API; this is version 1\n");
    writeFileSync(file, "export default { name: 'none', install() {} };");
    expect(stderr(file)).toMatch(/ is no plugin: its default export needs apiVersion, name and install \(docs\/plugins\.md\)\n$/);
    writeFileSync(file, 'export default {\n  name: 1 +\n');
    expect(stderr(file)).toMatch(/^everystep: -plugin \S+: SyntaxError: Unexpected end of input \(line 3\)\n$/);
  });

  it('may be TypeScript, as it is where Node runs that', () => {
    const file = 'examples/plugins/first.ts';
    const runsIt = 'typescript' in process.features && process.features.typescript !== false;
    if (!runsIt) {
      expect(everystep.run(['run', '-plugin', file, SUM]).stderr).toMatch(
        /first\.ts: Node v\S+ runs no TypeScript \(22\.18 does\): npx esbuild \S+first\.ts --outfile=/,
      );
      execFileSync(join(import.meta.dirname, '../../node_modules/.bin/esbuild'), [file, `--outfile=${join(folder, 'first.mjs')}`, '--log-level=error']);
    }
    expect(withPlugins([runsIt ? file : join(folder, 'first.mjs')]).log).toBe('12000015 instructions\n');
  });

  it('is told of threads, system calls and their results in order', () => {
    const file = pluginFile(
      'order',
      `const seen = [];
       api.onThreadStart((thread) => seen.push('start ' + thread.index));
       api.onThreadEnd((thread) => seen.push('end ' + thread.index));
       api.onSyscall((_, { name }) => { if (name === 'clone') seen.push('clone'); });
       api.onSyscallReturn((_, { name }) => { if (name === 'clone') seen.push('cloned'); });
       api.atExit(() => api.output(seen.slice(0, 4).join() + '; ends: ' + seen.filter((line) => line.startsWith('end')).length + '\\n'));`,
    );
    expect(withPlugins([file], join(import.meta.dirname, '../../examples/sum/sum')).log).toBe('start 0,end 0; ends: 1\n');
  });
});

describe('the examples of docs/plugins.md', () => {
  it('print what the page says', () => {
    expect(withPlugins(['examples/plugins/skeleton.mjs,top=2']).log).toBe(
      '1000001  0x4000dc  ldr w1, [sp, #0xc]  (main)\n1000000  0x4000c0  ldr w1, [sp, #8]  (main)\n',
    );
    const { log } = withPlugins(['execlog,ifilter=str', 'stoptrigger,icount=100']);
    const address = /store, (0x[0-9a-f]+)/.exec(log)?.[1];
    const watched = withPlugins([`examples/plugins/watch.mjs,address=${address}`, 'stoptrigger,icount=100']).log;
    expect(linesOf(watched).slice(0, 2)).toEqual(['0x4000b4  str wzr, [sp, #8]  stores 0x0', '0x4000cc  str w0, [sp, #8]  stores 0x0']);
  });
});
