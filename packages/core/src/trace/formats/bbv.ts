import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { QemuBlocks } from './qemuBlocks.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Basic-block vectors for SimPoint, as QEMU's bbv plugin writes them: a line for each interval,
 *
 *     T:1:11 :2:20
 *
 * with each block that ran in it: its number, from 1 in the order of first execution, and its instructions that were executed there.
 * An interval ends with the block that completes it. As with QEMU and Valgrind, what is left at the end is no interval.
 */
export function createBbvFormatter(_: TraceReader, { settings, disassemble }: FormatContext, out: TextOutput): TraceFormatter {
  const blocks = new QemuBlocks(disassemble);
  /** Instructions of the interval by block number. */
  const counts: number[] = [0];
  let current = 0;
  let total = 0;
  const writeInterval = (): void => {
    out.text('T');
    for (let number = 1; number < counts.length; number++) {
      if (counts[number] > 0) out.text(`:${number}:${counts[number]} `);
      counts[number] = 0;
    }
    out.text('\n');
    total -= settings.interval;
  };
  return {
    block(program, completed) {
      const block = blocks.enter(program, completed);
      if (block !== undefined) {
        // Intervals end between blocks.
        if (total >= settings.interval) writeInterval();
        current = block.number;
      }
      counts[current] = (counts[current] ?? 0) + completed;
      total += completed;
    },
    define: (definitions) => blocks.define(definitions),
    looksAtState: false,
    insn: () => undefined,
    event(event) {
      if (event.kind === 'signal' || event.kind === 'thread') blocks.interrupt();
    },
    end() {
      if (total >= settings.interval) writeInterval();
      out.flush();
    },
  };
}
