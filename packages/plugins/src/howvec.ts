import { type Counter, definePlugin, type PluginInsn, UserError } from '@everystep/core';
import { A64_CLASSES, type InsnClass } from './howvecClasses.ts';
import { hex } from './text.ts';

const SHOWN = 50;

type How = 'class' | 'individual' | 'none';

interface ClassCount {
  readonly of: InsnClass;
  how: How;
  readonly executed: Counter;
}

interface Individual {
  readonly text: string;
  readonly word: number;
  readonly of: InsnClass;
  readonly executed: Counter;
}

/** QEMU's contrib/plugins/howvec.c: how often instructions of each class ran. */
export const howvec = definePlugin({
  apiVersion: 1,
  name: 'howvec',
  description: 'count instructions by class',
  options: [
    { name: 'inline', value: 'on|off', help: 'accepted: counting is in line always' },
    { name: 'verbose', value: 'on|off', help: 'show classes that nothing is in, too' },
    { name: 'count', value: 'class', help: 'count the instructions of a class individually; with ! before it, not at all; may be repeated' },
  ],
  install(api, args) {
    args.flag('inline');
    const verbose = args.flag('verbose');
    const classes = A64_CLASSES.map((of): ClassCount => ({ of, how: of.quiet === true ? 'none' : 'class', executed: api.counter() }));
    for (const given of args.all('count')) {
      const option = given.replace(/^!/, '');
      const found = classes.find(({ of }) => of.option === option);
      if (found === undefined)
        throw new UserError(`plugin howvec: count=${given}: there is no class '${option}'; there are ${A64_CLASSES.map((c) => c.option).join(', ')}`);
      found.how = given === option ? 'individual' : 'none';
    }
    const individuals = new Map<number, Individual>();
    const individual = (insn: PluginInsn, of: InsnClass): Counter => {
      const known = individuals.get(insn.word) ?? { text: insn.disassembly, word: insn.word, of, executed: api.counter() };
      individuals.set(insn.word, known);
      return known.executed;
    };
    api.onBlock(({ insns }) => {
      for (const insn of insns) {
        const found = classes.find(({ of }) => (insn.word & of.mask) >>> 0 === of.pattern >>> 0);
        if (found === undefined || found.how === 'none') continue;
        insn.count(found.how === 'class' ? found.executed : individual(insn, found.of));
      }
    });
    api.atExit(() => {
      let report = 'Instruction Classes:\n';
      for (const { of, how, executed } of classes) {
        const { value } = executed;
        if (how === 'class' && value === 0n && !verbose) continue;
        const what = how === 'class' ? `(${value} hits)` : how === 'none' ? 'not counted' : 'counted individually';
        report += `Class: ${of.name.padEnd(24)}\t${what}\n`;
      }
      const sorted = [...individuals.values()].sort((a, b) => Number(b.executed.value - a.executed.value));
      if (sorted.length > 0) report += 'Individual Instructions:\n';
      for (const { text, executed, word, of } of sorted.slice(0, SHOWN)) {
        report += `Instr: ${text.padEnd(24)}\t(${executed.value} hits)\t(op=${hex(word, 8)}/${of.name})\n`;
      }
      api.output(report);
    });
  },
});
