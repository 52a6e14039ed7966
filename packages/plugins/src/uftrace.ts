import { definePlugin, type FollowedBlock, type PluginApi, type PluginThread, ThreadCalls, type TracedFunction, UftraceWriter } from '@everystep/core';
import { backtrace } from './backtrace.ts';

interface TimedBlock extends FollowedBlock {
  readonly insns: number;
}

/** QEMU's contrib/plugins/uftrace.c (10.2): which functions were called when, for uftrace's viewers. */
export const uftrace = definePlugin({
  apiVersion: 1,
  name: 'uftrace',
  description: 'write which functions were called when, as a data folder of uftrace',
  options: [
    { name: 'trace-sample', value: 'number', help: 'look at the stack after each so many instructions instead of following every call' },
    { name: 'trace-privilege-level', value: 'on|off', help: 'accepted: in user mode there is one level' },
    { name: 'directory', value: 'path', help: 'the folder (default uftrace.data)' },
  ],
  install(api, args) {
    const folder = args.text('directory') ?? 'uftrace.data';
    const sample = args.number('trace-sample');
    args.flag('trace-privilege-level');
    const programs = new Map<number, string>();
    let step = 0;
    const writer = new UftraceWriter(
      (name) => {
        const file = api.openFile(`${folder}/${name}`);
        return (bytes) => file.write(bytes);
      },
      () => step,
      (pid) => programs.get(pid) ?? 'process',
    );
    api.onProcessStart(({ pid, program }) => void programs.set(pid, program));
    const end =
      sample === undefined || sample === 0
        ? follow(api, writer, (insns) => {
            step += insns;
          })
        : sampleStacks(api, writer, sample, (now) => {
            step = now;
          });
    api.atExit(() => {
      end();
      writer.finish(`everystep run -plugin uftrace ${api.argv.join(' ')}`);
    });
  },
});

/** Follows every call. @param ran is told how many instructions have run @returns what is to be done at the end */
function follow(api: PluginApi, writer: UftraceWriter, ran: (insns: number) => void): () => void {
  const blocks: TimedBlock[] = [];
  const threads: (ThreadCalls<TimedBlock> | undefined)[] = [];
  const callsOf = (thread: PluginThread): ThreadCalls<TimedBlock> => {
    threads[thread.index] ??= new ThreadCalls<TimedBlock>({ enter: (fn) => writer.enter(thread, fn), leave: () => writer.leave(thread) });
    return threads[thread.index] as ThreadCalls<TimedBlock>;
  };
  api.onBlock(({ insns, end, pc }) => {
    const [first] = insns;
    const { function: fn, place } = first;
    const isEntry = fn.start === (place === undefined ? pc : place.address);
    const tag = blocks.push({ fn, isEntry, lastPc: insns[insns.length - 1].pc, program: { pc, end }, insns: insns.length }) - 1;
    first.record({ exec: { register: 'sp' }, tag });
  });
  api.onBatch((batch) => {
    const calls = callsOf(batch.thread);
    for (let i = 0; i < batch.length; i++) {
      const block = blocks[batch.tag(i)];
      calls.arrive(block, Number(batch.value(i)));
      calls.last = block;
      ran(block.insns);
    }
  });
  api.onSignal(({ thread, address }) => {
    // The block was left where its instruction failed.
    if (address !== undefined) callsOf(thread).last = undefined;
  });
  api.onHandler((thread) => callsOf(thread).handlerBegins());
  api.onSyscall((thread, { name }) => {
    if (name === 'rt_sigreturn') callsOf(thread).handlerEnds();
  });
  api.onSyscallReturn((thread, { name }, result) => {
    if (result !== undefined || name === undefined || !name.startsWith('execve')) return;
    callsOf(thread).stack.clear();
    callsOf(thread).last = undefined;
  });
  api.onThreadEnd((thread) => callsOf(thread).stack.clear());
  return () => {
    for (const calls of threads) calls?.stack.clear();
  };
}

/** Looks at stacks now and then. @param now is told the time */
function sampleStacks(api: PluginApi, writer: UftraceWriter, every: number, now: (step: number) => void): () => void {
  const executed = api.scoreboard();
  const stacks: { readonly thread: PluginThread; fns: readonly TracedFunction[] }[] = [];
  const replace = (thread: PluginThread, fns: readonly TracedFunction[]): void => {
    stacks[thread.index] ??= { thread, fns: [] };
    const { fns: before } = stacks[thread.index];
    let same = 0;
    while (same < before.length && before[same] === fns[same]) same++;
    for (let i = before.length; i > same; i--) writer.leave(thread);
    for (const fn of fns.slice(same)) writer.enter(thread, fn);
    stacks[thread.index].fns = fns;
  };
  api.onBlock(({ insns }) => {
    for (const insn of insns) insn.count(executed);
    insns[0].onExecIf(executed, '>=', BigInt(every), (_, thread) => {
      executed.set(thread.index, executed.get(thread.index) - BigInt(every));
      now(api.steps);
      const pcs = backtrace(api);
      // A return address is behind its call, which may be the function's last instruction.
      replace(thread, pcs.map((pc, i) => api.locate(i === 0 ? pc : pc - 1).function).reverse());
    });
  });
  api.onThreadEnd((thread) => {
    now(api.steps);
    replace(thread, []);
  });
  return () => {
    now(api.steps);
    for (const stack of stacks) if (stack !== undefined) replace(stack.thread, []);
  };
}
