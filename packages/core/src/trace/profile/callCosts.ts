import type { EntryKind } from './callStack.ts';
import type { InsnPlace, TracedFunction } from './functionTable.ts';
import type { Cost, ProfiledThread, ProfileListener } from './profiler.ts';

/** Calls of a function from one place in another. */
export interface CallEdge {
  readonly caller: TracedFunction;
  readonly callee: TracedFunction;
  readonly site: InsnPlace;
  count: number;
  /** Of the callee and all that it called; recursive calls are in that of the outermost. */
  readonly inclusive: Cost;
  /** Calls that have not returned. */
  active: number;
}

interface OpenCall {
  readonly fn: TracedFunction;
  readonly edge: CallEdge | undefined;
  readonly insns: number;
  readonly loads: number;
  readonly stores: number;
}

/** Adds up what calls cost, by caller's instruction and callee. */
export class CallCosts implements ProfileListener {
  /** By caller, address of the call in its process, and callee. */
  private readonly edges = new Map<TracedFunction, Map<number, Map<TracedFunction, CallEdge>>>();
  /** By thread. */
  private readonly open: OpenCall[][] = [];

  /** @param placeOf the place of an address of a process */
  constructor(private readonly placeOf: (pid: number, pc: number) => InsnPlace) {}

  enter(thread: ProfiledThread, fn: TracedFunction, site: number, kind: EntryKind): void {
    const stack = this.stackOf(thread);
    const caller = stack.at(-1)?.fn;
    const edge = caller === undefined || site < 0 ? undefined : this.edge(thread.pid, caller, site, fn);
    if (edge !== undefined) {
      edge.active++;
      // A copied process has not called it.
      if (kind !== 'start') edge.count++;
    }
    stack.push({ fn, edge, insns: thread.cost.insns, loads: thread.cost.loads, stores: thread.cost.stores });
  }

  leave(thread: ProfiledThread): void {
    const call = this.stackOf(thread).pop();
    if (call?.edge === undefined || --call.edge.active > 0) return;
    const { inclusive } = call.edge;
    inclusive.insns += thread.cost.insns - call.insns;
    inclusive.loads += thread.cost.loads - call.loads;
    inclusive.stores += thread.cost.stores - call.stores;
  }

  /** Calls from a function, by the address of the call in its file. */
  from(caller: TracedFunction): Map<number, CallEdge[]> {
    const bySite = new Map<number, CallEdge[]>();
    for (const callees of this.edges.get(caller)?.values() ?? []) {
      for (const edge of callees.values()) bySite.set(edge.site.address, [...(bySite.get(edge.site.address) ?? []), edge]);
    }
    return bySite;
  }

  private stackOf({ index }: ProfiledThread): OpenCall[] {
    const stack = this.open[index] ?? [];
    this.open[index] = stack;
    return stack;
  }

  private edge(pid: number, caller: TracedFunction, site: number, callee: TracedFunction): CallEdge {
    let sites = this.edges.get(caller);
    if (sites === undefined) {
      sites = new Map();
      this.edges.set(caller, sites);
    }
    let callees = sites.get(site);
    if (callees === undefined) {
      callees = new Map();
      sites.set(site, callees);
    }
    let edge = callees.get(callee);
    if (edge === undefined) {
      edge = { caller, callee, site: this.placeOf(pid, site), count: 0, inclusive: { insns: 0, loads: 0, stores: 0 }, active: 0 };
      callees.set(callee, edge);
    }
    return edge;
  }
}
