import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIdOf, ElfFile, ObjectFile, type SymbolHost } from '../../packages/core/src/index.ts';
import { buildPrograms } from '../programs/build.mjs';

const TOOLS = process.env.AARCH64_CC?.replace(/gcc$/, '') ?? 'aarch64-linux-gnu-';
const PROGRAMS = ['inlinedDwarf5', 'inlinedDwarf4', 'inlinedDwarf3', 'inlinedCompressed'];

const host: SymbolHost = {
  readFile: (path) => {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  decompress: (kind, bytes) => (kind === 'zlib' ? inflateSync(bytes) : undefined),
  demangle: (name) => name,
  warn: () => undefined,
};

let folder = '';
let programs = new Map<string, string>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everystep-symbols-'));
  programs = new Map(buildPrograms(join(import.meta.dirname, 'programs'), '.build/symbol-programs').map(({ name, path }) => [name, path]));
});
afterAll(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => programs.get(name) ?? name;
const open = (path: string): ObjectFile => new ObjectFile(path, new ElfFile(readFileSync(path), path), host);
const run = (tool: string, ...args: readonly string[]): string => execFileSync(`${TOOLS}${tool}`, args, { encoding: 'utf8' });

/** Addresses of all instructions of the program's own functions. */
function addressesOf(object: ObjectFile): number[] {
  const own = object.allFunctions.filter(({ name }) => ['twice', 'main'].includes(name));
  expect(own.length).toBe(2);
  return own.flatMap(({ start, end }) => Array.from({ length: (end - start) / 4 }, (_, i) => start + i * 4));
}

describe.each(PROGRAMS)('%s', (name) => {
  it('has the functions, lines and inlined functions that addr2line finds', () => {
    const object = open(pathOf(name));
    const addresses = addressesOf(object);
    const text = run('addr2line', '-i', '-f', '-a', '-e', pathOf(name), ...addresses.map((address) => `0x${address.toString(16)}`));
    const found = text
      .trim()
      .split(/^0x[0-9a-f]+\n/m)
      .slice(1);
    expect(found.length).toBe(addresses.length);
    let inlined = 0;
    found.forEach((answer, i) => {
      const lines = answer.trim().split('\n');
      const functions = lines.filter((_, n) => n % 2 === 0);
      const [, path, line] = /^(.*):(\d+|\?)/.exec(lines[1]) ?? [];
      const address = addresses[i];
      expect([address, object.functionAt(address)?.name]).toEqual([address, functions.at(-1)]);
      expect([address, ...object.inlinedAt(address)]).toEqual([address, ...functions.slice(0, -1).reverse()]);
      expect([address, object.lineAt(address)]).toEqual([address, { path, line: line === '?' ? 0 : Number(line) }]);
      inlined += functions.length - 1;
    });
    expect(inlined).toBeGreaterThan(10);
  });
});

describe('debugging information that has been split off', () => {
  /** A stripped copy of a program, and its debugging information. */
  function split(name: string): { readonly program: string; readonly debug: string } {
    const program = join(folder, name);
    const debug = join(folder, `${name}.debug`);
    copyFileSync(pathOf('inlinedDwarf5'), program);
    run('objcopy', '--only-keep-debug', program, debug);
    run('strip', program);
    return { program, debug };
  }

  it('is missed where it is nowhere', () => {
    const { program, debug } = split('nowhere');
    rmSync(debug);
    const object = open(program);
    expect(object.allFunctions).toEqual([]);
    expect(object.lineAt(new ElfFile(readFileSync(program), program).entry)).toBe(undefined);
  });

  it('is found by .gnu_debuglink, in the folder and in .debug, if its sum is right', () => {
    const { program, debug } = split('linked');
    run('objcopy', `--add-gnu-debuglink=${debug}`, program);
    expect(open(program).lineAt(addressesOf(open(program))[0])?.line).toBeGreaterThan(0);
    mkdirSync(join(folder, '.debug'));
    copyFileSync(debug, join(folder, '.debug/linked.debug'));
    copyFileSync(pathOf('inlinedDwarf4'), debug);
    expect(open(program).lineAt(addressesOf(open(program))[0])?.line).toBeGreaterThan(0);
    rmSync(join(folder, '.debug'), { recursive: true });
    expect(open(program).allFunctions).toEqual([]);
  });

  it('is found by build-id', () => {
    const { program, debug } = split('identified');
    const id = buildIdOf(new ElfFile(readFileSync(program), program));
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    const place = join(folder, 'usr/lib/debug/.build-id', id.slice(0, 2));
    mkdirSync(place, { recursive: true });
    copyFileSync(debug, join(place, `${id.slice(2)}.debug`));
    rmSync(debug);
    expect(open(program).lineAt(addressesOf(open(program))[0])?.line).toBeGreaterThan(0);
  });
});

it('lives with damaged debugging information', () => {
  const path = pathOf('inlinedDwarf5');
  const whole = readFileSync(path);
  const { sections } = new ElfFile(whole, path);
  for (const name of ['.debug_line', '.debug_info', '.debug_abbrev', '.debug_rnglists']) {
    const section = sections.find((each) => each.name === name);
    expect(section, name).not.toBe(undefined);
    for (let seed = 1; seed <= 20; seed++) {
      const bytes = Uint8Array.from(whole);
      for (let i = 0; i < 20; i++) bytes[(section?.offset ?? 0) + ((seed * 7919 + i * 104_729) % (section?.size ?? 1))] ^= 1 + ((seed + i) % 255);
      const object = new ObjectFile(path, new ElfFile(bytes, path), host);
      for (const address of addressesOf(object)) {
        object.lineAt(address);
        object.inlinedAt(address);
      }
    }
  }
});
