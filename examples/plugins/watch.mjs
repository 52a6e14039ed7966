// Logs each store to an address, with the value and the instruction that made it.
//
//     everystep run -plugin ./watch.mjs,address=0x5500800828 -d plugin PROGRAM
export default {
  apiVersion: 1,
  name: 'watch',
  description: 'log the stores to an address',
  options: [{ name: 'address', value: 'address', help: 'a byte of guest memory' }],

  install(api, args) {
    const watched = args.number('address', 0);
    const insns = [];
    api.onBlock((block) => {
      for (const insn of block.insns) {
        insns[insn.index] = insn;
        insn.record({ accesses: 'w' });
      }
    });
    // Rows come in batches, in the order of execution.
    api.onBatch((batch) => {
      for (let i = 0; i < batch.length; i++) {
        const address = batch.address(i);
        if (batch.kind(i) === 0 || watched < address || watched >= address + batch.bytes(i)) continue;
        const { pc, disassembly } = insns[batch.insn(i)];
        api.output(`0x${pc.toString(16)}  ${disassembly}  stores 0x${batch.value(i).toString(16)}\n`);
      }
    });
  },
};
