import { type FollowedBlock, type PluginApi, type PluginBlock, type PluginThread, ThreadCalls, type TracedFunction } from '@everystep/core';
import { hex } from '../text.ts';
import { type Allocator, allocatorOf, readsAhead } from './allocators.ts';
import type { Stack } from './blocks.ts';

/** Lines of a stack at most. */
const MOST_LINES = 12;
/** Paths of dynamic linkers. */
const DYNAMIC_LINKER = /\/ld[-.][^/]*$/;
/** Arguments of an allocator's function at most. */
const MOST_ARGUMENTS = 3;

interface Frame {
  readonly fn: TracedFunction;
  /** Address of the call; -1 where there is none. */
  readonly site: number;
  readonly allocator: Allocator | undefined;
  readonly args: readonly number[];
  /** It is what the dynamic linker has picked for a function that reads ahead: one without a symbol of its own. */
  readonly readsAhead: boolean;
}

/** A call of an allocator's function, of code that is not the allocator's. */
export interface AllocatorCall {
  readonly allocator: Allocator;
  readonly args: readonly number[];
  readonly stack: Stack;
  /** Once it is over; undefined: it begins. */
  readonly result: number | undefined;
}

interface ThreadFrames {
  readonly calls: ThreadCalls<FollowedBlock>;
  readonly frames: Frame[];
  /** Frames that are the allocator's. */
  inAllocator: number;
  /** Calls that began or ended at the block that is arrived at. */
  told: AllocatorCall[];
}

/** Follows the functions of all threads, and tells of calls of the allocator's. */
export class CallTracker {
  /** By the tags that their rows have. */
  private readonly blocks: FollowedBlock[] = [];
  private readonly threads: ThreadFrames[] = [];
  private readonly places = new Map<number, string>();
  /** Where functions begin that have been picked for functions that read ahead. */
  private readonly picked = new Set<number>();
  /** Address of the block that is arrived at. */
  private arriving = 0;
  private readonly registers: readonly number[];
  private readonly stackPointer: number;

  /** @param values of registers that have been recorded, by number */
  constructor(
    private readonly api: PluginApi,
    private readonly values: readonly bigint[],
  ) {
    const numberOf = (name: string): number => api.registers.findIndex((register) => register.name === name);
    this.registers = Array.from({ length: MOST_ARGUMENTS }, (_, i) => numberOf(`x${i}`));
    this.stackPointer = numberOf('sp');
    api.onSignal(({ thread, address }) => {
      if (address !== undefined) this.of(thread).calls.last = undefined;
    });
    api.onHandler((thread) => this.of(thread).calls.handlerBegins());
    api.onSyscall((thread, { name }) => {
      if (name === 'rt_sigreturn') this.of(thread).calls.handlerEnds();
    });
  }

  /** Records what is needed where a block begins. */
  block({ insns, end, pc }: PluginBlock): void {
    const [first] = insns;
    const { function: fn, place } = first;
    const isEntry = fn.start === (place === undefined ? pc : place.address);
    const tag = this.blocks.push({ fn, isEntry, lastPc: insns[insns.length - 1].pc, program: { pc, end } }) - 1;
    const wantsArguments = isEntry && allocatorOf(fn.name) !== undefined;
    for (const name of ['sp', 'x0', ...(wantsArguments ? ['x1', 'x2'] : [])]) first.record({ exec: { register: name }, tag });
  }

  /** A block begins. @param tag that its registers have been recorded with @returns the allocator's calls that begin or end there */
  arrive(tag: number, thread: PluginThread): readonly AllocatorCall[] {
    const block = this.blocks[tag];
    const state = this.of(thread);
    state.told = [];
    this.arriving = block.program.pc;
    state.calls.arrive(block, Number(this.values[this.stackPointer]));
    state.calls.last = block;
    return state.told;
  }

  isInAllocator(thread: PluginThread): boolean {
    return this.of(thread).inAllocator > 0;
  }

  /** Whether a thread is in a function that reads ahead, and has no symbol that says so. */
  isReadingAhead(thread: PluginThread): boolean {
    return this.of(thread).frames.at(-1)?.readsAhead === true;
  }

  /** The process of a thread runs another program. */
  forget(thread: PluginThread): void {
    const { calls } = this.of(thread);
    calls.stack.clear();
    calls.last = undefined;
  }

  /** Where a thread is. @param pc of its instruction */
  stackAt(thread: PluginThread, pc: number): Stack {
    return [this.placeOf(pc), ...this.callers(this.of(thread).frames)];
  }

  /** Where the calls of frames are, the innermost first. */
  private callers(frames: readonly Frame[]): string[] {
    const sites: string[] = [];
    for (let i = frames.length - 1; i >= 0 && sites.length < MOST_LINES; i--) {
      // Who calls main is of no interest.
      if (frames[i].fn.name === 'main') break;
      if (frames[i].site >= 0) sites.push(this.placeOf(frames[i].site));
    }
    return sites;
  }

  private placeOf(pc: number): string {
    let text = this.places.get(pc);
    if (text === undefined) {
      const { function: fn, source, place } = this.api.locate(pc);
      const where = source === undefined || source.line === 0 ? place?.object.path : `${source.path.slice(source.path.lastIndexOf('/') + 1)}:${source.line}`;
      text = `${hex(pc)} ${fn.name}${where === undefined ? '' : ` (${where})`}`;
      this.places.set(pc, text);
    }
    return text;
  }

  private of(thread: PluginThread): ThreadFrames {
    const known = this.threads[thread.index];
    if (known !== undefined) return known;
    const frames: Frame[] = [];
    const calls = new ThreadCalls<FollowedBlock>({
      enter: (fn, site) => {
        const allocator = allocatorOf(fn.name);
        const args = allocator === undefined ? [] : this.registers.map((number) => Number(this.values[number] ?? 0n));
        frames.push({ fn, site, allocator, args, readsAhead: this.picked.has(this.arriving) || frames.at(-1)?.readsAhead === true });
        if (allocator === undefined) return;
        if (state.inAllocator++ === 0) state.told.push({ allocator, args, result: undefined, stack: this.callers(frames) });
      },
      leave: () => {
        const frame = frames.pop();
        // Functions that are there in several versions (STT_GNU_IFUNC) give the dynamic linker the address of the best.
        if (frame !== undefined && readsAhead(frame.fn.name) && DYNAMIC_LINKER.test(frames.at(-1)?.fn.object?.path ?? '')) {
          this.picked.add(Number(this.values[this.registers[0]]));
        }
        if (frame?.allocator === undefined) return;
        if (--state.inAllocator > 0) return;
        const { allocator, args } = frame;
        state.told.push({ allocator, args, result: Number(this.values[this.registers[0]]), stack: this.callers([...frames, frame]) });
      },
    });
    const state: ThreadFrames = { calls, frames, inAllocator: 0, told: [] };
    this.threads[thread.index] = state;
    return state;
  }
}
