import type { Register } from '../../ir/index.ts';
import type { Probe } from '../timeline/probes.ts';
import type { SearchOptions } from '../timeline/search.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { dataFlowOf, FLAGS, type FlowResult } from './dataFlow.ts';
import { type Fork, type KernelWrite, type Sharing, Stretch, type WrittenMemory } from './stretch.ts';

/** Where a value is: in a register of a thread (FLAGS: its N Z C V), or in memory. */
export type SlicePlace = { readonly kind: 'register'; readonly tid: number; readonly register: number } | MemoryPlace;

interface MemoryPlace {
  readonly kind: 'memory';
  /** Number of the address space, see Replayer.spaces. */
  readonly space: number;
  readonly address: number;
  readonly bytes: number;
}

/**
 * A moment at which a value came about.
 *
 * - `copy`: an instruction moved, loaded or stored it, as it is or in part;
 * - `compute`: an instruction made it from others;
 * - `constant`: an instruction has it in itself;
 * - `input`: an instruction read time or a random number;
 * - `kernel`: a system call, or a signal's delivery, wrote it;
 * - `start`: it was there when the recording, or the thread, began.
 */
export type SliceKind = 'copy' | 'compute' | 'constant' | 'input' | 'kernel' | 'start';

export interface SliceNode {
  /** Of the instruction that did it: the value is there at `step` + 1; of `start`: at `step`, which is 0. */
  readonly step: number;
  readonly pc: number;
  readonly pid: number;
  readonly tid: number;
  readonly kind: SliceKind;
  /** Where the value was then: of memory, all of it that is looked for. */
  place: SlicePlace;
  /** Number of the system call; undefined for a signal. */
  readonly call: number | undefined;
  /** What it was made from; not complete where the slice was limited. */
  readonly sources: SliceNode[];
  /** Whether there is more behind it, which was not looked at. */
  isCut: boolean;
}

export interface SliceOptions {
  /** Computations that a value is followed through; copies do not count. */
  readonly depth: number;
  /** Most nodes that are no copies. */
  readonly limit: number;
}

/** A value whose origin is looked for, before the place where the search is. */
interface Wanted {
  readonly place: SlicePlace;
  /** What it is a source of. */
  readonly parents: SliceNode[];
  /** Computations up to there. */
  readonly depth: number;
}

/** Steps of the first stretch, of the longest, and how many are gone through before rarer writes are looked for one by one. */
const FIRST = 2000;
const LONGEST = 200_000;
const PATIENCE = 400_000;
/** Copies that a slice may have for each other node. */
const COPIES = 100;
/** More values than that are not looked for one by one. */
const FEW = 24;

/** Finds out where a value came from: backwards, stretch by stretch. */
export class Slicer {
  private wanted: Wanted[] = [];
  private nodes = 0;
  private copies = 0;
  private readonly depths = new Map<SliceNode, number>();
  private readonly flows = new Map<number, readonly FlowResult[]>();

  constructor(
    private readonly timeline: Timeline,
    private readonly options: SliceOptions,
  ) {}

  /**
   * Where the value came from that is at `place` before instruction `step`. The timeline is moved.
   * @returns its origins: several where memory was written in pieces
   */
  originsOf(place: SlicePlace, step: number): readonly SliceNode[] {
    const root = { sources: [] as SliceNode[] } as unknown as SliceNode;
    this.want(place, root, 0);
    let size = FIRST;
    let idle = 0;
    for (let to = step; to > 0 && this.wanted.length > 0; ) {
      const before = this.nodes + this.copies;
      const from = Math.max(0, to - size);
      this.search(new Stretch(this.timeline, from, to));
      idle = this.nodes + this.copies > before ? 0 : idle + (to - from);
      size = Math.min(size * 2, LONGEST);
      to = idle < PATIENCE || this.wanted.length > FEW ? from : this.lastWrite(from);
      if (idle >= PATIENCE) size = FIRST;
    }
    for (const wanted of this.wanted) this.attach(wanted, { kind: 'start', step: 0, pc: 0, pid: 0, tid: 0, call: undefined, place: wanted.place });
    return root.sources;
  }

  /** Behind the last step before `before` at which one of the wanted values is written, or moved to another process's memory. */
  private lastWrite(before: number): number {
    let from = 0;
    for (const { place } of this.wanted) {
      const { probe, options, since } = this.probeOf(place, before);
      const hit = this.timeline.previous(probe, { ...options, from: Math.max(from, since), to: before });
      from = Math.max(from, hit === undefined ? Math.min(since, 1) * (since + 1) : hit.step + 1);
    }
    return from;
  }

  /** @returns also since which step before `before` the value has been there: it may have come with memory of others */
  private probeOf(place: SlicePlace, before: number): { readonly probe: Probe; readonly options: SearchOptions; readonly since: number } {
    const { timeline } = this;
    const { machine, spaces } = timeline.replayer;
    if (place.kind === 'memory') {
      const probe: Probe = { kind: 'access', address: place.address, bytes: place.bytes, reads: false, writes: true };
      const space = spaces[place.space];
      const pid = space && timeline.replayer.processesWith(space)[0];
      if (pid === undefined) return { probe, options: {}, since: 0 };
      return { probe, options: { memoryOf: pid }, since: timeline.livesOf(probe, { memoryOf: pid, to: before })[0]?.from ?? 0 };
    }
    const { registers } = machine.guest.state;
    const register: Register | 'flags' = place.register === FLAGS ? 'flags' : registers[place.register];
    return { probe: { kind: 'register', register }, options: { tid: place.tid }, since: 0 };
  }

  private search(stretch: Stretch): void {
    let kernel = stretch.kernel.length - 1;
    let fork = stretch.forks.length - 1;
    let sharing = stretch.sharings.length - 1;
    for (let step = stretch.to - 1; step >= stretch.from && this.wanted.length > 0; step--) {
      for (; kernel >= 0 && stretch.kernel[kernel].step >= step; kernel--) this.kernelWrite(stretch.kernel[kernel], stretch);
      for (; sharing >= 0 && stretch.sharings[sharing].step >= step; sharing--) this.goToOther(stretch.sharings[sharing]);
      for (; fork >= 0 && stretch.forks[fork].step >= step; fork--) this.goToParent(stretch.forks[fork]);
      this.instruction(stretch, step);
    }
  }

  /** What a process had in memory when it was made was its parent's. */
  private goToParent({ parent, child }: Fork): void {
    this.wanted = this.wanted.map((wanted) => {
      const { place } = wanted;
      return place.kind === 'memory' && place.space === child ? { ...wanted, place: { ...place, space: parent } } : wanted;
    });
  }

  /** What memory held when a process mapped it, it had been given elsewhere. */
  private goToOther({ space, start, end, other, address }: Sharing): void {
    this.wanted = this.wanted.map((wanted) => {
      const { place } = wanted;
      if (place.kind !== 'memory' || place.space !== space || place.address < start || place.address >= end) return wanted;
      return { ...wanted, place: { ...place, space: other, address: address + (place.address - start) } };
    });
  }

  private kernelWrite(write: KernelWrite, stretch: Stretch): void {
    const { step, pid, tid, call, memory, registers } = write;
    const made = { kind: 'kernel', step, pc: stretch.pcOf(step), pid, tid, call } as const;
    if (memory !== undefined) this.memoryWritten(memory, made);
    for (const register of registers) this.registerWritten(tid, register, made);
  }

  private instruction(stretch: Stretch, step: number): void {
    const { tid, pid, space, shared } = stretch.turnOf(step);
    const pc = stretch.pcOf(step);
    const flow = this.flowOf(pc, stretch.wordOf(step));
    // All that it writes comes from what was there before it.
    const found: { readonly node: SliceNode; readonly result: FlowResult }[] = [];
    for (let i = flow.length - 1; i >= 0; i--) {
      const result = flow[i];
      const { target } = result;
      const made = { kind: kindOf(result), step, pc, pid, tid, call: undefined } as const;
      let node: SliceNode | undefined;
      if (target.kind === 'register') node = this.registerWritten(tid, target.register, made);
      else {
        const address = stretch.addressOf(step, target.access);
        const memory = address === undefined ? undefined : { space, shared, address, bytes: target.bytes };
        if (memory !== undefined) node = this.memoryWritten(memory, made);
      }
      if (node !== undefined) found.push({ node, result });
    }
    for (const { node, result } of found) this.follow(node, result, stretch);
  }

  private follow(node: SliceNode, { sources, isCopy }: FlowResult, stretch: Stretch): void {
    const depth = (this.depths.get(node) ?? 0) + (isCopy ? 0 : 1);
    if (depth > this.options.depth || this.nodes >= this.options.limit || this.copies >= this.options.limit * COPIES) {
      node.isCut = sources.some(({ kind }) => kind !== 'input');
      return;
    }
    for (const source of sources) {
      if (source.kind === 'register') this.want({ kind: 'register', tid: node.tid, register: source.register }, node, depth);
      else if (source.kind === 'load') {
        const address = stretch.addressOf(node.step, source.access);
        const { space } = stretch.turnOf(node.step);
        if (address === undefined) continue;
        this.want({ kind: 'memory', space, address, bytes: source.bytes }, node, depth);
      }
    }
  }

  private flowOf(pc: number, word: number | undefined): readonly FlowResult[] {
    if (word === undefined) return [];
    let flow = this.flows.get(word);
    if (flow === undefined) {
      flow = dataFlowOf(this.timeline.replayer.machine.guest, pc, word);
      this.flows.set(word, flow);
    }
    return flow;
  }

  private want(place: SlicePlace, parent: SliceNode, depth: number): void {
    const same = this.wanted.find((each) => isSame(each.place, place));
    if (same === undefined) this.wanted.push({ place, parents: [parent], depth });
    else {
      if (!same.parents.includes(parent)) same.parents.push(parent);
      if (depth < same.depth) this.wanted[this.wanted.indexOf(same)] = { ...same, depth };
    }
  }

  private registerWritten(tid: number, register: number, made: Omit<SliceNode, 'sources' | 'isCut' | 'place'>): SliceNode | undefined {
    const index = this.wanted.findIndex(({ place }) => place.kind === 'register' && place.tid === tid && place.register === register);
    if (index < 0) return undefined;
    const [wanted] = this.wanted.splice(index, 1);
    return this.attach(wanted, { ...made, place: wanted.place });
  }

  private memoryWritten({ space, shared, address, bytes }: WrittenMemory, made: Omit<SliceNode, 'sources' | 'isCut' | 'place'>): SliceNode | undefined {
    let node: SliceNode | undefined;
    for (const wanted of [...this.wanted]) {
      const { place, parents, depth } = wanted;
      if (place.kind !== 'memory') continue;
      const isDirect = place.space === space && address < place.address + place.bytes && place.address < address + bytes;
      const at = isDirect ? address : shared.addressIn(place.space, place.address, space, address);
      if (at === undefined) continue;
      const [start, end] = [Math.max(at, place.address), Math.min(at + bytes, place.address + place.bytes)];
      if (start >= end) continue;
      this.wanted.splice(this.wanted.indexOf(wanted), 1);
      node = this.attach(wanted, { ...made, place: { ...place, address: start, bytes: end - start } }, node);
      // The rest was written before.
      const rest: [number, number][] = [
        [place.address, start],
        [end, place.address + place.bytes],
      ];
      for (const [from, to] of rest) if (to > from) for (const parent of parents) this.want({ ...place, address: from, bytes: to - from }, parent, depth);
    }
    return node;
  }

  /** @param known the same moment, found for another value */
  private attach({ parents, depth }: Wanted, made: Omit<SliceNode, 'sources' | 'isCut'>, known?: SliceNode): SliceNode {
    const node = known ?? { ...made, sources: [], isCut: false };
    if (known === undefined) {
      if (made.kind === 'copy') this.copies++;
      else this.nodes++;
    } else known.place = union(known.place, made.place);
    this.depths.set(node, Math.min(depth, this.depths.get(node) ?? Number.POSITIVE_INFINITY));
    for (const parent of parents) if (!parent.sources.includes(node)) parent.sources.push(node);
    return node;
  }
}

function kindOf({ sources, isCopy }: FlowResult): SliceKind {
  if (isCopy) return 'copy';
  if (sources.length === 0) return 'constant';
  return sources.every(({ kind }) => kind === 'input') ? 'input' : 'compute';
}

function union(a: SlicePlace, b: SlicePlace): SlicePlace {
  if (a.kind === 'register' || b.kind === 'register') return a;
  const address = Math.min(a.address, b.address);
  return { ...a, address, bytes: Math.max(a.address + a.bytes, b.address + b.bytes) - address };
}

function isSame(a: SlicePlace, b: SlicePlace): boolean {
  if (a.kind === 'register') return b.kind === 'register' && a.tid === b.tid && a.register === b.register;
  return b.kind === 'memory' && a.space === b.space && a.address === b.address && a.bytes === b.bytes;
}
