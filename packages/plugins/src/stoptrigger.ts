import { definePlugin, UserError } from '@everystep/core';
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
      if (!Number.isSafeInteger(parsed.at) || !Number.isSafeInteger(parsed.status) || at === '' || parsed.at < 0)
        throw new UserError(`plugin stoptrigger: '${text}' is not number[:status]`);
      return parsed;
    };
    const icount = args.text('icount');
    const end = icount === undefined ? undefined : parse(icount);
    if (end?.at === 0) throw new UserError('plugin stoptrigger: icount=0: give a number above 0');
    const addresses = new Map(args.all('addr').map((text) => [parse(text).at, parse(text).status]));
    if (end === undefined && addresses.size === 0) throw new UserError('plugin stoptrigger: give icount=NUMBER or addr=ADDRESS');
    const executed = api.scoreboard();
    const stop = (status: number, why: string): void => {
      api.output(`${why}, exiting\n`);
      api.exit(status);
    };
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        const status = addresses.get(insn.pc);
        if (status !== undefined) insn.onExec(() => stop(status, `${hex(insn.pc)} reached`));
        if (end === undefined) continue;
        insn.count(executed);
        insn.onExecIf(executed, '==', BigInt(end.at), () => stop(end.status, `icount reached at ${hex(insn.pc)}`));
      }
    });
  },
});
