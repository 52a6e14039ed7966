import { expect, it } from 'vitest';
import { type CodeMapping, CodeMappings } from './codeMappings.ts';

const mapping = (start: number, end: number, path: string): CodeMapping => ({ start, end, offset: 0, path, buildId: '' });

it('tells what is mapped at first, and then what has changed', () => {
  let image = {};
  let pid = 7;
  let now: CodeMapping[] = [mapping(0x1000, 0x3000, '/bin/a'), mapping(0x5000, 0x6000, '/lib/b')];
  let told: string[] = [];
  const mappings = new CodeMappings(
    () => ({ pid, tid: pid, image, program: '/bin/a', mappings: () => now }),
    (event) => told.push(event.kind === 'mapping' ? `${event.pid} ${event.start.toString(16)} ${event.path}` : event.kind),
  );
  const news = (tell: () => void): string[] => {
    told = [];
    tell();
    return told;
  };
  expect(news(() => mappings.tell())).toEqual(['program', '7 1000 /bin/a', '7 5000 /lib/b']);
  expect(news(() => mappings.tell())).toEqual([]);
  expect(news(() => mappings.tellOnce())).toEqual([]);
  now = [mapping(0x1000, 0x2000, '/bin/a'), mapping(0x8000, 0x9000, '/lib/c')];
  expect(news(() => mappings.tell())).toEqual(['7 1000 ', '7 5000 ', '7 1000 /bin/a', '7 8000 /lib/c']);
  pid = 8;
  expect(news(() => mappings.tellOnce())).toEqual(['program', '8 1000 /bin/a', '8 8000 /lib/c']);
  image = {};
  now = [];
  expect(news(() => mappings.tell())).toEqual(['program']);
});
