import { type Machine, PROT_EXEC, PROT_WRITE } from '../../engine/index.ts';
import { decodeText, type Kernel, type LinuxProcess, type SyscallCall, type Thread } from '../../linux/index.ts';
import type { CodeMapping } from '../../trace/index.ts';
import { tracedProcess } from '../../trace/tracedProcess.ts';
import type { PluginImage, PluginMapping, PluginSyscall } from '../api.ts';
import type { PluginRun, RunListener, RunProcess, RunThread } from './pluginRun.ts';

/** A run that happens, as plugins see it. */
export class LiveRun implements PluginRun {
  readonly isRecorded = false;
  private readonly threads = new Map<Thread, RunThread>();

  constructor(
    private readonly machine: Machine,
    private readonly kernel: Kernel,
  ) {}

  get current(): RunThread {
    return this.threadOf(this.kernel.current);
  }

  listen(listener: RunListener): void {
    const { kernel, machine } = this;
    const { family } = machine.space;
    const { onKernelWrite } = family;
    family.onKernelWrite = (address, data, space) => {
      onKernelWrite?.(address, data, space);
      if (space === machine.space) listener.wrote(address, data);
    };
    const { events } = kernel;
    kernel.events = {
      ...events,
      switched: (thread) => {
        events.switched?.(thread);
        listener.switched(this.threadOf(thread));
      },
      threadStarted: (thread) => {
        events.threadStarted?.(thread);
        listener.threadStarted(this.threadOf(thread));
      },
      threadEnded: (thread) => {
        events.threadEnded?.(thread);
        listener.threadEnded(this.threadOf(thread));
        this.threads.delete(thread);
      },
      processStarted: (process) => {
        events.processStarted?.(process);
        listener.processStarted(new LiveProcess(process));
      },
      processEnded: (process) => {
        events.processEnded?.(process);
        listener.processEnded(new LiveProcess(process));
      },
    };
    kernel.observers.push({
      enter: (call) => listener.enter(this.describe(call)),
      leave: (call, result) => listener.leave(this.describe(call), result),
      signal: ({ signal, code, origin }, { pid }) => listener.signal({ signal, code, address: 'address' in origin ? origin.address : undefined, pid }),
    });
  }

  private describe({ number, name, given }: SyscallCall): PluginSyscall {
    return { number, name, args: this.machine.guest.linux.syscallArguments.map((_, i) => given.long(i)) };
  }

  private threadOf(thread: Thread): RunThread {
    let known = this.threads.get(thread);
    if (known === undefined) {
      known = { tid: thread.tid, process: new LiveProcess(thread.process) };
      this.threads.set(thread, known);
    }
    return known;
  }
}

class LiveProcess implements RunProcess {
  constructor(private readonly process: LinuxProcess) {}

  get pid(): number {
    return this.process.pid;
  }

  get programPath(): string {
    return decodeText(this.process.programPath);
  }

  get image(): object {
    return this.process.program;
  }

  codeMappings(): readonly CodeMapping[] {
    return tracedProcess({ process: this.process, tid: 0 }, () => '').mappings();
  }

  mappings(): readonly PluginMapping[] {
    return this.process.mappings
      .ranges()
      .map(({ start, end, prot, name }) => ({ start, end, writable: (prot & PROT_WRITE) !== 0, executable: (prot & PROT_EXEC) !== 0, path: name }));
  }

  images(): readonly PluginImage[] {
    const { image, interpreter, interpreterPath } = this.process.program;
    const images = [{ path: this.programPath, start: image.base, end: image.end, entry: image.entry }];
    if (interpreter !== undefined) images.push({ path: String(interpreterPath), start: interpreter.base, end: interpreter.end, entry: interpreter.entry });
    return images;
  }
}
