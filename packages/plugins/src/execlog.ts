import { type Batch, definePlugin, type PluginInsn, RowKind } from '@everystep/core';
import { globExpression, hex } from './text.ts';

/** The line of a thread's last instruction, which the next one ends. */
interface OpenLine {
  isOpen: boolean;
  /** What comes behind the program counter, where that is watched. */
  tail: string;
}

/** QEMU's contrib/plugins/execlog.c: a line for each instruction, with its accesses and the registers that it changed. */
export const execlog = definePlugin({
  apiVersion: 1,
  name: 'execlog',
  description: 'log each instruction with its accesses to memory and the registers that it changes',
  options: [
    { name: 'ifilter', value: 'text', help: 'only instructions whose text begins so; may be repeated' },
    { name: 'afilter', value: 'address', help: 'only the instruction at this address (hexadecimal); may be repeated' },
    { name: 'reg', value: 'glob', help: 'show changes of these registers; may be repeated' },
    { name: 'rdisas', value: 'on|off', help: "look only at registers that the instruction's text names" },
  ],
  install(api, args) {
    const texts = args.all('ifilter');
    const addresses = new Set(args.all('afilter').map((text) => Number.parseInt(text, 16)));
    const globs = args.all('reg').map(globExpression);
    const onlyNamed = args.flag('rdisas');
    const watched = api.registers.map(({ name }) => globs.some((glob) => glob.test(name)));
    const pcNumber = api.registers.findIndex(({ name }) => name === 'pc');
    const watchesPc = watched[pcNumber] === true;
    const names = api.registers.filter((_, number) => watched[number]).map(({ name }) => name);
    const isWanted = (insn: PluginInsn): boolean =>
      (texts.length === 0 && addresses.size === 0) || texts.some((text) => insn.disassembly.startsWith(text)) || addresses.has(insn.pc);

    const heads: string[] = [];
    const pcs: number[] = [];
    const hidden: boolean[] = [];
    const open: OpenLine[] = [];
    /** What each register had last, by thread: two words of 64 bits a register. */
    const values: (bigint | undefined)[][] = [];
    api.onThreadStart(({ index }) => {
      open[index] = { isOpen: false, tail: '' };
      values[index] = [];
      if (index > 0) return;
      names.forEach((name) => {
        if (name !== 'pc') values[index][api.registers.findIndex((each) => each.name === name)] = api.readRegister(name);
      });
    });
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        if (!isWanted(insn)) continue;
        heads[insn.index] = `, ${hex(insn.pc)}, ${hex(insn.word)}, "${insn.disassembly}"`;
        pcs[insn.index] = insn.pc;
        hidden[insn.index] = insn.hidesAccesses;
        const written = onlyNamed ? names.filter((name) => insn.disassembly.includes(name)) : names;
        insn.record({ exec: true, accesses: 'rw', written });
      }
    });

    const change = (number: number, value: bigint): string => {
      const { name, bytes } = api.registers[number];
      return `, ${name} -> ${hex(value, bytes * 2)}`;
    };
    /** The text that ends the open line: the next instruction is at `pc`. */
    const close = (line: OpenLine, pc: number | undefined): string => {
      if (!line.isOpen) return '';
      line.isOpen = false;
      const { tail } = line;
      line.tail = '';
      return `${watchesPc && pc !== undefined ? change(pcNumber, BigInt(pc)) : ''}${tail}\n`;
    };
    const changed = (thread: number, number: number, value: bigint): string => {
      if (values[thread][number] === value) return '';
      values[thread][number] = value;
      const text = change(number, value);
      if (!watchesPc || number < pcNumber) return text;
      open[thread].tail += text;
      return '';
    };
    const accessText = (batch: Batch, i: number, kind: string): string => {
      const address = batch.address(i);
      const first = `, ${kind}, ${hex(address, 8)}`;
      return batch.bytes(i) === 16 ? `${first}, ${kind}, ${hex(address + 8, 8)}` : first;
    };

    api.onBatch((batch) => {
      const { index } = batch.thread;
      let text = '';
      for (let i = 0; i < batch.length; i++) {
        const insn = batch.insn(i);
        switch (batch.kind(i)) {
          case RowKind.exec:
            text += `${close(open[index], pcs[insn])}${index}${heads[insn]}`;
            open[index].isOpen = true;
            break;
          case RowKind.load:
            if (!hidden[insn]) text += accessText(batch, i, 'load');
            break;
          case RowKind.store:
            if (!hidden[insn]) text += accessText(batch, i, 'store');
            break;
          case RowKind.register:
            text += changed(index, batch.register(i), (batch.valueHigh(i) << 64n) | batch.value(i));
            break;
          default:
        }
      }
      api.output(text);
    });
    api.onSyscallReturn(({ index }, _, result) => {
      const number = api.registers.findIndex(({ name }) => name === 'x0');
      if (result === undefined || !watched[number] || !open[index].isOpen) return;
      api.output(changed(index, number, BigInt.asUintN(64, result)));
    });
    const end = (index: number): void => {
      api.output(close(open[index], undefined));
    };
    api.onThreadEnd(({ index }) => end(index));
    api.atExit(() => {
      for (const index of open.keys()) end(index);
    });
  },
});
