import { baseName, Profiler, Timeline, type TimelineSink } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Trace Event JSON, for ui.perfetto.dev and chrome://tracing: when each thread was in which function and system call.
 * Times are in microseconds, of which a thousand instructions take one.
 *
 *     {"ph":"B","ts":0.010,"pid":1,"tid":1,"name":"f"}
 *     {"ph":"E","ts":0.015,"pid":1,"tid":1}
 */
export function createChromeFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  let isFirst = true;
  const named = new Set<number>();
  const write = (fields: string): void => {
    out.text(`${isFirst ? '' : ',\n'}{${fields}}`);
    isFirst = false;
  };
  const place = ({ pid, tid }: { readonly pid: number; readonly tid: number }, step: number): string => `"ts":${microseconds(step)},"pid":${pid},"tid":${tid}`;
  const sink: TimelineSink = {
    thread({ pid, tid }) {
      const program = baseName(profiler.programs.programOf(pid) ?? 'process');
      const name = (what: string, text: string): void => write(`"ph":"M","pid":${pid},"tid":${tid},"name":"${what}","args":{"name":${JSON.stringify(text)}}`);
      if (!named.has(pid)) name('process_name', program);
      named.add(pid);
      name('thread_name', tid === pid ? program : `thread ${tid}`);
    },
    begin: (thread, step, fn) => write(`"ph":"B",${place(thread, step)},"cat":"function","name":${JSON.stringify(fn.name)}`),
    beginSyscall(thread, step, name, args) {
      const values = args.map((arg, i) => `"arg${i}":"0x${arg.toString(16)}"`).join();
      write(`"ph":"B",${place(thread, step)},"cat":"syscall","name":${JSON.stringify(name)},"args":{${values}}`);
    },
    end: (thread, step) => write(`"ph":"E",${place(thread, step)}`),
  };
  const profiler: Profiler = new Profiler(reader, context, new Timeline(sink, () => reader.step, context.syscalls));
  out.text('{"displayTimeUnit":"ns","otherData":{"unit":"1 ns is 1 instruction"},"traceEvents":[\n');
  return profileFormatter(profiler, () => {
    out.text('\n]}\n');
    out.flush();
  });
}

const microseconds = (step: number): string => `${Math.floor(step / 1000)}.${String(step % 1000).padStart(3, '0')}`;
