import { definePlugin, type PluginApi, type PluginArguments, type PluginInsn, type PluginSyscall, type PluginThread } from '@everystep/core';
import { type MadeAccesses, ShadowEngine } from '../shadow/engine.ts';
import { hex } from '../text.ts';
import { readsAhead } from './allocators.ts';
import { type HeapBlock, HeapBlocks, type Stack } from './blocks.ts';
import { type AllocatorCall, CallTracker } from './callTracker.ts';
import { findLeaks } from './leaks.ts';

/** What heap checks find wrong; as valgrind's memcheck, where it has the same. */
export const heap = definePlugin({
  apiVersion: 1,
  name: 'heap',
  description: 'find invalid reads and writes of heap memory, uses of uninitialised values, wrong frees, and leaks',
  options: [
    { name: 'leaks', value: 'on|off|all', help: 'report blocks that are lost (default on), or all that are not freed' },
    { name: 'undefined', value: 'on|off', help: 'report branches, addresses and system calls that depend on uninitialised bytes (default on)' },
    { name: 'limit', value: 'number', help: 'report so many different errors in full (default 100)' },
    { name: 'status', value: 'number', help: 'end the program with this exit status if there were errors' },
  ],
  install(api, args) {
    new HeapChecker(api, args);
  },
});

/** System calls that read memory, and the numbers of the arguments that say where and how much. */
const READING_CALLS: ReadonlyMap<string, readonly [address: number, length: number]> = new Map([
  ['write', [1, 2]],
  ['pwrite64', [1, 2]],
  ['sendto', [1, 2]],
]);

interface Finding {
  readonly text: string;
  times: number;
}

class HeapChecker {
  private readonly engine: ShadowEngine;
  private readonly tracker: CallTracker;
  private readonly processes = new Map<number, HeapBlocks>();
  /** By process. */
  private readonly breaks = new Map<number, number>();
  /** All blocks that there have been, by number: what labels of uninitialised bytes stand for. */
  private readonly blocks: HeapBlock[] = [];
  private readonly readingAhead: boolean[] = [];
  private readonly findings = new Map<string, Finding>();
  private readonly limit: number;
  private readonly leaks: 'on' | 'off' | 'all';
  private readonly status: number | undefined;
  /** What each thread has given to realloc. */
  private readonly resized: (HeapBlock | undefined)[] = [];
  private errors = 0;
  /** Bytes of all blocks that there have been. */
  private allocated = 0;
  private freed = 0;
  private thread: PluginThread = { index: 0, pid: 0, tid: 0 };

  constructor(
    private readonly api: PluginApi,
    args: PluginArguments,
  ) {
    this.limit = args.number('limit', 100);
    this.leaks = args.choice('leaks', ['on', 'off', 'all'], 'on');
    this.status = args.number('status');
    const tellsUndefined = args.flag('undefined', true);
    const undefinedUse = (what: string) => (insn: PluginInsn, thread: PluginThread, label: number) => {
      if (this.isReadingAhead(insn, thread) || this.tracker.isInAllocator(thread)) return;
      this.report(`${what} depends on uninitialised bytes`, insn.pc, thread, this.blockOf(label));
    };
    this.engine = new ShadowEngine(api, {
      block: (block) => {
        for (const insn of block.insns) this.readingAhead[insn.index] = readsAhead(insn.function.name);
        this.tracker.block(block);
      },
      insn: (insn, thread, made) => this.ran(insn, thread, made),
      forgets: (insn, thread) => this.isReadingAhead(insn, thread),
      ...(tellsUndefined ? { branch: undefinedUse('branch'), address: undefinedUse('address of an access') } : {}),
      kernelWrote: (pid, address, length) => this.kernelWrote(pid, address, length),
    });
    this.tracker = new CallTracker(api, this.engine.values);
    api.onSyscall((thread, call) => this.syscall(thread, call, tellsUndefined));
    api.onSyscallReturn((thread, call, result) => this.syscallReturns(thread, call, result));
    api.onProcessStart(({ pid }) => {
      const parent = this.processes.get(this.thread.pid);
      if (parent !== undefined) this.processes.set(pid, parent.copy());
    });
    api.atExit(() => this.summarise());
  }

  private ran(insn: PluginInsn, thread: PluginThread, made: MadeAccesses): void {
    this.thread = thread;
    if (this.engine.hasValues) {
      for (const call of this.tracker.arrive(this.engine.tag, thread)) this.allocator(call, thread);
    }
    if (made.length === 0 || this.tracker.isInAllocator(thread)) return;
    const heap = this.heapOf(thread.pid);
    for (let i = 0; i < made.length; i++) {
      const address = made.addresses[i];
      const bytes = made.bytes[i];
      if (heap.mayUse(address, bytes)) continue;
      const isStore = made.stores[i] === 1;
      if (!isStore && this.isReadingAhead(insn, thread) && heap.mayUseSome(address - (address % 64), 64)) continue;
      this.reportAccess(`invalid ${isStore ? 'write' : 'read'} of ${bytes} bytes`, address, insn.pc, thread);
    }
  }

  private isReadingAhead(insn: PluginInsn, thread: PluginThread): boolean {
    return this.readingAhead[insn.index] || this.tracker.isReadingAhead(thread);
  }

  private allocator({ allocator, args, result, stack }: AllocatorCall, thread: PluginThread): void {
    const heap = this.heapOf(thread.pid);
    const { kind } = allocator;
    if (kind === 'internal') return;
    if (result === undefined) {
      // What is given back is so before the allocator looks at it, as that may end the program.
      if (kind !== 'allocate' && args[0] !== 0) this.resized[thread.index] = this.free(heap, args[0], stack);
      return;
    }
    if (kind === 'free') return;
    if (kind === 'resize') {
      const size = allocator.size(args);
      const old = this.resized[thread.index];
      if (result !== 0) this.add(heap, result, size, stack, thread.pid, Math.min(args[0] === 0 ? 0 : (old?.size ?? 0), size));
      else if (size !== 0 && args[0] !== 0 && old !== undefined) heap.add(old);
      return;
    }
    // posix_memalign gives 0 for success, and the address in memory.
    const address = allocator.storesAddress === true ? (result === 0 ? this.pointerAt(args[0]) : 0) : result;
    const size = allocator.size(args);
    if (address !== 0) this.add(heap, address, size, stack, thread.pid, allocator.isCleared === true ? size : 0);
  }

  /** @param initialised bytes that have been written already */
  private add(heap: HeapBlocks, start: number, size: number, allocated: Stack, pid: number, initialised: number): void {
    const block: HeapBlock = { number: this.blocks.length, start, size, allocated, freed: undefined };
    this.blocks.push(block);
    this.allocated += size;
    heap.add(block);
    const memory = this.engine.memoryOf(pid);
    memory.fill(start + initialised, size - initialised, this.engine.sets.single(block.number));
    if (initialised === size) memory.fill(start, size, 0);
  }

  private free(heap: HeapBlocks, address: number, stack: Stack): HeapBlock | undefined {
    const block = heap.free(address, stack);
    if (block !== undefined) this.freed++;
    else {
      const { text, block: near } = heap.describe(address);
      this.tell(`invalid free of ${hex(address)}, ${text}`, stack, near, `free ${stack[0]}`);
    }
    return block;
  }

  private syscall(thread: PluginThread, { name, args }: PluginSyscall, tellsUndefined: boolean): void {
    this.thread = thread;
    const reads = name === undefined ? undefined : READING_CALLS.get(name);
    if (reads !== undefined && tellsUndefined) {
      const [address, length] = reads.map((number) => Number(args[number]));
      const label = Number.isSafeInteger(address) && length < 2 ** 31 ? this.engine.memoryLabel(thread.pid, address, length) : 0;
      if (label !== 0) this.report(`system call ${name} reads uninitialised bytes`, this.pc, thread, this.blockOf(label));
    }
    if (name !== 'exit_group') return;
    if (this.leaks !== 'off') this.reportLeaks(thread.pid);
    if (this.errors > 0 && this.status !== undefined) this.api.exit(this.status);
  }

  /** What the allocator gets of the system is nobody's until it is given out. */
  private syscallReturns(thread: PluginThread, { name, args }: PluginSyscall, result: bigint | undefined): void {
    const { pid } = thread;
    if (result === undefined) {
      if (name?.startsWith('execve')) this.forget(thread);
      return;
    }
    const heap = this.heapOf(pid);
    const value = Number(result);
    const [first, second] = args.map(Number);
    if (name === 'brk') {
      const before = this.breaks.get(pid) ?? value;
      this.breaks.set(pid, value);
      if (value < before) heap.removeRegion(value, before);
      else if (this.tracker.isInAllocator(thread)) heap.addRegion(before, value);
    } else if (name === 'mmap' && value > 0) {
      if (this.tracker.isInAllocator(thread)) heap.addRegion(value, value + second);
      else heap.removeRegion(value, value + second);
    } else if (name === 'munmap' && value === 0) heap.removeRegion(first, first + second);
  }

  private kernelWrote(pid: number, address: number, length: number): void {
    const heap = this.heapOf(pid);
    if (length === 0 || this.tracker.isInAllocator(this.thread) || heap.mayUse(address, length)) return;
    let at = address;
    while (heap.mayUse(at, 1)) at++;
    this.reportAccess(`system call writes ${length} bytes`, at, this.pc, this.thread);
  }

  private get pc(): number {
    return Number(this.api.readRegister('pc')) - 4;
  }

  private forget(thread: PluginThread): void {
    this.processes.delete(thread.pid);
    this.breaks.delete(thread.pid);
    this.tracker.forget(thread);
  }

  private heapOf(pid: number): HeapBlocks {
    let heap = this.processes.get(pid);
    if (heap === undefined) {
      heap = new HeapBlocks();
      this.processes.set(pid, heap);
    }
    return heap;
  }

  private pointerAt(address: number): number {
    const bytes = this.api.readMemory(address, 8);
    return bytes === undefined ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  }

  /** The first of the blocks that a label's bytes are of. */
  private blockOf(label: number): HeapBlock | undefined {
    return this.blocks[this.engine.sets.rangesOf(label)[0]];
  }

  // Messages

  private reportAccess(what: string, address: number, pc: number, thread: PluginThread): void {
    const { text, block } = this.heapOf(thread.pid).describe(address);
    this.report(`${what} at ${hex(address)}, ${text}`, pc, thread, block, what);
  }

  /** @param kind errors of one kind at one place are one */
  private report(text: string, pc: number, thread: PluginThread, block: HeapBlock | undefined, kind = text): void {
    this.tell(text, this.tracker.stackAt(thread, pc), block, `${kind} ${this.tracker.stackAt(thread, pc).join()}`);
  }

  private tell(text: string, stack: Stack, block: HeapBlock | undefined, key: string): void {
    this.errors++;
    const known = this.findings.get(key);
    if (known !== undefined) {
      known.times++;
      return;
    }
    this.findings.set(key, { text, times: 1 });
    if (this.findings.size > this.limit) return;
    this.api.output(`${text}\n${lines(stack)}`);
    if (block === undefined) return;
    if (block.freed !== undefined) this.api.output(`  freed\n${lines(block.freed)}`);
    this.api.output(`  allocated\n${lines(block.allocated)}`);
  }

  private reportLeaks(pid: number): void {
    const heap = this.heapOf(pid);
    const { lost, reachable } = findLeaks(this.api, heap);
    this.errors += bySite(lost).length;
    for (const [what, blocks] of [['lost', lost], ...(this.leaks === 'all' ? ([['not freed, but still pointed to', reachable]] as const) : [])] as const) {
      for (const group of bySite(blocks)) {
        const bytes = group.reduce((sum, { size }) => sum + size, 0);
        this.api.output(`${bytes} bytes in ${counted(group.length, 'block')} ${what}, allocated\n${lines(group[0].allocated)}`);
      }
    }
    const sum = (blocks: readonly HeapBlock[]): string => `${blocks.reduce((all, { size }) => all + size, 0)} bytes in ${counted(blocks.length, 'block')}`;
    this.api.output(`at exit: lost ${sum(lost)}; still pointed to ${sum(reachable)}\n`);
  }

  private summarise(): void {
    const repeated = [...this.findings.values()].filter(({ times }) => times > 1);
    for (const { text, times } of repeated) this.api.output(`${times} times: ${text}\n`);
    this.api.output(
      `heap: ${counted(this.blocks.length, 'block')} of ${this.allocated} bytes allocated, ${this.freed} freed; ${counted(this.errors, 'error')}\n`,
    );
  }
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const lines = (stack: Stack): string => stack.map((place) => `    at ${place}\n`).join('');

/** Blocks that were allocated at one place, those of most bytes first. */
function bySite(blocks: readonly HeapBlock[]): readonly (readonly HeapBlock[])[] {
  const groups = new Map<string, HeapBlock[]>();
  for (const block of blocks) {
    const key = block.allocated.join();
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(block);
  }
  const sum = (group: readonly HeapBlock[]): number => group.reduce((all, { size }) => all + size, 0);
  return [...groups.values()].sort((a, b) => sum(b) - sum(a));
}
