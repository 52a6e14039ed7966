import { definePlugin, type PluginThread } from '@everystep/core';
import { hex } from './text.ts';

/** QEMU's contrib/plugins/stoptrigger.c (9.2): ends the run after so many instructions, or before one at an address. */
export const stoptrigger = definePlugin({
  apiVersion: 1,
  name: 'stoptrigger',
  description: 'end the run at an address, or after a number of instructions',
  options: [
    { name: 'icount', value: 'number[:status]', help: 'end when a thread has run so many instructions, with this exit status (default 0)' },
    { name: 'addr', value: 'address[:status]', help: 'end before the instruction there; may be repeated' },
  ],
  install(api, args) {
    const parse = (text: string): { readonly at: number; readonly status: number } => {
      const [at, status = '0'] = text.split(':');
      const parsed = { at: Number(at), status: Number(status) };
      if (!Number.isSafeInteger(parsed.at) || !Number.isSafeInteger(parsed.status) || at === '') throw new Error(`'${text}' is not number[:status]`);
      return parsed;
    };
    const icount = args.text('icount');
    const end = icount === undefined ? undefined : parse(icount);
    const addresses = new Map(args.all('addr').map((text) => [parse(text).at, parse(text).status]));
    const executed = api.scoreboard();
    const stop = ({ index }: PluginThread, pc: number, status: number, why: string): void => {
      api.output(`${why} at ${hex(pc)} on cpu ${index}\n`);
      api.exit(status);
    };
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        const status = addresses.get(insn.pc);
        if (status !== undefined) insn.onExec((_, thread) => stop(thread, insn.pc, status, `${hex(insn.pc)} reached, exiting`));
        if (end === undefined) continue;
        insn.count(executed);
        insn.onExecIf(executed, '==', BigInt(end.at), (_, thread) => stop(thread, insn.pc, end.status, 'icount reached, exiting'));
      }
    });
  },
});
