import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { builtPrograms, Debuggee, type Ended, hasGdb, mark, part, runGdb, surroundings } from './session.ts';

const tests = surroundings();
const program = builtPrograms();

/** Runs gdb's commands on a program of which it has a copy. */
function debug(name: string, commands: readonly string[], input = ''): Promise<{ readonly gdb: string; readonly ended: Ended }> {
  return runGdb(new Debuggee(tests.everystep, tests.newSocket(), [program(name)], input), program(name), commands);
}

describe.skipIf(!hasGdb)('gdb', () => {
  it('stops at breakpoints, and shows frames, registers and memory', async () => {
    const { gdb, ended } = await debug('values', [
      mark('start'),
      'info registers x1 sp pc cpsr',
      'break add if y == 1',
      'continue',
      mark('frames'),
      'backtrace',
      'finish',
      mark('vectors'),
      'break fill',
      'continue',
      'next',
      'next',
      'p $v1.b.u[15]',
      'p $v0.s.u',
      'set $v0.d.u[1] = 0x1122334455667788',
      'p/x $v0.q.u',
      mark('changes'),
      'set var pair.a = 0x123456789a',
      'p/x pair',
      'set $x7 = 77',
      'p $x7',
      'x/2xg block',
      'p $tpidr == 0',
      'p add(20, 3)',
      'p global',
      'info auxv',
      mark('end'),
      'delete',
      'continue',
    ]);
    expect(part(gdb, 'start')).toMatch(/pc +0x4[0-9a-f]+ +0x4[0-9a-f]+ <_start>/);
    expect(part(gdb, 'start')).toMatch(/Breakpoint 1, add \(x=2, y=1\) at .*values\.c/);
    expect(part(gdb, 'frames')).toMatch(/#0 +add \(x=2, y=1\)[^\n]*\n#1 +0x[0-9a-f]+ in main \(/);
    expect(part(gdb, 'frames')).toContain('Value returned is $1 = 3');
    expect(part(gdb, 'vectors')).toContain('= 2\n');
    expect(part(gdb, 'vectors')).toContain('= {16843009, 16843009, 16843009, 16843009}\n');
    expect(part(gdb, 'vectors')).toContain('= {0x11223344556677880101010101010101}\n');
    expect(part(gdb, 'changes')).toContain('{a = 0x123456789a, b = 0x5}');
    expect(part(gdb, 'changes')).toMatch(/= 77\n0x[0-9a-f]+ <block>:\s+0x0000000000000006\s+0x0101010101010101\n\$\d+ = 1\n\$\d+ = 23\n\$\d+ = 23\n/);
    expect(part(gdb, 'changes')).toMatch(/AT_PAGESZ +System page size +4096/);
    expect(part(gdb, 'end')).toMatch(/exited with code 04/);
    expect(ended).toEqual({ status: 4, stdout: 'sum 0000000000000004\n', stderr: '' });
  });

  it('stops at accesses of what is watched, behind the instruction that makes them', async () => {
    const { gdb } = await debug(
      'values',
      [
        'break main',
        'continue',
        'delete',
        mark('global'),
        'watch global',
        'continue',
        // The instruction before is the one that stored.
        'x/i $pc - 4',
        'continue',
        'delete',
        mark('local'),
        'break add',
        'continue',
        'watch local',
        'continue',
        'continue',
        'continue',
        'delete',
        mark('read'),
        'rwatch pair.a',
        'continue',
        'x/i $pc - 4',
        'delete',
        mark('access'),
        'awatch pair.b',
        'continue',
        'delete',
        mark('several'),
        'watch *(char *)((char *)block + 31)',
        'continue',
        'x/i $pc - 4',
        'continue',
        'x/i $pc - 4',
        'delete',
        mark('kernel'),
        'watch buffer[3]',
        'continue',
        'delete',
        mark('register'),
        'break print',
        'continue',
        'watch $sp',
        'continue',
        mark('end'),
        'delete',
        'continue',
      ],
      'abcdefgh',
    );
    expect(part(gdb, 'global')).toMatch(/Old value = 1\nNew value = 0\nadd [^\n]*\n[^\n]*\n[^\n]*:\tstr\tw1, \[x0\]/);
    expect(part(gdb, 'global')).toMatch(/Old value = 0\nNew value = 1\n/);
    expect(part(gdb, 'local')).toMatch(/Hardware watchpoint \d+: local/);
    expect(part(gdb, 'local')).toMatch(/New value = 2\n[\s\S]*New value = 3\n[\s\S]*deleted because the program has left the block/);
    expect(part(gdb, 'read')).toMatch(/Hardware read watchpoint \d+: pair.a\n\nValue = 1\n[\s\S]*:\tldr\t/);
    expect(part(gdb, 'access')).toMatch(/Old value = 2\nNew value = 5\n/);
    // The second register of two instructions that store several.
    expect(part(gdb, 'several')).toMatch(/New value = 2 '\\002'\n[\s\S]*:\tst1\t[\s\S]*New value = 0 '\\000'\n[\s\S]*:\tstp\t/);
    expect(part(gdb, 'kernel')).toMatch(/Old value = 0 '\\000'\nNew value = 100 'd'\n/);
    expect(part(gdb, 'register')).toMatch(/^Watchpoint \d+: \$sp\n\nOld value = [^\n]*\nNew value = [^\n]*\n/m);
    expect(part(gdb, 'end')).toContain('exited with code 04');
  });

  it('steps over atomic sequences', async () => {
    const { gdb } = await debug('values', [
      'break bump',
      'continue',
      'display/i $pc',
      'stepi',
      'stepi',
      'stepi',
      'stepi',
      'stepi',
      'stepi',
      'p counter',
      'kill',
    ]);
    const passed = [...gdb.matchAll(/^=> [^\n]*:\t(\w+)/gm)].map(([, mnemonic]) => mnemonic);
    // gdb runs from ldaxr to behind stlxr, where it puts a breakpoint.
    expect(passed.join()).toMatch(/,ldaxr,cbnz,str,/);
    expect(gdb).toMatch(/\$1 = 1\n/);
  });

  it('gets the program and its symbols from everystep', async () => {
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program('values')]);
    const { gdb, ended } = await runGdb(debuggee, undefined, ['break add', 'continue', 'info source', 'detach']);
    expect(gdb).toMatch(/Reading symbols from target:.*\/values\.\.\./);
    expect(gdb).toContain('Breakpoint 1, add (x=0, y=0)');
    expect(gdb).not.toContain('does not support file transfer');
    // Whom gdb leaves runs on.
    expect(ended).toEqual({ status: 4, stdout: 'sum 0000000000000004\n', stderr: '' });
  });

  it('sees threads, each where it is, and signals', async () => {
    const { gdb, ended } = await debug('threads', [
      'break work',
      'continue',
      mark('threads'),
      'info threads',
      'thread apply 1 backtrace',
      // The others run while this one waits.
      'next',
      'next',
      'delete',
      mark('watch'),
      'watch shared',
      'continue',
      'continue',
      'delete',
      mark('signals'),
      'continue',
      'p $_siginfo.si_signo',
      'signal 0',
      mark('handled'),
      'handle SIGUSR1 nostop noprint pass',
      'continue',
    ]);
    expect(part(gdb, 'threads')).toMatch(/1 +Thread [^\n]*"threads" \(waits in futex\)/);
    expect(part(gdb, 'threads')).toMatch(/\* 2 +Thread [^\n]* work \(argument=0x1\)/);
    expect(part(gdb, 'threads')).toMatch(/in pthread_barrier_wait[\s\S]*in main \(/);
    expect(part(gdb, 'watch')).toMatch(/Old value = 0\nNew value = [12]\n[\s\S]*New value = 3\n/);
    expect(part(gdb, 'signals')).toMatch(/received signal SIGUSR1[\s\S]*\$1 = 10\n[\s\S]*received signal SIGUSR1/);
    // One signal was dropped, the other was handled.
    expect(ended).toEqual({ status: 0, stdout: 'shared 1003\n', stderr: '' });
  });

  it('follows forks, and tells of programs that processes become', async () => {
    const { gdb, ended } = await debug('processes', [
      'set detach-on-fork off',
      'set schedule-multiple on',
      'break child',
      'catch vfork',
      'catch exec',
      'continue',
      mark('child'),
      'info inferiors',
      'continue',
      'inferior 1',
      'set schedule-multiple off',
      'set detach-on-fork on',
      mark('parent'),
      'continue',
      mark('fault'),
      'continue',
      'p $_siginfo._sifields._sigfault.si_addr',
      'p $_siginfo.si_signo',
      'continue',
    ]);
    expect(part(gdb, 'child')).toMatch(/\* 2 +process \d+ /);
    expect(part(gdb, 'child')).toContain('exited with code 07');
    expect(part(gdb, 'parent')).toContain('vforked process');
    expect(part(gdb, 'fault')).toMatch(/received signal SIGSEGV[\s\S]*= \(void \*\) 0x0\n[\s\S]*= 11\n[\s\S]*terminated with signal SIGSEGV/);
    expect(ended).toMatchObject({ status: 139, stdout: 'child 7\nprogram 3\n' });
  });

  it('stops at system calls', async () => {
    const { gdb } = await debug('values', ['catch syscall write', 'continue', 'p $x0', 'continue', 'p $x0', 'delete', 'continue']);
    expect(gdb).toMatch(/call to syscall write[\s\S]*\$1 = 1\n[\s\S]*returned from syscall write[\s\S]*\$2 = 21\n/);
  });

  it('interrupts a program that runs, and one that waits', async () => {
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program('spin')]);
    await debuggee.ready();
    const client = await Client.connect(debuggee.socket);
    await client.ask('qSupported:swbreak+');
    for (let i = 0; i < 3; i++) {
      client.write('$vCont;c#a8');
      await client.until(/\+/);
      await sleep(50);
      client.write('\x03');
      expect(await client.reply()).toMatch(/^T02thread:/);
    }
    // Before everystep has begun to run it: an editor's user, or its command for that, may be quick.
    for (let i = 0; i < 20; i++) {
      client.write('$vCont;c#a8\x03');
      expect(await client.reply()).toMatch(/^T02thread:/);
    }
    // One that came while it stood still is none.
    client.write('\x03$vCont;c#a8');
    const reply = client.reply();
    expect(await Promise.race([reply, sleep(100, 'it runs')])).toBe('it runs');
    client.write('\x03');
    expect(await reply).toMatch(/^T02thread:/);
    expect(await client.ask('k').catch(() => 'gone')).toBe('gone');
    expect((await debuggee.ended).status).toBe(137);
  });

  it('lets the program run on when gdb is gone', async () => {
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program('values')]);
    await debuggee.ready();
    const client = await Client.connect(debuggee.socket);
    await client.ask('?');
    client.close();
    expect(await debuggee.ended).toEqual({ status: 4, stdout: 'sum 0000000000000004\n', stderr: '' });
  });

  it('can be reached by a port, which is told', async () => {
    const running = spawn(process.execPath, [tests.everystep.path, 'gdb', '-g', '0', program('values')], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [line] = (await once(running.stderr, 'data')) as [Buffer];
    const [, port] = /^everystep: waiting for gdb: gdb-multiarch -ex 'target remote :(\d+)' /.exec(line.toString()) ?? [];
    const taken = tests.everystep.run(['run', '-g', port, program('values')]);
    expect(taken).toEqual({ status: 2, stdout: '', stderr: `everystep: cannot wait for gdb at :${port}: it is in use: choose another one\n` });
    const client = await Client.connect({ host: 'localhost', port: Number(port) });
    expect(await client.ask('?')).toMatch(/^T05thread:/);
    client.write('$D#44');
    await once(running, 'close');
    expect(running.exitCode).toBe(4);
  });

  it.each([
    [['run', '-g', '70000', 'x'], "-g: '70000' is no port: give one from 0 to 65535, address:port, or the path of a socket"],
    [['gdb'], 'no program given (everystep gdb -h shows how)'],
    [['run', '-g', '/nowhere/socket', 'x'], 'cannot wait for gdb at /nowhere/socket: '],
    [['run', '-g', '0', '-plugin', 'insn', 'x'], '-plugin: a program that gdb debugs (-g) runs without plugins: leave one of them out'],
  ])('%s is a mistake', (args, message) => {
    const { status, stdout, stderr } = tests.everystep.run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]*\n$/);
    expect(stderr.startsWith(`everystep: ${message}`)).toBe(true);
  });

  it('helps', async () => {
    const { gdb } = await debug('values', ['monitor help', 'stepi', 'stepi', 'monitor when', 'monitor nothing', 'kill']);
    expect(gdb).toMatch(/monitor when +show how many/);
    expect(gdb).toContain('watch -l');
    expect(gdb).not.toContain('find-write');
    expect(gdb).toContain('step 2\n');
    expect(gdb).toContain("There is no monitor command 'nothing'");
  });
});
