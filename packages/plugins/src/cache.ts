import { definePlugin, type PluginArguments, type PluginInsn, RowKind, UserError } from '@everystep/core';
import { CacheModel, type CacheShape, POLICIES, shapeProblem } from './cacheModel.ts';
import { hex } from './text.ts';

interface Missing {
  readonly insn: PluginInsn;
  data: number;
  fetch: number;
  second: number;
}

interface Core {
  readonly data: CacheModel;
  readonly fetch: CacheModel;
  readonly second: CacheModel | undefined;
}

const shapeOf = (args: PluginArguments, prefix: string, defaults: CacheShape): CacheShape => {
  const blockBytes = args.number(`${prefix}blksize`, defaults.blockBytes);
  const ways = args.number(`${prefix}assoc`, defaults.ways);
  const shape = { blockBytes, ways, bytes: args.number(`${prefix}cachesize`, defaults.bytes) };
  const problem = shapeProblem(shape);
  if (problem !== undefined) throw new UserError(`plugin cache: ${prefix}cachesize=${shape.bytes}: ${problem}`);
  return shape;
};

const rate = (misses: number, accesses: number): string => (accesses === 0 ? 0 : (misses / accesses) * 100).toFixed(4);

const L1: CacheShape = { bytes: 16384, blockBytes: 64, ways: 8 };
const L2: CacheShape = { bytes: 2 * 1024 * 1024, blockBytes: 64, ways: 16 };

/** QEMU's contrib/plugins/cache.c: models caches of data and instructions, and a second level behind both. */
export const cache = definePlugin({
  apiVersion: 1,
  name: 'cache',
  description: 'model caches, and show what misses most',
  options: [
    ...['i', 'd', 'l2'].flatMap((prefix) => [
      { name: `${prefix}cachesize`, value: 'bytes', help: 'size' },
      { name: `${prefix}blksize`, value: 'bytes', help: 'size of a block' },
      { name: `${prefix}assoc`, value: 'number', help: 'blocks of a set' },
    ]),
    { name: 'limit', value: 'number', help: 'show so many instructions (default 32)' },
    { name: 'cores', value: 'number', help: 'caches of so many cores, which threads are spread over (default 1)' },
    { name: 'evict', value: 'lru|fifo|rand', help: 'what a full set gives up (default lru)' },
    { name: 'l2', value: 'on|off', help: 'a second level, too' },
  ],
  install(api, args) {
    const policy = args.choice('evict', POLICIES, 'lru');
    const shapes = { data: shapeOf(args, 'd', L1), fetch: shapeOf(args, 'i', L1), second: shapeOf(args, 'l2', L2) };
    const hasSecond = args.flag('l2') || ['l2cachesize', 'l2blksize', 'l2assoc'].some((name) => args.text(name) !== undefined);
    const limit = args.number('limit', 32);
    const cores = Array.from(
      { length: Math.max(args.number('cores', 1), 1) },
      (): Core => ({
        data: new CacheModel(shapes.data, policy),
        fetch: new CacheModel(shapes.fetch, policy),
        second: hasSecond ? new CacheModel(shapes.second, policy) : undefined,
      }),
    );
    const insns: Missing[] = [];
    api.onBlock((block) => {
      for (const insn of block.insns) {
        insns[insn.index] ??= { insn, data: 0, fetch: 0, second: 0 };
        insn.record({ exec: true, accesses: 'rw' });
      }
    });
    const touch = (core: Core, level: 'data' | 'fetch', address: number, by: Missing): void => {
      if (core[level].access(address)) return;
      by[level]++;
      if (core.second !== undefined && !core.second.access(address)) by.second++;
    };
    api.onBatch((batch) => {
      const core = cores[batch.thread.index % cores.length];
      for (let i = 0; i < batch.length; i++) {
        const by = insns[batch.insn(i)];
        const kind = batch.kind(i);
        if (kind === RowKind.exec) touch(core, 'fetch', by.insn.pc, by);
        else if (kind !== RowKind.none && !by.insn.hidesAccesses) {
          touch(core, 'data', batch.address(i), by);
          if (batch.bytes(i) === 16) touch(core, 'data', batch.address(i) + 8, by);
        }
      }
    });

    const line = (name: string | number, all: readonly Core[]): string => {
      const sum = (of: (core: Core) => CacheModel | undefined, what: 'accesses' | 'misses'): number => all.reduce((n, core) => n + (of(core)?.[what] ?? 0), 0);
      const [data, fetch, second] = [(c: Core) => c.data, (c: Core) => c.fetch, (c: Core) => c.second].map((of) => ({
        accesses: sum(of, 'accesses'),
        misses: sum(of, 'misses'),
      }));
      const level = ({ accesses, misses }: { accesses: number; misses: number }): string =>
        `${String(accesses).padEnd(14)} ${String(misses).padEnd(12)} ${rate(misses, accesses).padStart(9)}%`;
      const l2 = `  ${String(second.accesses).padEnd(12)} ${String(second.misses).padEnd(11)} ${rate(second.misses, second.accesses).padStart(10)}%`;
      return `${String(name).padEnd(8)}${level(data)}  ${level(fetch)}${hasSecond ? l2 : ''}\n`;
    };
    const table = (title: string, misses: (of: Missing) => number): string => {
      const sorted = Object.values(insns)
        .sort((a, b) => misses(b) - misses(a))
        .slice(0, limit);
      const rows = sorted.map(
        (of) => `${hex(of.insn.pc)}${of.insn.symbol === undefined ? '' : ` (${of.insn.symbol})`}, ${misses(of)}, ${of.insn.disassembly}\n`,
      );
      return `address, ${title}, instruction\n${rows.join('')}`;
    };
    api.atExit(() => {
      let report = 'core #, data accesses, data misses, dmiss rate, insn accesses, insn misses, imiss rate';
      report += `${hasSecond ? ', l2 accesses, l2 misses, l2 miss rate' : ''}\n`;
      for (const [i, core] of cores.entries()) report += line(i, [core]);
      if (cores.length > 1) report += line('sum', cores);
      report += `\n${table('data misses', (of) => of.data)}\n${table('fetch misses', (of) => of.fetch)}`;
      if (hasSecond) report += `\n${table('L2 misses', (of) => of.second)}`;
      api.output(report);
    });
  },
});
