import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtPrograms, Debuggee, hasGdb, mark, part, runGdb, surroundings } from './session.ts';

const tests = surroundings();
const programOf = builtPrograms();
const recorded = new Set<string>();

/** Runs gdb's commands on a recording of a program. @returns what gdb printed */
async function debug(name: string, commands: readonly string[]): Promise<string> {
  const { everystep } = tests;
  const program = programOf(name);
  const recording = join(tests.folder, name);
  if (!recorded.has(name)) everystep.run(['record', '-o', recording, program]);
  recorded.add(name);
  const { gdb, ended } = await runGdb(new Debuggee(everystep, tests.newSocket(), [recording], '', 'gdb'), program, commands);
  expect(ended).toMatchObject({ status: 0, stdout: '', stderr: expect.stringMatching(/^everystep: waiting for gdb: [^\n]*\n$/) });
  return gdb;
}

describe.skipIf(!hasGdb)('a recording', () => {
  it('goes backwards: steps, breakpoints, watchpoints, and to any step', async () => {
    const gdb = await debug('values', [
      ...['break bump', 'continue', mark('there'), 'p global', 'watch global', 'reverse-continue', mark('written'), 'p local', 'backtrace'],
      ...['reverse-continue', mark('again'), 'p local', 'reverse-finish', mark('caller'), 'p sum', 'delete', 'continue', mark('end'), 'monitor when'],
      ...['monitor goto 0', 'maintenance flush register-cache', mark('begin'), 'info registers pc', 'p $pc == (long)&_start', 'stepi', 'monitor when'],
      ...['reverse-stepi', 'reverse-stepi', mark('before'), 'monitor when', 'set var counter = 7', mark('unchanged'), 'p counter'],
    ]);
    expect(part(gdb, 'there')).toContain('$1 = 3');
    expect(part(gdb, 'written')).toMatch(/= 3\n.*#0 .*add.*\n#1 .*main/s);
    expect(part(gdb, 'again')).toContain('= 1');
    expect(part(gdb, 'caller')).toMatch(/= \d/);
    expect(part(gdb, 'end')).toMatch(/step \d+/);
    expect(part(gdb, 'begin')).toMatch(/= 1\n.*step 1\n/s);
    expect(part(gdb, 'before')).toContain('step 0');
    expect(part(gdb, 'unchanged')).toMatch(/= 0/);
  });

  it('stops at accesses, both ways, with the instruction that makes them done or undone', async () => {
    const gdb = await debug('values', [
      ...['rwatch pair.a', 'continue', mark('read'), 'x/i $pc - 4', 'continue', 'reverse-continue', mark('unread'), 'x/i $pc', 'delete'],
      ...['awatch pair.b', 'continue', mark('written'), 'x/i $pc - 4', 'continue', 'reverse-continue', mark('unwritten'), 'x/i $pc', 'delete'],
      ...['break print', 'continue', 'watch $sp', mark('software'), 'continue', 'reverse-continue', mark('end')],
    ]);
    expect(gdb).toMatch(/Hardware read watchpoint \d+: pair.a\n\nValue = 1\n/);
    expect(part(gdb, 'read')).toMatch(/:\tldr\t/);
    expect(part(gdb, 'unread')).toMatch(/:\tldr\t/);
    expect(part(gdb, 'read')).toMatch(/Hardware read watchpoint \d+: pair.a\n\nValue = 1\n/);
    expect(part(gdb, 'unread')).toMatch(/Old value = 2\nNew value = 5\n/);
    expect(part(gdb, 'written')).toMatch(/:\tstr\t.*Old value = 5\nNew value = 2\n/s);
    expect(part(gdb, 'unwritten')).toMatch(/:\tstr\t/);
    const [, before, behind] = /Old value = (.*)\nNew value = (.*)\n/.exec(part(gdb, 'software')) ?? [];
    expect(part(gdb, 'software')).toContain(`Old value = ${behind}\nNew value = ${before}\n`);
  });

  it('steps over atomic sequences, and back through them', async () => {
    const gdb = await debug('values', [
      'break bump',
      'continue',
      'display/i $pc',
      ...Array(5).fill('stepi'),
      'p counter',
      ...Array(3).fill('reverse-stepi'),
      'p counter',
    ]);
    const passed = [...gdb.matchAll(/^=> [^\n]*:\t(\w+)/gm)].map(([, mnemonic]) => mnemonic);
    expect(passed.join()).toMatch(/,ldaxr,cbnz,str,.*,stlxr$/);
    expect(gdb).toMatch(/\$1 = 1\n.*\$2 = 0\n/s);
  });

  it('stops at signals before threads get them, both ways', async () => {
    const gdb = await debug('threads', [
      ...['continue', mark('first'), 'p $_siginfo.si_signo', 'p shared', 'monitor when'],
      ...['stepi', mark('handler'), 'backtrace 2', 'continue', mark('second'), 'p shared', 'signal 0', mark('end'), 'p shared'],
      ...['reverse-continue', mark('second again'), 'p shared', 'p $_siginfo.si_signo', 'reverse-continue', mark('first again'), 'p shared', 'monitor when'],
      ...['handle SIGUSR1 nostop noprint pass', 'continue', mark('passed'), 'reverse-continue', mark('begin'), 'monitor when'],
    ]);
    expect(gdb).toContain('received signal SIGUSR1');
    expect(part(gdb, 'first')).toMatch(/= 10\n.*= 3\n(step \d+)\n/s);
    expect(part(gdb, 'handler')).toMatch(/#0 .*handler .*\n#1 +<signal handler called>\n.*received signal SIGUSR1/s);
    expect(part(gdb, 'second')).toMatch(/= 1003\n[\s\S]*No more reverse-execution history/);
    expect(part(gdb, 'end')).toMatch(/= 2003\n[\s\S]*received signal SIGUSR1/);
    expect(part(gdb, 'second again')).toMatch(/= 1003\n\$\d+ = 10\n[\s\S]*received signal SIGUSR1/);
    const [step] = /step \d+/.exec(part(gdb, 'first')) ?? [];
    expect(part(gdb, 'first again')).toMatch(/= 3\n/);
    expect(part(gdb, 'first again')).toContain(`${step}\n`);
    expect(part(gdb, 'passed')).not.toContain('SIGUSR1');
    expect(part(gdb, 'begin')).toContain('step 0\n');
  });

  it('stops at system calls, both ways', async () => {
    const gdb = await debug('threads', [
      ...['handle SIGUSR1 nostop noprint pass', 'catch syscall write', 'continue', mark('called'), 'x/i $pc', 'p $x0', 'continue', mark('returned'), 'p $x0'],
      ...['reverse-continue', mark('called again'), 'p $x0', 'reverse-continue', mark('begin'), 'monitor when'],
    ]);
    expect(gdb).toContain('(call to syscall write)');
    expect(part(gdb, 'called')).toMatch(/:\tsvc\t.*= 1\n.*returned from syscall write/s);
    expect(part(gdb, 'returned')).toMatch(/= 12\n.*call to syscall write/s);
    expect(part(gdb, 'called again')).toContain('= 1\n');
    expect(part(gdb, 'begin')).toContain('step 0\n');
  });

  it('sees threads, and steps the one that is chosen', async () => {
    const gdb = await debug('threads', [
      ...['break work', 'continue', 'delete', mark('threads'), 'info threads', 'next', 'next', 'next', mark('later'), 'info symbol $pc', 'p $_thread'],
      ...[
        'handle SIGUSR1 nostop noprint pass',
        'continue',
        'watch shared',
        ...Array(4).fill('reverse-continue'),
        mark('back'),
        'info symbol $pc',
        'p $_thread > 1',
      ],
    ]);
    expect(part(gdb, 'threads')).toMatch(/ 1 +Thread .* in .*\n\* 2 +Thread .* work \(argument=0x1\)/);
    expect(part(gdb, 'later')).toMatch(/work \+ .*\n\$\d+ = 2\n/);
    expect([...part(gdb, 'later').matchAll(/^New value = (\d+)$/gm)].map(([, value]) => value).join()).toMatch(/^1003,3,[12],0$/);
    expect(part(gdb, 'back')).toMatch(/^work \+ .*\n\$\d+ = 1\n/);
  });

  it('follows forks: both processes are there, each with its memory', async () => {
    const gdb = await debug('processes', [
      ...['set detach-on-fork off', 'set schedule-multiple on', 'break child', 'continue', mark('child'), 'info inferiors', 'p own', 'backtrace 2'],
      ...['inferior 1', mark('parent'), 'p own', 'info threads', 'backtrace', 'inferior 2', mark('return'), 'finish', 'reverse-step', mark('before'), 'delete'],
      ...['reverse-continue', 'inferior 1', mark('unborn'), 'info threads', 'monitor when', 'reverse-stepi', 'stepi', mark('again'), 'info inferiors'],
    ]);
    expect(part(gdb, 'child')).toMatch(/ 1 +process \d+ .*\n\* 2 +process \d+ .*\n\$\d+ = 2\n#0 +child .*\n#1 .* in main/s);
    expect(part(gdb, 'parent')).toMatch(/= 1\n.* 1\.1 .*\n.* 2\.1 .*in main/s);
    expect(part(gdb, 'return')).toContain('Value returned is $3 = 7');
    expect(part(gdb, 'before')).toMatch(/\[Inferior 2 \(process \d+\) exited normally\]/);
    expect(part(gdb, 'unborn')).not.toContain(' 2.1 ');
    expect(part(gdb, 'again')).toMatch(/ 1 +process \d+ .*\n +3 +process \d+ /);
  });

  it('follows a child to its end, and back to its beginning', async () => {
    const gdb = await debug('processes', [
      ...[
        'catch vfork',
        'continue',
        'set follow-fork-mode child',
        'catch exec',
        'continue',
        mark('program'),
        'info auxv',
        'break main',
        'continue',
        mark('main'),
        'p argc',
      ],
      ...['continue', mark('end'), 'backtrace', 'reverse-continue', mark('main again'), 'p argc', 'reverse-continue', mark('begin'), 'backtrace'],
    ]);
    expect(gdb).toMatch(/hit Catchpoint 2 \(exec'd .*processes\)/);
    expect(part(gdb, 'program')).toMatch(/AT_PAGESZ +System page size +4096/);
    expect(part(gdb, 'main')).toMatch(/= 2\n.*No more reverse-execution history/s);
    expect(part(gdb, 'end')).toMatch(/#0 .* in _exit/);
    expect(part(gdb, 'main again')).toMatch(/= 2\n.*No more reverse-execution history/s);
    expect(part(gdb, 'begin')).toMatch(/#0 .* in vfork/);
  });

  it('stops at the instruction that failed', async () => {
    const gdb = await debug('processes', [
      ...['continue', mark('fault'), 'p $_siginfo._sifields._sigfault.si_addr', 'p $_siginfo.si_signo', 'x/i $pc', 'continue', mark('end'), 'backtrace'],
      ...['reverse-stepi', 'continue', mark('again'), 'p $_siginfo.si_signo'],
    ]);
    expect(gdb).toContain('received signal SIGSEGV');
    expect(part(gdb, 'fault')).toMatch(/= \(void \*\) 0x0\n\$\d+ = 11\n.*:\tstr\t.*No more reverse-execution history/s);
    expect(part(gdb, 'end')).toMatch(/#0 .* main [\s\S]*received signal SIGSEGV/);
    expect(part(gdb, 'again')).toContain('= 11\n');
  });
});
