import { type AccessKinds, definePlugin, RowKind } from '@everystep/core';
import { MemRegions } from './memRegions.ts';
import { hex } from './text.ts';

/** QEMU's tests/plugin/mem.c: counts accesses to memory, or shows them with their values. `print` is everystep's own. */
export const mem = definePlugin({
  apiVersion: 1,
  name: 'mem',
  description: 'count accesses to memory, or print them with their values',
  options: [
    { name: 'inline', value: 'on|off', help: 'count in line' },
    { name: 'callback', value: 'on|off', help: 'count rows' },
    { name: 'track', value: 'r|w|rw', help: 'loads, stores, or both (default rw)' },
    { name: 'print', value: 'on|off', help: 'log each access: address of the instruction, load or store, bytes, address, value' },
    { name: 'print-accesses', value: 'on|off', help: 'the same as QEMU 9.2 and later write it: with the function, the size in bits' },
    { name: 'region-summary', value: 'on|off', help: 'count reads and writes of each 16 KiB, and tell whether all that was read had been written' },
    { name: 'haddr', value: 'on|off', help: 'accepted: there is no I/O memory in user mode' },
  ],
  install(api, args) {
    const kinds: AccessKinds = args.choice('track', ['r', 'w', 'rw'], 'rw');
    const inline = args.flag('inline') ? api.counter() : undefined;
    const counts = args.flag('callback');
    const prints = args.flag('print');
    const printsAsQemu = args.flag('print-accesses');
    const regions = args.flag('region-summary') ? new MemRegions() : undefined;
    const countsInputOutput = args.flag('haddr');
    let seen = 0;
    const pcs: number[] = [];
    const symbols: string[] = [];
    if (printsAsQemu) api.output('insn_vaddr,insn_symbol,mem_vaddr,mem_hwaddr,access_size,access_type,mem_value\n');
    const hidden: boolean[] = [];
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        if (insn.accesses.length === 0) continue;
        pcs[insn.index] = insn.pc;
        symbols[insn.index] = insn.symbol ?? '';
        hidden[insn.index] = insn.hidesAccesses;
        if (inline !== undefined) insn.countAccesses(inline, kinds);
        if (counts || prints || printsAsQemu || regions !== undefined) insn.record({ accesses: kinds });
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
        const insn = batch.insn(i);
        const type = kind === RowKind.store ? 'store' : 'load';
        const address = batch.address(i);
        if (regions !== undefined) text += regions.access(address, bytes, kind === RowKind.store, batch.value(i));
        if (!prints && !printsAsQemu) continue;
        const high = bytes === 16 ? batch.valueHigh(i) << 64n : 0n;
        const value = hex(high | batch.value(i), bytes * 2);
        if (prints) text += `${hex(pcs[insn])}, ${type}, ${bytes}, ${hex(address)}, ${value}\n`;
        // In user mode QEMU knows no physical address.
        if (printsAsQemu) text += `${hex(pcs[insn])},${symbols[insn]},${hex(address)},0x0,${bytes * 8},${type},${value}\n`;
      }
      if (text !== '') api.output(text);
    });
    api.atExit(() => {
      if (inline !== undefined) api.output(`inline mem accesses: ${inline.value}\n`);
      if (counts) api.output(`callback mem accesses: ${seen}\n`);
      if (countsInputOutput) api.output('io accesses: 0\n');
      if (regions !== undefined) api.output(regions.summary());
    });
  },
});
