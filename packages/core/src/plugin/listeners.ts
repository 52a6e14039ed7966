import type { PluginApi, PluginBlock, PluginProcess, PluginSignal, PluginSyscall } from './api.ts';
import type { Batch, PluginThread } from './rows.ts';

/** What a plugin wants to be told of, in the order in which it asked. */
export type Listeners = {
  readonly onBlock: ((block: PluginBlock) => void)[];
  readonly onBatch: ((batch: Batch) => void)[];
  readonly onThreadStart: ((thread: PluginThread) => void)[];
  readonly onThreadEnd: ((thread: PluginThread) => void)[];
  readonly onProcessStart: ((process: PluginProcess) => void)[];
  readonly onProcessEnd: ((process: PluginProcess) => void)[];
  readonly onSyscall: ((thread: PluginThread, call: PluginSyscall) => void)[];
  readonly onSyscallReturn: ((thread: PluginThread, call: PluginSyscall, result: bigint | undefined) => void)[];
  readonly onSignal: ((signal: PluginSignal) => void)[];
  readonly onHandler: ((thread: PluginThread) => void)[];
  readonly onKernelWrite: ((address: number, data: Uint8Array) => void)[];
  readonly atExit: (() => void)[];
};

export function noListeners(): Listeners {
  return {
    onBlock: [],
    onBatch: [],
    onThreadStart: [],
    onThreadEnd: [],
    onProcessStart: [],
    onProcessEnd: [],
    onSyscall: [],
    onSyscallReturn: [],
    onSignal: [],
    onHandler: [],
    onKernelWrite: [],
    atExit: [],
  };
}

/** The functions of the API by which a plugin asks. */
export function registrations(listeners: Listeners): Pick<PluginApi, keyof Listeners> {
  const add =
    <L>(list: L[]) =>
    (listener: L): void =>
      void list.push(listener);
  return {
    onBlock: add(listeners.onBlock),
    onBatch: add(listeners.onBatch),
    onThreadStart: add(listeners.onThreadStart),
    onThreadEnd: add(listeners.onThreadEnd),
    onProcessStart: add(listeners.onProcessStart),
    onProcessEnd: add(listeners.onProcessEnd),
    onSyscall: add(listeners.onSyscall),
    onSyscallReturn: add(listeners.onSyscallReturn),
    onSignal: add(listeners.onSignal),
    onHandler: add(listeners.onHandler),
    onKernelWrite: add(listeners.onKernelWrite),
    atExit: add(listeners.atExit),
  };
}
