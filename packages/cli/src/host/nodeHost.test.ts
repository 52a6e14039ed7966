import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ascii, type ByteString, Errno, type HostOpen, LinuxError } from '@everystep/core';
import { afterAll, describe, expect, it } from 'vitest';
import { NodeHost } from './nodeHost.ts';

const host = new NodeHost();
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'everystep-host-')));
const at = (name: string): ByteString => ascii(`${folder}/${name}`);
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const text = (data: Uint8Array): string => Buffer.from(data).toString('latin1');

const READ: HostOpen = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  append: false,
  directory: false,
  noFollow: false,
  nonBlocking: false,
  sync: false,
  pathOnly: false,
  temporary: false,
  mode: 0o644,
};
const CREATE: HostOpen = { ...READ, write: true, create: true };

function errnoOf(operation: () => unknown): number {
  try {
    operation();
  } catch (error) {
    if (error instanceof LinuxError) return error.errno;
    throw error;
  }
  return 0;
}

afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('NodeHost', () => {
  it('reads, writes and seeks with a position of its own', () => {
    const handle = host.open(at('f'), CREATE);
    expect(host.write(handle, bytes('hello world'))).toBe(11);
    expect(host.seek(handle, -5, 2)).toBe(6);
    const buffer = new Uint8Array(20);
    expect(host.read(handle, buffer)).toBe(5);
    expect(text(buffer.subarray(0, 5))).toBe('world');
    expect(host.read(handle, buffer)).toBe(0);
    expect(host.writeAt(handle, bytes('J'), 0)).toBe(1);
    expect(host.seek(handle, 0, 1)).toBe(11);
    expect(host.readAt(handle, buffer, 0)).toBe(11);
    expect(errnoOf(() => host.seek(handle, -1, 0))).toBe(Errno.EINVAL);
    expect(host.readable(handle, 0n)).toBe(-1);
    host.truncate(handle, 3);
    expect(host.stat(handle)).toMatchObject({ size: 3n, links: 1 });
    expect(text(host.readFile(at('f')))).toBe('Jel');
    host.close(handle);
    expect(errnoOf(() => host.read(handle, buffer))).toBe(Errno.EBADF);
  });

  it('takes neither files nor /dev/null for terminals', () => {
    for (const name of [at('g'), ascii('/dev/null')]) {
      const handle = host.open(name, CREATE);
      expect(host.isTerminal(handle)).toBe(false);
      host.close(handle);
    }
  });

  it('appends at the end, whatever the position', () => {
    fs.writeFileSync(at('log'), 'one');
    const handle = host.open(at('log'), { ...CREATE, append: true });
    host.write(handle, bytes('two'));
    expect(host.seek(handle, 0, 1)).toBe(6);
    host.seek(handle, 0, 0);
    host.write(handle, bytes('!'));
    expect(text(host.readFile(at('log')))).toBe('onetwo!');
    host.close(handle);
  });

  it('fails with the numbers of Linux', () => {
    expect(errnoOf(() => host.open(at('nothing'), READ))).toBe(Errno.ENOENT);
    expect(errnoOf(() => host.open(at('f'), { ...READ, directory: true }))).toBe(Errno.ENOTDIR);
    expect(errnoOf(() => host.open(at('f'), { ...CREATE, exclusive: true }))).toBe(Errno.EEXIST);
    expect(errnoOf(() => host.removeDirectory(at('.')))).toBe(Errno.EINVAL);
    expect(errnoOf(() => host.readLink(at('f')))).toBe(Errno.EINVAL);
    expect(errnoOf(() => host.statPath(ascii(`${folder}/${'n'.repeat(300)}`), true))).toBe(Errno.ENAMETOOLONG);
    expect(errnoOf(() => host.kill(999999999, 0))).toBe(Errno.ESRCH);
    expect(errnoOf(() => host.openMode(99999))).toBe(Errno.EBADF);
  });

  it('keeps names that are no UTF-8', () => {
    const name = at('\xff\xfe name');
    host.close(host.open(name, CREATE));
    host.symbolicLink(ascii('\xff'), at('link'));
    expect(text(Buffer.from(host.readLink(at('link')), 'latin1'))).toBe('\xff');
    const names = host.readDirectory(ascii(folder)).map((entry) => entry.name);
    expect(names).toContain('\xff\xfe name');
    host.unlink(name);
  });

  it('lists directories with inodes and types', () => {
    host.makeDirectory(at('d'), 0o755);
    host.close(host.open(at('d/file'), CREATE));
    host.makeDirectory(at('d/sub'), 0o755);
    host.symbolicLink(ascii('file'), at('d/link'));
    const entries = new Map(host.readDirectory(at('d')).map((entry) => [entry.name as string, entry]));
    expect([...entries.keys()].sort()).toEqual(['file', 'link', 'sub']);
    expect(['file', 'sub', 'link'].map((name) => entries.get(name)?.type)).toEqual([8, 4, 10]);
    expect(entries.get('sub')?.inode).toBe(host.statPath(at('d/sub'), false).inode);
    const handle = host.open(at('d'), { ...READ, directory: true });
    expect(host.readDirectory(host.handlePath(handle) as ByteString)).toHaveLength(3);
    expect(host.handleName(handle)).toBe(at('d'));
    host.close(handle);
  });

  it('sets times and modes', () => {
    host.setTimesPath(at('f'), 1_000_000_000_000_000_000n, 1_234_567_890_123_000_000n, true);
    const stat = host.statPath(at('f'), true);
    expect(stat.accessTime).toBe(1_000_000_000_000_000_000n);
    expect(stat.modifyTime / 1_000_000n).toBe(1_234_567_890_123n);
    host.changeModePath(at('f'), 0o600);
    expect(host.statPath(at('f'), true).mode).toBe(0o100600);
  });

  it('knows whether a pipe can be read, without waiting', () => {
    expect(spawnSync('mkfifo', [at('fifo')]).status).toBe(0);
    const handle = host.open(at('fifo'), { ...READ, write: true });
    expect(host.readable(handle, 0n)).toBe(0);
    const begin = host.monotonicTime();
    expect(host.readable(handle, 20_000_000n)).toBe(0);
    expect(host.monotonicTime() - begin).toBeGreaterThanOrEqual(20_000_000n);
    host.write(handle, bytes('abc'));
    expect(host.readable(handle, undefined)).toBe(3);
    const buffer = new Uint8Array(2);
    expect(host.read(handle, buffer)).toBe(2);
    expect(host.readable(handle, 0n)).toBe(1);
    expect(host.read(handle, buffer)).toBe(1);
    host.setNonBlocking(handle, true);
    expect(errnoOf(() => host.read(handle, buffer))).toBe(Errno.EAGAIN);
    expect(errnoOf(() => host.seek(handle, 0, 0))).toBe(Errno.ESPIPE);
    host.close(handle);
  });

  it('gives what it has read ahead, piece by piece, before it reads more', () => {
    expect(spawnSync('mkfifo', [at('ahead')]).status).toBe(0);
    const handle = host.open(at('ahead'), { ...READ, write: true });
    const buffer = new Uint8Array(2);
    for (const text of ['abcd', 'efgh']) {
      host.write(handle, bytes(text));
      expect(host.readable(handle, 0n)).toBe(4);
      host.write(handle, bytes(text.toUpperCase()));
      let read = '';
      for (let i = 0; i < 4; i++) {
        expect(host.read(handle, buffer)).toBe(2);
        read += String.fromCharCode(...buffer);
        expect(host.readable(handle, 0n)).not.toBe(undefined);
      }
      expect(read).toBe(text + text.toUpperCase());
    }
    host.close(handle);
  });

  it('tells times that agree and never go back', () => {
    let last = host.realTime();
    for (let i = 0; i < 2000; i++) {
      const next = host.realTime();
      expect(next >= last).toBe(true);
      last = next;
    }
    expect(Math.abs(Number(last / 1_000_000n) - Date.now())).toBeLessThan(1000);
    const begin = host.monotonicTime();
    host.sleep(3_000_000n);
    expect(host.monotonicTime() - begin).toBeGreaterThanOrEqual(3_000_000n);
  });

  it('tells who runs it, and where', () => {
    expect(host.identity()).toMatchObject({ pid: process.pid, parentPid: process.ppid, uid: process.getuid?.() });
    expect(host.system()).toMatchObject({ nodeName: os.hostname(), release: os.release() });
    expect(host.limits().get(3)).toHaveLength(2);
    expect(host.usage().userTime).toBeGreaterThan(0);
    const before = host.setUmask(0o77);
    expect(host.setUmask(before)).toBe(0o77);
    expect(host.statFileSystem(ascii('/')).blockSize).toBeGreaterThan(0n);
  });

  it.each(['\xff\xfe', 'caf\xc3\xa9', "it's %d \\n $(x)", 'ends with newlines\n\n', '-m', '*'])(
    'makes FIFOs with names that are not UTF-8, or odd: %j',
    (name) => {
      const path = `${folder}/${name}` as ByteString;
      host.makeFifo(path, 0o640);
      expect(host.readDirectory(ascii(folder)).filter(({ type }) => type === 1)).toContainEqual(expect.objectContaining({ name }));
      expect(host.statPath(path, false).mode).toBe(0o10640);
      expect(errnoOf(() => host.makeFifo(path, 0o600))).toBe(Errno.EEXIST);
      host.unlink(path);
    },
  );
});
