import { expect, test } from 'vitest';
import { EpollFile, EpollFlag } from './epoll.ts';
import { EventFile } from './eventFile.ts';
import { O } from './openFlags.ts';
import { Poll } from './readiness.ts';

const one = new Uint8Array(8);
one[0] = 1;
const counter = (): EventFile => new EventFile(0n, false, O.readWrite | O.nonBlock);

test('by level it tells as long as it is so, by edge once for each change', () => {
  const epoll = new EpollFile();
  const [level, edge] = [counter(), counter()];
  epoll.insert(level, 3, Poll.in, 1n);
  epoll.insert(edge, 4, Poll.in | EpollFlag.edge, 2n);
  expect(epoll.collect(8)).toEqual([]);
  for (const file of [level, edge]) file.write(one);
  expect(epoll.collect(8).map(({ data }) => data)).toEqual([1n, 2n]);
  expect(epoll.collect(8).map(({ data }) => data)).toEqual([1n]);
  edge.write(one);
  level.read(new Uint8Array(8));
  expect(epoll.collect(8).map(({ data }) => data)).toEqual([2n]);
});

test('those that tell once are to be set anew', () => {
  const epoll = new EpollFile();
  const file = counter();
  epoll.insert(file, 3, Poll.in | EpollFlag.oneShot, 1n);
  file.write(one);
  expect(epoll.collect(8)).toHaveLength(1);
  file.write(one);
  expect(epoll.collect(8)).toEqual([]);
  epoll.modify(file, 3, Poll.in, 5n);
  expect(epoll.collect(8)).toEqual([{ events: Poll.in, data: 5n }]);
});

test('a file that is closed is forgotten; an epoll tells another one', () => {
  const [inner, outer] = [new EpollFile(), new EpollFile()];
  const file = counter();
  inner.insert(file, 3, Poll.in, 1n);
  outer.insert(inner, 4, Poll.in, 2n);
  file.write(one);
  expect(outer.collect(8)).toEqual([{ events: Poll.in, data: 2n }]);
  file.release();
  expect(outer.collect(8)).toEqual([]);
  expect(() => inner.insert(outer, 5, Poll.in, 0n)).toThrow('Too many levels');
});
