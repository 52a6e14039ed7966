import { expect, test } from 'vitest';
import { type ByteString, encodeText, LinuxError } from '../../linux/index.ts';
import { RecordedSystemFiles } from './recordedSystemFiles.ts';

const MAPPED = ['/root/usr/lib/libc.so.6', '/root/usr/lib/libz.so.1.2.13', '/usr/lib/libm.so.6', '/root/usr/lib/libm.so.6'];

test('files are found that the guest had in memory, wherever its root was', () => {
  const asked: string[] = [];
  const readFile = (path: string): Uint8Array | undefined => {
    asked.push(path);
    return path === '/nowhere' ? undefined : Uint8Array.of(1, 2, 3);
  };
  const files = new RecordedSystemFiles('/bin/program' as ByteString, readFile, () => MAPPED);
  const open = (path: string): number => files.open(encodeText(path));
  const numbers = ['/lib/libc.so.6', '/lib/libz.so.1', '/usr/lib/libm.so.6', '/lib/libz.so', '/proc/7/exe', '/etc/passwd'].map(open);
  expect(asked).toEqual([
    '/root/usr/lib/libc.so.6',
    '/root/usr/lib/libz.so.1.2.13',
    '/usr/lib/libm.so.6',
    '/root/usr/lib/libz.so.1.2.13',
    '/bin/program',
    '/etc/passwd',
  ]);
  expect(files.read(numbers[0], 9, 1)).toEqual(Uint8Array.of(2, 3));
  expect(files.stat(numbers[1])).toMatchObject({ size: 3n });
  files.close(numbers[0]);
  expect(() => files.read(numbers[0], 1, 0)).toThrow(LinuxError);
  expect(() => open('/nowhere')).toThrow(LinuxError);
});
