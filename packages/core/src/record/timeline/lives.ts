import type { OpenFiles } from '../openFiles.ts';
import type { MemoryPlace, SharedHistory } from '../sharedHistory.ts';
import type { Hit } from './hits.ts';
import type { Probe } from './probes.ts';
import type { SearchOptions, StepRange } from './search.ts';

type AccessProbe = Extract<Probe, { kind: 'access' }>;

/** Where to look, and where a process has its memory there. */
export interface PlaceOptions extends SearchOptions {
  /** Only accesses to what this process has at this address: the probe's is the same, or another where it may be, too. */
  readonly memory?: MemoryPlace;
  /** Where the memory is that was asked for, if not where it was asked for. */
  readonly place?: MemoryPlace;
}

/** What is looked for while memory was a process's. */
export interface Life extends StepRange {
  /** Where the memory was then; undefined: whosever memory is at the probe's address. */
  readonly memory: MemoryPlace | undefined;
  /** That is where it was asked for. */
  readonly isAsked: boolean;
  /** The accesses that are looked for: at the memory's own address first, then at others, where it may be, too. */
  readonly places: readonly LifePlace[];
}

interface LifePlace {
  readonly probe: Probe;
  /** Where the process has what is at the probe's address. */
  readonly own: number | undefined;
}

/**
 * When to look for what, the last first: accesses to a process's memory in its own time, and before in that of whoever had the memory
 * then, its parent or one that it shares it with.
 */
export function livesOf(
  probe: Probe,
  { memoryOf, from = 0, to = 0 }: SearchOptions,
  { parentOf, shared }: { readonly parentOf: OpenFiles['parentOf']; readonly shared: SharedHistory },
): readonly Life[] {
  if (memoryOf === undefined || probe.kind !== 'access') return [{ from, to, memory: undefined, isAsked: true, places: [{ probe, own: undefined }] }];
  const lives: Life[] = [];
  let memory: MemoryPlace = { pid: memoryOf, address: probe.address };
  for (let end = to; end > from; ) {
    const parent = parentOf(memory.pid);
    const fork = parent && { step: parent.step, place: { pid: parent.pid, address: memory.address } };
    const origin = shared.originOf(memory, end);
    const before = origin !== undefined && origin.step > (fork?.step ?? 0) ? origin : fork;
    // It begins in the system call that makes it.
    const begin = Math.max(from, before === undefined ? 0 : before.step - 1);
    const isAsked = memory.pid === memoryOf && memory.address === probe.address;
    if (begin < end) lives.push({ from: begin, to: end, memory, isAsked, places: placesOf(probe, memory, shared) });
    if (before === undefined) break;
    end = Math.min(end, begin);
    memory = before.place;
  }
  return lives;
}

function placesOf(probe: AccessProbe, { address }: MemoryPlace, shared: SharedHistory): readonly LifePlace[] {
  const aliases = shared.aliasesOf(address, probe.bytes).map((alias) => ({ probe: { ...probe, address: alias.address, bytes: alias.bytes }, own: alias.own }));
  return [{ probe: { ...probe, address }, own: address }, ...aliases];
}

/** How to look at one of a life's places. */
export function optionsOf({ from, to, memory, isAsked }: Life, { own }: LifePlace): PlaceOptions {
  if (memory === undefined || own === undefined) return { from, to };
  return { from, to, memory: { pid: memory.pid, address: own }, ...(isAsked ? {} : { place: memory }) };
}

/** Hits by their steps, each once. */
export const inOrder = (hits: readonly Hit[]): readonly Hit[] =>
  [...hits].sort((a, b) => a.step - b.step).filter(({ step, tid }, i, all) => all[i - 1]?.step !== step || all[i - 1].tid !== tid);
