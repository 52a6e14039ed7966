import { type AccessKinds, definePlugin, RowKind } from '@everystep/core';
import { hex } from './text.ts';

/** QEMU's tests/plugin/mem.c: counts accesses to memory. `print` shows them with their values. */
export const mem = definePlugin({
  apiVersion: 1,
  name: 'mem',
  description: 'count accesses to memory, or print them with their values',
  options: [
    { name: 'inline', value: 'on|off', help: 'count in line' },
    { name: 'callback', value: 'on|off', help: 'count rows' },
    { name: 'track', value: 'r|w|rw', help: 'loads, stores, or both (default rw)' },
    { name: 'print', value: 'on|off', help: 'log each access: address of the instruction, load or store, bytes, address, value' },
    { name: 'haddr', value: 'on|off', help: 'accepted: there is no I/O memory in user mode' },
  ],
  install(api, args) {
    const kinds: AccessKinds = args.choice('track', ['r', 'w', 'rw'], 'rw');
    const inline = args.flag('inline') ? api.counter() : undefined;
    const counts = args.flag('callback');
    const prints = args.flag('print');
    const countsInputOutput = args.flag('haddr');
    let seen = 0;
    const pcs: number[] = [];
    const hidden: boolean[] = [];
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        if (insn.accesses.length === 0) continue;
        pcs[insn.index] = insn.pc;
        hidden[insn.index] = insn.hidesAccesses;
        if (inline !== undefined) insn.countAccesses(inline, kinds);
        if (counts || prints) insn.record({ accesses: kinds });
      }
    });
    api.onBatch((batch) => {
      let text = '';
      for (let i = 0; i < batch.length; i++) {
        const kind = batch.kind(i);
        if (kind === RowKind.none) continue;
        const bytes = batch.bytes(i);
        // QEMU makes accesses of 16 bytes as two.
        if (!hidden[batch.insn(i)]) seen += bytes === 16 ? 2 : 1;
        if (!prints) continue;
        const high = bytes === 16 ? batch.valueHigh(i) << 64n : 0n;
        const value = hex(high | batch.value(i), bytes * 2);
        text += `${hex(pcs[batch.insn(i)])}, ${kind === RowKind.store ? 'store' : 'load'}, ${bytes}, ${hex(batch.address(i))}, ${value}\n`;
      }
      if (text !== '') api.output(text);
    });
    api.atExit(() => {
      if (inline !== undefined) api.output(`inline mem accesses: ${inline.value}\n`);
      if (counts) api.output(`callback mem accesses: ${seen}\n`);
      if (countsInputOutput) api.output('io accesses: 0\n');
    });
  },
});
