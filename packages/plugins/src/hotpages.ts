import { definePlugin, RowKind } from '@everystep/core';
import { hex } from './text.ts';

const SHOWN = 50;

interface Page {
  readonly address: number;
  reads: number;
  writes: number;
  /** Bits of the threads that read and wrote it. */
  readers: number;
  writers: number;
}

/** QEMU's contrib/plugins/hotpages.c: the pages that were read and written most. */
export const hotpages = definePlugin({
  apiVersion: 1,
  name: 'hotpages',
  description: 'show the pages that are accessed most',
  options: [
    { name: 'sortby', value: 'reads|writes|address', help: 'order (default: reads and writes)' },
    { name: 'pagesize', value: 'bytes', help: 'a power of two (default 4096)' },
    { name: 'io', value: 'on|off', help: 'only I/O memory, of which there is none in user mode' },
  ],
  install(api, args) {
    const order = args.choice('sortby', ['reads', 'writes', 'address', 'both'], 'both');
    const pageBytes = args.number('pagesize', 4096);
    const none = args.flag('io');
    const pages = new Map<number, Page>();
    const hidden: boolean[] = [];
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        hidden[insn.index] = insn.hidesAccesses;
        if (!none) insn.record({ accesses: 'rw' });
      }
    });
    let last: Page = { address: -1, reads: 0, writes: 0, readers: 0, writers: 0 };
    const pageOf = (address: number): Page => {
      const start = Math.floor(address / pageBytes) * pageBytes;
      if (last.address === start) return last;
      last = pages.get(start) ?? { address: start, reads: 0, writes: 0, readers: 0, writers: 0 };
      pages.set(start, last);
      return last;
    };
    api.onBatch((batch) => {
      const bit = 1 << (batch.thread.index & 31);
      for (let i = 0; i < batch.length; i++) {
        const kind = batch.kind(i);
        if (kind === RowKind.none || hidden[batch.insn(i)]) continue;
        // QEMU makes accesses of 16 bytes as two.
        for (let at = 0; at < batch.bytes(i); at += 8) {
          const page = pageOf(batch.address(i) + at);
          if (kind === RowKind.store) {
            page.writes++;
            page.writers |= bit;
          } else {
            page.reads++;
            page.readers |= bit;
          }
        }
      }
    });
    const weight = (page: Page): number => {
      switch (order) {
        case 'reads':
          return page.reads;
        case 'writes':
          return page.writes;
        case 'address':
          return page.address;
        case 'both':
          return page.reads + page.writes;
      }
    };
    api.atExit(() => {
      api.output('Addr, RCPUs, Reads, WCPUs, Writes\n');
      for (const page of [...pages.values()].sort((a, b) => weight(b) - weight(a)).slice(0, SHOWN)) {
        api.output(`${hex(page.address, 16)}, ${hex(page.readers >>> 0, 4)}, ${page.reads}, ${hex(page.writers >>> 0, 4)}, ${page.writes}\n`);
      }
    });
  },
});
