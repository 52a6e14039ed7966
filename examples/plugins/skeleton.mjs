// A plugin to start from: copy it, and change what it counts. docs/plugins.md goes through it line by line.
//
//     everystep run -plugin ./skeleton.mjs,top=5 -d plugin PROGRAM
export default {
  apiVersion: 1,
  name: 'skeleton',
  description: 'show the instructions that load most often',
  options: [{ name: 'top', value: 'number', help: 'show so many (default 10)' }],

  install(api, args) {
    const top = args.number('top', 10);
    const loads = [];

    // Each block that is about to run for the first time: say here what to see of its instructions.
    api.onBlock((block) => {
      for (const insn of block.insns) {
        if (!insn.accesses.some(({ store }) => !store)) continue;
        loads[insn.index] ??= { text: insn.disassembly, pc: insn.pc, symbol: insn.symbol, executed: api.counter() };
        // An addition in the block's own code: nothing is called.
        insn.count(loads[insn.index].executed);
      }
    });

    // The program has ended.
    api.atExit(() => {
      const sorted = Object.values(loads).sort((a, b) => Number(b.executed.value - a.executed.value));
      for (const { text, pc, symbol, executed } of sorted.slice(0, top)) {
        api.output(`${executed.value}  0x${pc.toString(16)}  ${text}  (${symbol ?? '?'})\n`);
      }
    });
  },
};
