import { expect, it } from 'vitest';
import { ascii } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { TestHost } from '../testing/testHost.ts';
import { Sysroot } from './sysroot.ts';
import { type WalkRules, walk } from './walk.ts';

function host(): TestHost {
  const made = new TestHost();
  made.addFile('/r/a/f', '');
  made.symbolicLink(ascii('/a/f'), ascii('/r/absolute'));
  made.symbolicLink(ascii('../a/f'), ascii('/r/a/around'));
  made.symbolicLink(ascii('loop'), ascii('/r/loop'));
  return made;
}

const STAY: WalkRules = { follow: true, beyond: 'stay' };

function failure(operation: () => unknown): number {
  try {
    operation();
  } catch (error) {
    if (error instanceof LinuxError) return error.errno;
    throw error;
  }
  return 0;
}

it('keeps below its top', () => {
  const h = host();
  const from = (path: string, rules = STAY): string => walk(h, ascii('/r'), [], ascii(path), rules);
  expect(from('../../a/f')).toBe('/r/a/f');
  expect(from('absolute')).toBe('/r/a/f');
  expect(from('a/around')).toBe('/r/a/f');
  expect(from('absolute', { ...STAY, follow: false })).toBe('/r/absolute');
  expect(from('a/new')).toBe('/r/a/new');
  expect(from('.')).toBe('/r');
});

it('refuses what leads out, links, and what is no directory', () => {
  const h = host();
  const fails = (path: string, rules: WalkRules): number => failure(() => walk(h, ascii('/r'), [], ascii(path), rules));
  expect(fails('../x', { follow: true, beyond: 'refuse' })).toBe(Errno.EXDEV);
  expect(fails('absolute', { follow: true, beyond: 'refuse' })).toBe(Errno.EXDEV);
  expect(fails('a/around', { follow: true, beyond: 'refuse' })).toBe(0);
  expect(fails('a/around', { ...STAY, noLinks: true })).toBe(Errno.ELOOP);
  expect(fails('loop', STAY)).toBe(Errno.ELOOP);
  expect(fails('a/f/x', STAY)).toBe(Errno.ENOTDIR);
  expect(fails('b/f', STAY)).toBe(Errno.ENOENT);
});

it('finds what the sysroot has, by way of absolute links in it, too', () => {
  const h = host();
  h.addFile('/etc/alternative', '');
  h.addFile('/r/usr/bin/tool', '');
  h.symbolicLink(ascii('/usr/bin'), ascii('/r/bin'));
  h.symbolicLink(ascii('/etc/alternative'), ascii('/r/usr/bin/other'));
  h.symbolicLink(ascii('/nowhere'), ascii('/r/usr/bin/none'));
  const root = new Sysroot(h, ascii('/r'));
  expect(root.find(ascii('/a/f'), true)).toBe('/r/a/f');
  expect(root.find(ascii('/absolute'), true)).toBe('/r/a/f');
  expect(root.find(ascii('/absolute'), false)).toBe('/r/absolute');
  expect(root.find(ascii('/bin/tool'), true)).toBe('/r/usr/bin/tool');
  expect(root.find(ascii('/bin/other'), true)).toBe('/etc/alternative');
  expect(root.find(ascii('/bin/none'), true)).toBeUndefined();
  expect(root.find(ascii('/bin/none'), false)).toBe('/r/usr/bin/none');
  expect(root.find(ascii('/bin/missing'), true)).toBeUndefined();
  expect(root.find(ascii('/etc/alternative'), true)).toBeUndefined();
});
