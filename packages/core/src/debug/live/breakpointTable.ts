import type { Machine } from '../../engine/index.ts';
import type { Breakpoint } from '../target.ts';
import { createDebugPass, type DebugWish, MOST_WATCHED, setWatched, type WatchCounts } from './debugPass.ts';

/** After so many calls at a place without a breakpoint, the code there is made anew without the call. */
const MOST_STALE = 1000;

/** In the order in which what is watched stands in memory. */
const WATCHED_KINDS = ['write', 'access', 'read'] as const;

const nameOf = ({ kind, address, length }: Breakpoint): string => [kind, address, kind === 'code' ? 0 : length].join();

/**
 * The breakpoints of all processes, and what of them is in the code. gdb takes all breakpoints out at each stop and puts them in
 * again, so that code is changed only where one has come, when the machine runs again; what has gone is left for a while.
 */
export class BreakpointTable {
  /** By process. */
  private readonly wanted = new Map<number, Map<string, Breakpoint>>();
  /** Addresses where the code asks. */
  private readonly placed = new Set<number>();
  /** How often it has asked at an address for nothing. */
  private readonly stale = new Map<number, number>();
  private watched: readonly Breakpoint[] = [];
  private counts: WatchCounts = { write: 0, access: 0, read: 0 };
  private wish = '';

  constructor(private readonly machine: Machine) {}

  /** @returns false if there are too many */
  insert(pid: number, breakpoint: Breakpoint): boolean {
    const own = this.wanted.get(pid) ?? new Map<string, Breakpoint>();
    this.wanted.set(pid, own);
    if (breakpoint.kind !== 'code' && this.allWatched().length >= MOST_WATCHED) return false;
    own.set(nameOf(breakpoint), breakpoint);
    return true;
  }

  remove(pid: number, breakpoint: Breakpoint): void {
    this.wanted.get(pid)?.delete(nameOf(breakpoint));
  }

  /** A forked process has its parent's breakpoints. */
  fork(parent: number, child: number): void {
    this.wanted.set(child, new Map(this.wanted.get(parent)));
  }

  /** A process has no breakpoints any more. */
  forget(pid: number): void {
    this.wanted.delete(pid);
  }

  private all(): Breakpoint[] {
    return [...new Map([...this.wanted.values()].flatMap((own) => [...own])).values()];
  }

  private allWatched(): Breakpoint[] {
    const all = this.all();
    return WATCHED_KINDS.flatMap((kind) => all.filter((each) => each.kind === kind));
  }

  /** Puts what has changed into the code. Only between runs of the machine. @param syscalls whether system calls are caught */
  apply(syscalls: boolean): void {
    const { machine, placed, stale } = this;
    for (const [pc, times] of stale) {
      if (times <= MOST_STALE) continue;
      placed.delete(pc);
      stale.delete(pc);
      machine.retranslate(pc, pc + 1);
    }
    const all = this.all();
    for (const { kind, address } of all) {
      if (kind !== 'code' || placed.has(address)) continue;
      placed.add(address);
      stale.delete(address);
      machine.retranslate(address, address + 1);
    }
    this.watched = this.allWatched();
    for (const [index, { address, length }] of this.watched.entries()) setWatched(machine.space, index, address, length);
    const count = (kind: Breakpoint['kind']): number => this.watched.filter((each) => each.kind === kind).length;
    this.counts = { write: count('write'), access: count('access'), read: count('read') };
    const wish: DebugWish = { pcs: placed, watched: this.counts, syscalls };
    const pass = createDebugPass(wish, machine.guest.ignoredTopBits);
    if (pass.wish === this.wish) return;
    this.wish = pass.wish;
    machine.setInstrument(pass);
  }

  /** Whether a process has a breakpoint at an address where the code asked. */
  isAt(pid: number, pc: number): boolean {
    if (this.wanted.get(pid)?.has(nameOf({ kind: 'code', address: pc, length: 0 })) === true) return true;
    this.stale.set(pc, (this.stale.get(pc) ?? 0) + 1);
    return false;
  }

  /** The watchpoint with an index in memory, if the process has it. */
  watchpoint(pid: number, index: number): Breakpoint | undefined {
    const found = this.watched[index];
    return found !== undefined && this.wanted.get(pid)?.has(nameOf(found)) === true ? found : undefined;
  }

  /** A watchpoint of the process's that the kernel's writing of `length` bytes touches. */
  written(pid: number, address: number, length: number): Breakpoint | undefined {
    const { write, access } = this.counts;
    return this.watched
      .slice(0, write + access)
      .find((each, index) => this.watchpoint(pid, index) !== undefined && each.address < address + length && address < each.address + each.length);
  }
}
