// Says where the sum's loop has run for the nth time, writes a register, and ends the run.
export default {
  apiVersion: 1,
  name: 'act',
  install(api) {
    let times = 0;
    api.onBlock((block) => {
      for (const insn of block.insns) {
        if (insn.symbol !== 'main' || insn.disassembly !== 'add w0, w1, w0') continue;
        insn.onExec(() => {
          times++;
          if (times === 100) api.trigger('hundred');
          if (times === 200) api.writeRegister('x1', 0n);
          if (times === 300) api.trigger('over');
          if (times === 400) api.exit(42);
        });
      }
    });
  },
};
