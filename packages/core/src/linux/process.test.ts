import { describe, expect, it } from 'vitest';
import { UserError } from '../base/index.ts';
import { createAArch64 } from '../guest/index.ts';
import { createProcess } from './createProcess.ts';
import { Errno } from './errno.ts';
import { buildElf } from './testing/buildElf.ts';
import { DATA, SyscallBench } from './testing/syscallBench.ts';
import { TestHost } from './testing/testHost.ts';

const AT_FDCWD = -100;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const structOf = (...values: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer);

describe('files', () => {
  it('are made, written, read, sought and closed', () => {
    const b = new SyscallBench();
    expect(b.call('openat', AT_FDCWD, 'new', 0o102, 0o666)).toBe(3);
    expect(b.call('write', 3, 'hello', 5)).toBe(5);
    expect(b.call('lseek', 3, -3, 1)).toBe(2);
    const buffer = b.room(16);
    expect(b.call('read', 3, buffer, 16)).toBe(3);
    expect(text(b.bytes(buffer, 3))).toBe('llo');
    expect(b.call('pread64', 3, buffer, 2, 1)).toBe(2);
    expect(text(b.bytes(buffer, 2))).toBe('el');
    expect(b.call('pwrite64', 3, 'J', 1, 0)).toBe(1);
    expect(b.call('close', 3)).toBe(0);
    expect(b.call('close', 3)).toBe(-Errno.EBADF);
    expect(b.host.contents('/tmp/new')).toBe('Jello');
    expect(b.host.statPath('/tmp/new' as never, true).mode).toBe(0o100644);
  });

  it('move nothing where memory is not the process’s', () => {
    const b = new SyscallBench();
    b.host.input = Uint8Array.from([1, 2, 3]);
    expect(b.call('read', 0, 0x10, 3)).toBe(-Errno.EFAULT);
    expect(b.host.input.length).toBe(3);
    expect(b.call('write', 1, 2n ** 63n, 3)).toBe(-Errno.EFAULT);
    expect(b.call('openat', AT_FDCWD, 0x10, 0)).toBe(-Errno.EFAULT);
    expect(b.call('write', 0, 'x', 1)).toBe(-Errno.EBADF);
    expect(b.call('read', 1, DATA, 1)).toBe(-Errno.EBADF);
  });

  it('gather and scatter', () => {
    const b = new SyscallBench();
    const parts = b.put(structOf(BigInt(b.put('ab')), 2n, BigInt(b.put('cde')), 3n));
    expect(b.call('writev', 1, parts, 2)).toBe(5);
    expect(b.host.output).toBe('abcde');
    b.host.input = Uint8Array.from([65, 66, 67]);
    const [first, second] = [b.room(2), b.room(8)];
    expect(b.call('readv', 0, b.put(structOf(BigInt(first), 2n, BigInt(second), 8n)), 2)).toBe(3);
    expect(text(b.bytes(first, 2)) + text(b.bytes(second, 1))).toBe('ABC');
  });

  it('share a description between descriptors', () => {
    const b = new SyscallBench();
    b.host.addFile('/tmp/f', 'abcdef');
    expect(b.call('openat', AT_FDCWD, 'f', 0o2000000)).toBe(3);
    expect(b.call('dup', 3)).toBe(4);
    expect(b.call('fcntl', 3, 1030, 10)).toBe(10);
    expect(b.call('dup3', 3, 3, 0)).toBe(-Errno.EINVAL);
    expect([3, 4, 10].map((fd) => b.call('fcntl', fd, 1))).toEqual([1, 0, 1]);
    b.call('lseek', 4, 4, 0);
    expect(b.call('lseek', 10, 0, 1)).toBe(4);
    expect(b.call('close_range', 3, 4, 0)).toBe(0);
    expect(b.call('lseek', 10, 0, 1)).toBe(4);
    expect(b.call('openat', AT_FDCWD, 'f', 0)).toBe(3);
  });

  it('tell their status in the structures of arm64', () => {
    const b = new SyscallBench();
    b.host.addFile('/tmp/f', 'abcdef', 0o640);
    const at = b.room(256);
    expect(b.call('newfstatat', AT_FDCWD, 'f', at, 0)).toBe(0);
    const s = b.view(at, 128);
    expect([s.getUint32(16, true), s.getUint32(20, true), s.getUint32(24, true)]).toEqual([0o100640, 1, 1000]);
    expect([s.getBigInt64(48, true), s.getUint32(56, true), s.getBigInt64(88, true)]).toEqual([6n, 4096, 1600000000n]);
    expect(b.call('statx', AT_FDCWD, 'f', 0, 0xfff, at)).toBe(0);
    const x = b.view(at, 256);
    expect([x.getUint32(0, true), x.getUint16(28, true), x.getBigUint64(40, true)]).toEqual([0xfff, 0o100640, 6n]);
    expect([x.getUint32(136, true), x.getUint32(140, true)]).toEqual([8, 5]);
    expect(b.call('newfstatat', AT_FDCWD, '', at, 0)).toBe(-Errno.ENOENT);
    expect(b.call('newfstatat', 1, '', at, 0x1000)).toBe(0);
    expect(b.call('fstat', 7, at)).toBe(-Errno.EBADF);
    expect(b.call('statfs', '/', at)).toBe(0);
  });

  it('map, privately and shared', () => {
    const b = new SyscallBench();
    b.host.addFile('/tmp/f', 'abcdef');
    b.call('openat', AT_FDCWD, 'f', 2);
    const privately = b.call('mmap', 0, 4096, 3, 2, 3, 0) as number;
    const shared = b.call('mmap', 0, 4096, 3, 1, 3, 0) as number;
    expect(privately).toBe(0x5500802000);
    expect(shared).toBe(0x5500803000);
    expect(text(b.bytes(privately, 8))).toBe('abcdef\0\0');
    b.process.write(privately, Uint8Array.of(88));
    b.process.write(shared + 1, Uint8Array.of(89));
    expect(b.call('munmap', privately, 4096)).toBe(0);
    expect(b.call('close', 3)).toBe(0);
    expect(b.call('exit_group', 0)).toBe('exit 0');
    expect(b.host.contents('/tmp/f')).toBe('aYcdef');
  });
});

describe('paths', () => {
  it('are relative to a directory', () => {
    const b = new SyscallBench();
    expect(b.call('mkdirat', AT_FDCWD, 'd', 0o777)).toBe(0);
    b.host.addFile('/tmp/d/f', '');
    expect(b.call('openat', AT_FDCWD, 'd', 0o40000)).toBe(3);
    expect(b.call('openat', 3, 'f', 0)).toBe(4);
    expect(b.call('openat', 4, 'f', 0)).toBe(-Errno.ENOTDIR);
    expect(b.call('openat', 9, 'f', 0)).toBe(-Errno.EBADF);
    expect(b.call('openat', AT_FDCWD, 'd/f', 0o40000)).toBe(-Errno.ENOTDIR);
    expect(b.call('fchdir', 3)).toBe(0);
    const at = b.room(64);
    expect(b.call('getcwd', at, 64)).toBe(7);
    expect(text(b.bytes(at, 7))).toBe('/tmp/d\0');
    expect(b.call('getcwd', at, 6)).toBe(-Errno.ERANGE);
    expect(b.call('unlinkat', AT_FDCWD, 'f', 0)).toBe(0);
    expect(b.call('chdir', '..')).toBe(0);
    expect(b.call('unlinkat', AT_FDCWD, 'd', 0x200)).toBe(0);
    expect(b.call('chdir', 'd')).toBe(-Errno.ENOENT);
  });

  it('are renamed and linked', () => {
    const b = new SyscallBench();
    b.host.addFile('/tmp/a', 'A');
    b.host.addFile('/tmp/b', 'B');
    expect(b.call('renameat2', AT_FDCWD, 'a', AT_FDCWD, 'b', 1)).toBe(-Errno.EEXIST);
    expect(b.call('renameat', AT_FDCWD, 'a', AT_FDCWD, 'c')).toBe(0);
    expect(b.call('linkat', AT_FDCWD, 'c', AT_FDCWD, 'd', 0)).toBe(0);
    expect(b.call('symlinkat', 'd', AT_FDCWD, 's')).toBe(0);
    const at = b.room(16);
    expect(b.call('readlinkat', AT_FDCWD, 's', at, 16)).toBe(1);
    expect(b.call('openat', AT_FDCWD, 's', 0o100000)).toBe(-Errno.ELOOP);
    expect(b.host.contents('/tmp/s')).toBe('A');
  });

  it('list directories in pieces', () => {
    const b = new SyscallBench();
    b.host.addFile('/tmp/d/one', '');
    b.host.addFile('/tmp/d/two', '');
    b.call('openat', AT_FDCWD, 'd', 0o40000);
    const at = b.room(512);
    expect(b.call('getdents64', 3, at, 10)).toBe(-Errno.EINVAL);
    const names: string[] = [];
    for (let size = b.call('getdents64', 3, at, 60) as number; size > 0; size = b.call('getdents64', 3, at, 60) as number) {
      const v = b.view(at, size);
      for (let i = 0; i < size; i += v.getUint16(i + 16, true)) names.push(`${text(b.bytes(at + i + 19, 3)).split('\0')[0]} ${v.getUint8(i + 18)}`);
    }
    expect(names).toEqual(['. 4', '.. 4', 'one 8', 'two 8']);
    expect(b.call('lseek', 3, 0, 0)).toBe(0);
    expect(b.call('getdents64', 3, at, 512)).toBe(24 + 24 + 24 + 24);
    expect(b.call('read', 3, at, 10)).toBe(-Errno.EISDIR);
  });

  it('name what only the guest’s kernel knows', () => {
    const b = new SyscallBench();
    const at = b.room(4096);
    expect(b.call('readlinkat', AT_FDCWD, '/proc/self/exe', at, 100)).toBe(9);
    expect(text(b.bytes(at, 9))).toBe('/bin/prog');
    expect(b.call('openat', AT_FDCWD, '/proc/self/cmdline', 0)).toBe(3);
    expect(b.call('read', 3, at, 100)).toBe(14);
    expect(text(b.bytes(at, 14))).toBe('prog\0argument\0');
    expect(b.call('openat', AT_FDCWD, '/proc/4242/maps', 0)).toBe(4);
    const length = b.call('read', 4, at, 4096) as number;
    expect(text(b.bytes(at, length))).toMatch(/\n5500001000-5500801000 rw-p 00000000 00:00 0 +\[stack\]\n/);
    expect(b.call('openat', AT_FDCWD, '/proc/self/auxv', 0)).toBe(5);
    b.host.addFile('/tmp/f', 'abc');
    b.call('openat', AT_FDCWD, 'f', 0);
    expect(b.call('openat', AT_FDCWD, '/dev/fd/6', 0)).toBe(7);
    expect(b.call('read', 7, at, 10)).toBe(3);
  });

  it('are looked for in the sysroot first, but for the working directory, and new names are the host’s', () => {
    const b = new SyscallBench({ sysroot: '/root' });
    b.host.addFile('/root/etc/conf', 'guest');
    b.host.addFile('/etc/conf', 'host');
    b.host.addFile('/etc/other', 'host');
    const at = b.room(16);
    b.call('openat', AT_FDCWD, '/etc/conf', 0);
    b.call('openat', AT_FDCWD, '/etc/other', 0);
    expect([3, 4].map((fd) => text(b.bytes(at, b.call('read', fd, at, 16) as number)))).toEqual(['guest', 'host']);
    b.host.addFile('/root/only', '');
    expect(b.call('newfstatat', AT_FDCWD, '/only', at, 0)).toBe(0);
    expect(b.call('faccessat', AT_FDCWD, '/only', 0)).toBe(0);
    expect(b.call('symlinkat', '/etc/conf', AT_FDCWD, '/root/absolute')).toBe(0);
    b.call('openat', AT_FDCWD, '/absolute', 0);
    expect(text(b.bytes(at, b.call('read', 5, at, 16) as number))).toBe('guest');
    expect(b.call('chdir', '/etc')).toBe(0);
    b.call('getcwd', at, 16);
    expect(text(b.bytes(at, 5))).toBe('/etc\0');
    expect(b.call('mkdirat', AT_FDCWD, '/etc/new', 0o777)).toBe(0);
    expect(b.call('unlinkat', AT_FDCWD, '/only', 0)).toBe(0);
    expect(b.call('faccessat', AT_FDCWD, '/root/only', 0)).toBe(-Errno.ENOENT);
  });
});

describe('memory', () => {
  it('grows and shrinks at the break', () => {
    const b = new SyscallBench();
    const start = b.call('brk', 0) as number;
    expect(start).toBe(0x401000);
    expect(b.call('brk', start + 100)).toBe(start + 100);
    b.process.write(start + 99, Uint8Array.of(1));
    expect(b.call('brk', start - 1)).toBe(start + 100);
  });

  it('is mapped, protected, moved and dropped', () => {
    const b = new SyscallBench();
    const first = b.call('mmap', 0, 5000, 3, 0x22, -1, 0) as number;
    expect(b.call('mmap', 0, 100, 3, 0x22, -1, 0)).toBe(first + 8192);
    expect(b.call('mprotect', first, 4096, 1)).toBe(0);
    expect(b.call('read', 0, first, 1)).toBe(-Errno.EFAULT);
    expect(b.call('mprotect', first, 4096, 0x40)).toBe(-Errno.EINVAL);
    expect(b.call('mprotect', first, 4096, 3)).toBe(0);
    b.process.write(first, Uint8Array.of(7));
    const moved = b.call('mremap', first, 8192, 16384, 1) as number;
    expect(moved).toBe(first + 8192 + 4096);
    expect(b.bytes(moved, 2)).toEqual(Uint8Array.of(7, 0));
    expect(b.process.space.isFree(first, 8192)).toBe(true);
    expect(b.call('madvise', moved, 4096, 4)).toBe(0);
    expect(b.bytes(moved, 1)).toEqual(Uint8Array.of(0));
    expect(b.call('mmap', 0x20000001, 4096, 3, 0x32, -1, 0)).toBe(-Errno.EINVAL);
    expect(b.call('mmap', 0x20000000, 4096, 3, 0x32, -1, 0)).toBe(0x20000000);
    expect(b.call('mmap', 0, 4096, 3, 2, 9, 0)).toBe(-Errno.EBADF);
    expect(b.call('munmap', moved, 0)).toBe(-Errno.EINVAL);
  });
});

describe('pipes and polling', () => {
  it('carry bytes, end with the writer, and break with the reader', () => {
    const b = new SyscallBench();
    const fds = b.room(8);
    expect(b.call('pipe2', fds, 0)).toBe(0);
    expect([...b.bytes(fds, 8)]).toEqual([3, 0, 0, 0, 4, 0, 0, 0]);
    expect(b.call('write', 4, 'abc', 3)).toBe(3);
    const at = b.room(8);
    const poll = b.put(new Uint8Array(Uint32Array.of(3, 1, 4, 4, 9, 1).buffer));
    expect(b.call('ppoll', poll, 3, b.put(structOf(0n, 0n)), 0, 8)).toBe(3);
    expect([b.view(poll + 6, 2), b.view(poll + 14, 2), b.view(poll + 22, 2)].map((v) => v.getInt16(0, true))).toEqual([1, 4, 0x20]);
    expect(b.call('read', 3, at, 8)).toBe(3);
    expect(b.call('fcntl', 3, 4, 0o4000)).toBe(0);
    expect(b.call('read', 3, at, 8)).toBe(-Errno.EAGAIN);
    expect(b.call('close', 4)).toBe(0);
    expect(b.call('read', 3, at, 8)).toBe(0);
  });

  it('ends the process that writes to a broken pipe with SIGPIPE', () => {
    const b = new SyscallBench();
    b.call('pipe2', b.room(8), 0);
    b.call('close', 3);
    expect(b.call('write', 4, 'abc', 3)).toBe('exit 141');
    expect(b.process.termination).toEqual({ kind: 'signal', signal: 13 });
    expect(b.log).toContain(' = -1 errno=32 (Broken pipe)\n--- SIGPIPE {si_signo=SIGPIPE, si_code=SI_USER, si_pid=4242, si_uid=1000} ---\n');
  });

  it('wait as long as asked', () => {
    const b = new SyscallBench();
    expect(b.call('pselect6', 1, b.put(structOf(1n)), 0, 0, b.put(structOf(2n, 0n)), 0)).toBe(0);
    expect(b.host.slept).toBeGreaterThan(1_900_000_000n);
    expect(b.call('nanosleep', b.put(structOf(1n, 5n)), 0)).toBe(0);
    expect(b.call('nanosleep', b.put(structOf(1n, -5n)), 0)).toBe(-Errno.EINVAL);
  });
});

describe('signals', () => {
  it('end the process, unless they are blocked or ignored', () => {
    const b = new SyscallBench();
    expect(b.call('rt_sigaction', 2, b.put(structOf(1n, 0n, 0n, 0n)), 0, 8)).toBe(0);
    expect(b.call('kill', 4242, 2)).toBe(0);
    const mask = b.put(structOf(1n << 14n));
    expect(b.call('rt_sigprocmask', 0, mask, 0, 8)).toBe(0);
    expect(b.call('tgkill', 4242, 4242, 15)).toBe(0);
    const pending = b.room(8);
    expect(b.call('rt_sigpending', pending, 8)).toBe(0);
    expect(b.bytes(pending, 8)).toEqual(structOf(1n << 14n));
    expect(b.call('rt_sigprocmask', 1, mask, 0, 8)).toBe('exit 143');
    expect(b.process.termination).toEqual({ kind: 'signal', signal: 15 });
  });

  it('come from failing instructions', () => {
    const b = new SyscallBench();
    b.kernel.fault(b.kernel.current, { kind: 'fault', signal: 11, code: 2, address: 0x420078n, pc: 0x400000, text: 'no page' });
    expect(b.process.termination).toEqual({ kind: 'signal', signal: 11 });
    expect(b.log).toBe('--- SIGSEGV {si_signo=SIGSEGV, si_code=2, si_addr=0x0000000000420078} ---\n');
  });

  it('go to other processes through the host', () => {
    const b = new SyscallBench();
    expect(b.call('kill', 77, 10)).toBe(0);
    expect(b.call('kill', 1, 10)).toBe(-Errno.EPERM);
    expect(b.host.kills).toEqual([[77, 10]]);
    expect(b.call('rt_sigaction', 9, b.put(structOf(1n, 0n, 0n, 0n)), 0, 8)).toBe(-Errno.EINVAL);
  });
});

describe('the process', () => {
  it('knows who and where it is', () => {
    const b = new SyscallBench({ release: '5.10' });
    expect(['getpid', 'gettid', 'getppid', 'getuid', 'getegid'].map((name) => b.call(name))).toEqual([4242, 4242, 4241, 1000, 1000]);
    const at = b.room(512);
    expect(b.call('getgroups', 0, 0)).toBe(3);
    expect(b.call('uname', at)).toBe(0);
    expect([0, 1, 2, 3, 4].map((i) => text(b.bytes(at + 65 * i, 16)).split('\0')[0])).toEqual(['Linux', 'memory', '5.10', '#1', 'aarch64']);
    expect(b.call('sysinfo', at)).toBe(0);
    expect(b.view(at, 112).getBigUint64(32, true)).toBe(2n ** 33n);
    expect(b.call('prlimit64', 0, 3, 0, at)).toBe(0);
    expect(b.bytes(at, 16)).toEqual(structOf(8388608n, -1n));
    expect(b.call('getrusage', 0, at)).toBe(0);
    expect(b.bytes(at, 32)).toEqual(structOf(2n, 500000n, 0n, 250000n));
    expect(b.call('setuid', 0)).toBe(-Errno.EPERM);
    expect(b.call('sched_getaffinity', 0, 8, at)).toBe(8);
  });

  it('tells the time', () => {
    const b = new SyscallBench();
    const at = b.room(16);
    expect(b.call('clock_gettime', 0, at)).toBe(0);
    expect(b.view(at, 16).getBigInt64(0, true)).toBe(1600000000n);
    expect(b.call('clock_gettime', 2, at)).toBe(0);
    expect(b.bytes(at, 16)).toEqual(structOf(2n, 750000000n));
    expect(b.call('clock_gettime', 99, at)).toBe(-Errno.EINVAL);
  });

  it('has random numbers that a seed reproduces', () => {
    const at = DATA + 0x8000;
    const b = new SyscallBench({ seed: 1n });
    const drawn = [b, new SyscallBench({ seed: 1n }), new SyscallBench({ seed: 2n })].map((bench) => {
      expect(bench.call('getrandom', at, 8, 0)).toBe(8);
      return bench.view(at, 8).getBigUint64(0, true);
    });
    expect(drawn[1]).toBe(drawn[0]);
    expect(drawn[2]).not.toBe(drawn[0]);
    const unseeded = new SyscallBench();
    unseeded.call('getrandom', at, 2, 0);
    expect([...unseeded.bytes(at, 2)]).toEqual([0x5a, 0x5a]);
  });

  it('ends with its status', () => {
    const b = new SyscallBench();
    expect(b.call('exit_group', 300)).toBe('exit 44');
    expect(b.process.termination).toEqual({ kind: 'exit', status: 44 });
    expect(b.log).toBe('4242 exit_group(300)\n');
  });

  it('answers unknown calls with ENOSYS, and logs them', () => {
    const b = new SyscallBench();
    expect(b.call('nothing')).toBe(-Errno.ENOSYS);
    expect(b.call('rseq', 1, 2, 3, 4)).toBe(-Errno.ENOSYS);
    expect(b.call('ioctl', 0, 0x1234, 0)).toBe(-Errno.ENOSYS);
    expect(b.log).toBe(
      '4242 Unknown syscall 9999\nUnsupported syscall: 9999\n4242 Unknown syscall 293\nUnsupported syscall: 293\n' +
        '4242 ioctl(0,0x1234,0)Unsupported ioctl: cmd=0x1234\n = -1 errno=38 (Function not implemented)\n',
    );
  });

  it('reads and sets a terminal', () => {
    const b = new SyscallBench();
    const at = b.room(64);
    expect(b.call('ioctl', 1, 0x5401, at)).toBe(-Errno.ENOTTY);
    const characters = Uint8Array.from({ length: 19 }, (_, i) => i + 1);
    b.host.terminal = { inputFlags: 0x500, outputFlags: 5, controlFlags: 0xbf, localFlags: 0x8a3b, controlCharacters: characters };
    expect(b.call('ioctl', 1, 0x5401, at)).toBe(0);
    expect(b.log).toContain('0 ({c_iflag = ICRNL|IXON,c_oflag = OPOST|ONLCR,c_cflag = B38400,CS8,CREAD,c_lflag = ISIG|ICANON|ECHO|ECHOE|ECHOK|');
    b.process.write(at + 12, Uint8Array.of(0, 0, 0, 0));
    expect(b.call('ioctl', 1, 0x5403, at)).toBe(0);
    expect(b.host.terminal).toMatchObject({ inputFlags: 0x500, localFlags: 0, controlCharacters: characters });
    expect(b.call('ioctl', 1, 0x5413, at)).toBe(0);
    expect(b.view(at, 4).getUint32(0, true)).toBe(24 | (80 << 16));
  });
});

describe('createProcess', () => {
  const host = new TestHost();
  const create = (program: string): unknown => createProcess({ guest: createAArch64(), host, program, argv: [program], environment: [] });

  it('says in one line what is wrong with a program', () => {
    host.addFile('/tmp/text', 'hello');
    host.addFile('/tmp/cut', buildElf({}).slice(0, 4100));
    expect(() => create('nothing')).toThrow(new UserError('nothing: No such file or directory'));
    expect(() => create('/tmp')).toThrow(new UserError('/tmp: is not a regular file'));
    expect(() => create('text')).toThrow(new UserError('text: is not an ELF file'));
    expect(() => create('cut')).toThrow(UserError);
  });
});
