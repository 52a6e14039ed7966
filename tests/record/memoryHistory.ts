import { createAArch64, Replayer, type ReplayObserver } from '../../packages/core/src/index.ts';
import { openJournal, type RecordedProgram } from './recordedProgram.ts';

/** A write by the kernel. */
interface KernelWrite {
  readonly step: number;
  readonly pid: number;
  readonly tid: number;
  readonly address: number;
  readonly bytes: number;
  /** Processes to which it is their memory. */
  readonly owners: readonly number[];
}

/** From a step on: which address space each process has, and of each those ranges that others may have, too. */
interface Epoch {
  readonly step: number;
  readonly spaceOf: ReadonlyMap<number, number>;
  readonly shared: readonly (readonly { readonly start: number; readonly end: number; readonly storage: number }[])[];
}

/** Who had which memory when in a run that is replayed once, from its start to its end: what questions about a process's memory are compared with. */
export class MemoryHistory {
  readonly kernelWrites: KernelWrite[] = [];
  readonly pids: number[] = [];
  private readonly epochs: Epoch[] = [];
  /** Who made a process, and the step of the system call that did. */
  private readonly births = new Map<number, { readonly parent: number; readonly step: number }>();
  private readonly replayer: Replayer;

  constructor(recorded: RecordedProgram) {
    const replayer = new Replayer({ guest: createAArch64('max'), journal: openJournal(recorded.bytes) });
    this.replayer = replayer;
    this.pids.push(replayer.pid);
    replayer.observer = this.observer();
    this.look();
    replayer.run();
  }

  private observer(): ReplayObserver {
    const { replayer } = this;
    return {
      threadStart: (pid) => {
        if (this.pids.includes(pid)) return;
        this.pids.push(pid);
        this.births.set(pid, { parent: replayer.pid, step: replayer.steps - 1 });
      },
      wrote: (space, address, bytes) => {
        const storage = space.sharedStorage(address);
        const owners = this.pids.filter((pid) => {
          const own = replayer.memoryOf(pid);
          return own === space || (storage !== undefined && own?.sharedStorage(address) === storage);
        });
        this.kernelWrites.push({ step: replayer.steps - 1, pid: replayer.pid, tid: replayer.tid, address, bytes, owners });
      },
      afterChanges: () => this.look(),
    };
  }

  private look(): void {
    const { steps, spaces } = this.replayer;
    const numberOf = (pid: number): number => spaces.indexOf(this.replayer.memoryOf(pid));
    this.epochs.push({
      step: steps,
      spaceOf: new Map(this.pids.flatMap((pid) => (this.replayer.memoryOf(pid) === undefined ? [] : [[pid, numberOf(pid)]]))),
      shared: spaces.map((space) => space?.list.all.filter(({ shared, storage }) => shared && storage >= 0).map((vma) => ({ ...vma })) ?? []),
    });
  }

  /** The process that has, or will give to `pid`, its memory at a step. */
  ancestor(pid: number, step: number): number {
    const birth = this.births.get(pid);
    return birth === undefined || step >= birth.step ? pid : this.ancestor(birth.parent, step);
  }

  /** Whether what an instruction of a process accesses at an address is in another one's memory, too. */
  isMemoryOf(other: number, pid: number, step: number, address: number): boolean {
    const { spaceOf, shared } = this.at(step);
    const [own, theirs] = [spaceOf.get(pid), spaceOf.get(other)];
    if (own === undefined || theirs === undefined || own === theirs) return own === theirs;
    const storageIn = (space: number): number | undefined => {
      const range = shared[space].find(({ start, end }) => address >= start && address < end);
      return range && range.storage + (address - range.start);
    };
    const storage = storageIn(own);
    return storage !== undefined && storage === storageIn(theirs);
  }

  private at(step: number): Epoch {
    let low = 0;
    let high = this.epochs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.epochs[middle].step <= step) low = middle + 1;
      else high = middle;
    }
    return this.epochs[low - 1];
  }
}
