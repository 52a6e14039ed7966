import { baseName, CallTree, Profiler } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Stacks for flame graphs (Brendan Gregg's stackcollapse format): one line a stack, the outermost function first, with the
 * instructions of the innermost one.
 *
 *     main;f;g 123
 *
 * Inlined functions have `_[i]` behind their name, as flamegraph.pl knows it. Where several processes ran, a line begins with the program and its process number.
 */
export function createFoldedFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const tree: CallTree = new CallTree((pid, pc) => profiler.functions.inlinedAt(pid, pc));
  const profiler = new Profiler(reader, context, tree);
  return profileFormatter(profiler, () => {
    const isSeveral = tree.processes.length > 1;
    tree.forEach(({ pid, insns }, path) => {
      const names = path.map(({ fn }) => frameName(fn.isInlined ? `${fn.name}_[i]` : fn.name));
      if (isSeveral) names.unshift(frameName(`${baseName(profiler.programs.programOf(pid) ?? 'process')} ${pid}`));
      out.text(`${names.join(';')} ${insns}\n`);
    });
    out.flush();
  });
}

/** Names that hold the characters that separate them. */
const frameName = (name: string): string => name.replaceAll(';', ':').replaceAll('\n', ' ');
