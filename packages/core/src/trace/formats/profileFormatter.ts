import type { Profiler } from '../profile/index.ts';
import type { TraceFormatter } from './format.ts';

/** A format that is made of functions and their calls. @param end writes what is written at the trace's end */
export function profileFormatter(profiler: Profiler, end: () => void): TraceFormatter {
  return {
    looksAtState: false,
    insn: () => undefined,
    block: (program, completed) => profiler.block(program, completed),
    event: (event) => profiler.event(event),
    skip: () => profiler.skip(),
    end: () => {
      profiler.end();
      end();
    },
  };
}
