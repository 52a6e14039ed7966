import { definePlugin, type PluginInsn, type PluginThread } from '@everystep/core';
import { hex } from './text.ts';

/** What has been seen of the instructions that begin with a text, by thread. */
interface Match {
  readonly text: string;
  readonly hits: number[];
  readonly lastHit: number[];
}

/** QEMU's tests/plugin/insn.c: counts instructions. */
export const insn = definePlugin({
  apiVersion: 1,
  name: 'insn',
  description: 'count instructions',
  options: [
    { name: 'inline', value: 'on|off', help: 'one sum over all threads' },
    { name: 'sizes', value: 'on|off', help: 'tell how many instructions of each size were translated instead' },
    { name: 'match', value: 'text', help: 'log each time an instruction runs whose text begins so; may be repeated' },
  ],
  install(api, args) {
    const isSum = args.flag('inline');
    const sizes: (number | undefined)[] | undefined = args.flag('sizes') ? [] : undefined;
    const matches = args.all('match').map((text): Match => ({ text, hits: [], lastHit: [] }));
    const executed = api.scoreboard();
    const threads: PluginThread[] = [];
    api.onThreadStart((thread) => threads.push(thread));
    api.onBlock(({ insns }) => {
      for (const each of insns) {
        each.count(executed);
        if (sizes !== undefined) sizes[each.bytes] = (sizes[each.bytes] ?? 0) + 1;
        for (const match of matches) if (each.disassembly.startsWith(match.text)) watch(each, match);
      }
    });
    function watch(each: PluginInsn, match: Match): void {
      let hits = 0;
      each.onExec((_, { index }) => {
        // With the instruction itself, which is about to run.
        const count = Number(executed.get(index)) + 1;
        match.hits[index] = (match.hits[index] ?? 0) + 1;
        const delta = count - (match.lastHit[index] ?? 0);
        match.lastHit[index] = count;
        const average = Math.floor(count / match.hits[index]);
        api.output(
          `${hex(each.pc)}, '${each.disassembly}', ${++hits} hits, ${match.hits[index]} match hits, Δ+${delta} since last match, ${average} avg insns/match\n`,
        );
      });
    }
    api.atExit(() => {
      if (sizes !== undefined) {
        for (const [size, count] of sizes.entries()) if (count !== undefined) api.output(`len ${size} bytes: ${count} insns\n`);
      } else if (isSum) api.output(`insns: ${executed.sum}\n`);
      else {
        for (const { index } of threads) if (executed.get(index) > 0n) api.output(`cpu ${index} insns: ${executed.get(index)}\n`);
        api.output(`total insns: ${executed.sum}\n`);
      }
    });
  },
});
