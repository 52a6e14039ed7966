import { type ByteReader, type ByteWriter, utf8Text } from '../base/index.ts';
import type { ReplayedCall, ReplayedEvents } from './replayedRun.ts';
import type { Replayer } from './replayer.ts';

/** What a process has open. */
export interface OpenDescriptor {
  readonly descriptor: number;
  /** The path as the program gave it, or what `/proc/PID/fd` calls it: `pipe:`, `socket:`, `anon_inode:[eventfd]`. */
  readonly name: string;
}

/** One change: of one descriptor, or of all that a process has. */
type Change =
  | { readonly kind: 'open'; readonly step: number; readonly pid: number; readonly descriptor: number; readonly name: string; readonly closesOnExec: boolean }
  | { readonly kind: 'close'; readonly step: number; readonly pid: number; readonly first: number; readonly last: number }
  | { readonly kind: 'closesOnExec'; readonly step: number; readonly pid: number; readonly descriptor: number; readonly closesOnExec: boolean }
  /** `pid` is a new process with all that `parent` has. */
  | { readonly kind: 'fork'; readonly step: number; readonly pid: number; readonly parent: number }
  | { readonly kind: 'exec'; readonly step: number; readonly pid: number };

const KINDS = ['open', 'close', 'closesOnExec', 'fork', 'exec'] as const;

interface Open {
  readonly name: string;
  readonly closesOnExec: boolean;
}
type Table = Map<number, Open>;

const STANDARD = ['standard input', 'standard output', 'standard error'];
const standardTable = (): Table => new Map(STANDARD.map((name, descriptor) => [descriptor, { name, closesOnExec: false }]));
const PATH_BYTES = 4096;

/** O_CLOEXEC, and its like of pipe2, socket, dup3 and others. */
const CLOSE_ON_EXEC = 0o2000000;
/** FD_CLOEXEC, EFD_CLOEXEC-like bit 0 of memfd_create (MFD_CLOEXEC). */
const BIT_0 = 1;
const CLONE_THREAD = 0x1_0000;
/** fcntl's commands. */
const F_DUPFD = 0;
const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
/** CLOSE_RANGE_CLOEXEC */
const RANGE_CLOSES_ON_EXEC = 4;

/** Calls whose result is a descriptor of something with a path: the argument that has it, and the one with flags. */
const OPENING: Readonly<Record<string, readonly [path: number, flags: number]>> = {
  openat: [1, 2],
  open: [0, 1],
  creat: [0, -1],
  memfd_create: [0, 1],
  open_tree: [1, 2],
};
/** Others whose result is a descriptor: what it is called, and the argument with flags. */
const MAKING: Readonly<Record<string, readonly [name: string, flags: number]>> = {
  socket: ['socket:', 1],
  accept: ['socket:', -1],
  accept4: ['socket:', 3],
  eventfd2: ['anon_inode:[eventfd]', 1],
  epoll_create1: ['anon_inode:[eventpoll]', 0],
  timerfd_create: ['anon_inode:[timerfd]', 1],
  signalfd4: ['anon_inode:[signalfd]', 3],
  inotify_init1: ['anon_inode:inotify', 0],
  pidfd_open: ['anon_inode:[pidfd]', -1],
};
/** Calls that write two descriptors to memory: the argument with the address, the one with flags. */
const PAIRS: Readonly<Record<string, readonly [name: string, address: number, flags: number]>> = {
  pipe2: ['pipe:', 0, 1],
  socketpair: ['socket:', 3, 1],
};

/**
 * What processes have open, by the system calls that opened, copied and closed it, as far as a run has been gone through. What comes
 * in a message (SCM_RIGHTS) or was open before the run, but for descriptors 0 to 2, nobody tells.
 */
export class OpenFiles {
  private changes: Change[] = [];
  /** What processes have where the run has been gone through to. */
  private readonly present = new Map<number, Table>();
  /** Paths of calls that are being made, by thread: memory may be another one when they return. */
  private readonly paths = new Map<number, string>();

  constructor(private readonly replayer: Replayer) {}

  /** What a process has open at a step, in ascending order. */
  at(pid: number, step: number): readonly OpenDescriptor[] {
    const tables = new Map<number, Table>();
    for (const change of this.changes) {
      if (change.step > step) break;
      apply(tables, change);
    }
    return [...(tables.get(pid) ?? standardTable())].sort(([a], [b]) => a - b).map(([descriptor, { name }]) => ({ descriptor, name }));
  }

  /** Hears of the run's system calls, as it is gone through for the first time. */
  get events(): ReplayedEvents {
    return { enter: (call) => this.enter(call), leave: (call, result) => this.leave(call, result) };
  }

  private enter({ name = '', args, thread: { tid } }: ReplayedCall): void {
    const opening = OPENING[name];
    if (opening === undefined) return;
    const bytes = this.replayer.machine.space.kernelReadString(Number(args[opening[0]]), PATH_BYTES);
    this.paths.set(tid, bytes === undefined ? '' : utf8Text(bytes));
  }

  private leave({ name = '', args, thread: { tid, process } }: ReplayedCall, result: bigint | undefined): void {
    const path = this.paths.get(tid) ?? '';
    this.paths.delete(tid);
    const { pid } = process;
    const { steps: step } = this.replayer;
    if (name === 'execve' || name === 'execveat') {
      if (result === undefined || result >= 0n) this.add({ kind: 'exec', step, pid });
      return;
    }
    if (result === undefined || result < 0n) return;
    const at = { step, pid };
    const value = Number(result);
    const int = (i: number): number => Number(BigInt.asIntN(32, args[i] ?? 0n));
    const has = (i: number, bit: number): boolean => i >= 0 && (int(i) & bit) !== 0;
    const open = (descriptor: number, what: string, closesOnExec: boolean): void =>
      void this.add({ ...at, kind: 'open', descriptor, name: what, closesOnExec });
    const [opening, making, pair] = [OPENING[name], MAKING[name], PAIRS[name]];
    if (opening !== undefined)
      return open(value, name === 'memfd_create' ? `memfd:${path}` : path, has(opening[1], name === 'memfd_create' ? BIT_0 : CLOSE_ON_EXEC));
    if (making !== undefined) return open(value, making[0], has(making[1], CLOSE_ON_EXEC));
    if (pair !== undefined) {
      const bytes = this.replayer.machine.space.kernelRead(Number(args[pair[1]]), 8);
      const both = bytes && new DataView(bytes.buffer, bytes.byteOffset);
      for (const offset of both === undefined ? [] : [0, 4]) open((both as DataView).getInt32(offset, true), pair[0], has(pair[2], CLOSE_ON_EXEC));
      return;
    }
    const copy = (closesOnExec: boolean): void => open(value, (this.present.get(pid) ?? standardTable()).get(int(0))?.name ?? '', closesOnExec);
    switch (name) {
      case 'dup':
      case 'dup2':
        return copy(false);
      case 'dup3':
        return copy(has(2, CLOSE_ON_EXEC));
      case 'fcntl':
        if (int(1) === F_DUPFD || int(1) === F_DUPFD_CLOEXEC) return copy(int(1) === F_DUPFD_CLOEXEC);
        if (int(1) === F_SETFD) this.add({ ...at, kind: 'closesOnExec', descriptor: int(0), closesOnExec: has(2, BIT_0) });
        return;
      case 'close':
        this.add({ ...at, kind: 'close', first: int(0), last: int(0) });
        return;
      case 'close_range':
        if (!has(2, RANGE_CLOSES_ON_EXEC)) this.add({ ...at, kind: 'close', first: int(0) >>> 0, last: int(1) >>> 0 });
        return;
      case 'clone':
        if (!has(0, CLONE_THREAD)) this.add({ step, pid: value, kind: 'fork', parent: pid });
        return;
      case 'clone3': {
        const flags = this.replayer.machine.space.kernelRead(Number(args[0]), 8);
        const isThread = flags !== undefined && (new DataView(flags.buffer, flags.byteOffset).getUint32(0, true) & CLONE_THREAD) !== 0;
        if (!isThread) this.add({ step, pid: value, kind: 'fork', parent: pid });
        return;
      }
      default:
        return;
    }
  }

  private add(change: Change): void {
    this.changes.push(change);
    apply(this.present, change);
  }

  /** For a file. */
  write(out: ByteWriter): void {
    out.u32(this.changes.length);
    for (const change of this.changes) {
      out.byte(KINDS.indexOf(change.kind));
      out.u53(change.step);
      out.u32(change.pid);
      if (change.kind === 'open' || change.kind === 'closesOnExec') {
        out.u32(change.descriptor);
        out.byte(Number(change.closesOnExec));
      }
      if (change.kind === 'open') out.utf8(change.name);
      if (change.kind === 'fork') out.u32(change.parent);
      if (change.kind !== 'close') continue;
      out.u32(change.first);
      out.u32(change.last);
    }
  }

  /** What `write` wrote, instead of what there is. */
  read(reader: ByteReader): void {
    this.changes = Array.from({ length: reader.u32() }, (): Change => {
      const kind = KINDS[reader.byte()];
      const at = { step: reader.u53(), pid: reader.u32() };
      switch (kind) {
        case 'open':
          return { ...at, kind, descriptor: reader.u32(), closesOnExec: reader.byte() === 1, name: reader.utf8() };
        case 'closesOnExec':
          return { ...at, kind, descriptor: reader.u32(), closesOnExec: reader.byte() === 1 };
        case 'close':
          return { ...at, kind, first: reader.u32(), last: reader.u32() };
        case 'fork':
          return { ...at, kind, parent: reader.u32() };
        default:
          return { ...at, kind: 'exec' };
      }
    });
  }
}

/** Makes a change to what processes have. */
function apply(tables: Map<number, Table>, change: Change): void {
  if (change.kind === 'fork') {
    tables.set(change.pid, new Map(tables.get(change.parent) ?? standardTable()));
    return;
  }
  const table = tables.get(change.pid) ?? standardTable();
  tables.set(change.pid, table);
  switch (change.kind) {
    case 'open':
      table.set(change.descriptor, { name: change.name, closesOnExec: change.closesOnExec });
      return;
    case 'close':
      for (const descriptor of table.keys()) if (descriptor >= change.first && descriptor <= change.last) table.delete(descriptor);
      return;
    case 'closesOnExec': {
      const open = table.get(change.descriptor);
      if (open !== undefined) table.set(change.descriptor, { ...open, closesOnExec: change.closesOnExec });
      return;
    }
    case 'exec':
      for (const [descriptor, { closesOnExec }] of table) if (closesOnExec) table.delete(descriptor);
      return;
  }
}
