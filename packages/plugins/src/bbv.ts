import { definePlugin, type PluginThread, type Scoreboard, UserError } from '@everystep/core';

const INTERVAL = 100_000_000;

/** QEMU's contrib/plugins/bbv.c (9.1): vectors of how much each block ran, one for each interval, for SimPoint. */
export const bbv = definePlugin({
  apiVersion: 1,
  name: 'bbv',
  description: 'write basic block vectors for SimPoint',
  options: [
    { name: 'outfile', value: 'path', help: 'files are path.0.bb for the first thread, and so on' },
    { name: 'interval', value: 'number', help: `instructions of an interval (default ${INTERVAL})` },
  ],
  install(api, args) {
    const outfile = args.text('outfile');
    if (outfile === undefined) throw new UserError('plugin bbv: give outfile=PATH');
    const interval = BigInt(args.number('interval', INTERVAL));
    const blocks = new Map<string, Scoreboard>();
    const executed = api.scoreboard();
    const written: string[] = [];
    const endInterval = ({ index }: PluginThread): void => {
      let line = 'T';
      let id = 0;
      for (const insns of blocks.values()) {
        id++;
        const count = insns.get(index);
        if (count === 0n) continue;
        line += `:${id}:${count} `;
        insns.set(index, 0n);
      }
      executed.set(index, executed.get(index) - interval);
      written[index] = `${written[index] ?? ''}${line}\n`;
    };
    api.onBlock((block) => {
      const key = `${block.pc} ${block.insns.length}`;
      const insns = blocks.get(key) ?? api.scoreboard();
      blocks.set(key, insns);
      for (const insn of block.insns) {
        insn.count(insns);
        insn.count(executed);
      }
      block.insns[0].onExecIf(executed, '>=', interval, (_, thread) => endInterval(thread));
    });
    api.atExit(() => {
      // As with QEMU, an interval that has not ended is left out.
      for (const [index, text] of written.entries()) {
        if (text !== undefined)
          api.writeFile(
            `${outfile}.${index}.bb`,
            Uint8Array.from(text, (character) => character.charCodeAt(0)),
          );
      }
    });
  },
});
