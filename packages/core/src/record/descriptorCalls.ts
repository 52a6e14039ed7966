import { utf8Text } from '../base/index.ts';
import { MESSAGE_OF_MANY, PassedDescriptors, readMessage, socketAddress } from './passedDescriptors.ts';
import type { ReplayedCall, ReplayedEvents } from './replayedRun.ts';
import type { Replayer } from './replayer.ts';

/** What a descriptor stands for. */
export interface OpenDescription {
  readonly name: string;
  readonly closesOnExec: boolean;
  /** Its number, see PassedDescriptors; known only where the run is gone through for the first time. */
  readonly socket?: number | undefined;
}

/** One change: of one descriptor, or of all that a process has. */
export type DescriptorChange =
  | ({ readonly kind: 'open'; readonly step: number; readonly pid: number; readonly descriptor: number } & OpenDescription)
  | { readonly kind: 'close'; readonly step: number; readonly pid: number; readonly first: number; readonly last: number }
  | { readonly kind: 'closesOnExec'; readonly step: number; readonly pid: number; readonly descriptor: number; readonly closesOnExec: boolean }
  /** `pid` is a new process with all that `parent` has. */
  | { readonly kind: 'fork'; readonly step: number; readonly pid: number; readonly parent: number }
  | { readonly kind: 'exec'; readonly step: number; readonly pid: number };

/** Who hears of changes, and knows what they have come to. */
interface DescriptorTables {
  tell(change: DescriptorChange): void;
  open(pid: number, descriptor: number): OpenDescription | undefined;
  all(pid: number): readonly number[];
}

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
const MSG_PEEK = 2;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
/** The name of what came in a message whose sender is not known. */
const FROM_MESSAGE = 'from a message';

/** Calls whose result is a descriptor of something with a path: the argument that has it, and the one with flags. */
const OPENING: Readonly<Record<string, readonly [path: number, flags: number]>> = {
  openat: [1, 2],
  openat2: [1, -1],
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

/** What the present call of a thread needs to know. */
interface CallContext {
  readonly at: { readonly step: number; readonly pid: number };
  readonly args: readonly bigint[];
  readonly result: number;
  /** Of the call's argument, as it was when the call began: memory may be another one when it returns. */
  readonly path: string;
}

const int = ({ args }: CallContext, i: number): number => Number(BigInt.asIntN(32, args[i] ?? 0n));
const address = ({ args }: CallContext, i: number): number => Number(args[i] ?? 0n);
const has = (call: CallContext, i: number, bit: number): boolean => i >= 0 && (int(call, i) & bit) !== 0;

/** Tells of a replay's system calls what they open, copy, pass and close. */
export class DescriptorCalls implements ReplayedEvents {
  private readonly paths = new Map<number, string>();
  private readonly passed = new PassedDescriptors();

  constructor(
    private readonly replayer: Replayer,
    private readonly tables: DescriptorTables,
  ) {}

  enter({ name = '', args, thread: { tid } }: ReplayedCall): void {
    const opening = OPENING[name];
    if (opening === undefined) return;
    const bytes = this.replayer.machine.space.kernelReadString(Number(args[opening[0]]), PATH_BYTES);
    this.paths.set(tid, bytes === undefined ? '' : utf8Text(bytes));
  }

  leave({ name = '', args, thread: { tid, process } }: ReplayedCall, result: bigint | undefined): void {
    const path = this.paths.get(tid) ?? '';
    this.paths.delete(tid);
    const at = { step: this.replayer.steps, pid: process.pid };
    if (name === 'execve' || name === 'execveat') {
      if (result === undefined || result >= 0n) this.tables.tell({ ...at, kind: 'exec' });
      return;
    }
    if (result === undefined || result < 0n) return;
    const call = { at, args, result: Number(result), path };
    if (OPENING[name] !== undefined) this.opened(name, call);
    else if (MAKING[name] !== undefined) this.made(name, call);
    else if (PAIRS[name] !== undefined) this.madePair(name, call);
    else this.changed(name, call);
  }

  private open({ at }: CallContext, descriptor: number, description: OpenDescription): void {
    this.tables.tell({ ...at, kind: 'open', descriptor, ...description });
  }

  private opened(name: string, call: CallContext): void {
    const isMemory = name === 'memfd_create';
    const bytes = name === 'openat2' ? this.bytes(address(call, 2), 8) : undefined;
    const closesOnExec = bytes === undefined ? has(call, OPENING[name][1], isMemory ? BIT_0 : CLOSE_ON_EXEC) : (bytes.getUint32(0, true) & CLOSE_ON_EXEC) !== 0;
    this.open(call, call.result, { name: isMemory ? `memfd:${call.path}` : call.path, closesOnExec });
  }

  private made(name: string, call: CallContext): void {
    const [what, flags] = MAKING[name];
    const isAccept = name.startsWith('accept');
    const socket = isAccept ? this.passed.accept(this.socketOf(call) ?? 0) : name === 'socket' ? this.passed.create(int(call, 1)) : undefined;
    this.open(call, call.result, { name: what, closesOnExec: has(call, flags, CLOSE_ON_EXEC), socket });
  }

  private madePair(name: string, call: CallContext): void {
    const [what, at, flags] = PAIRS[name];
    const both = this.bytes(address(call, at), 8);
    if (both === undefined) return;
    const sockets = name === 'socketpair' ? this.passed.createPair() : [];
    for (const i of [0, 1]) this.open(call, both.getInt32(4 * i, true), { name: what, closesOnExec: has(call, flags, CLOSE_ON_EXEC), socket: sockets[i] });
  }

  private changed(name: string, call: CallContext): void {
    const { at, result } = call;
    const { tables } = this;
    switch (name) {
      case 'dup':
      case 'dup2':
        return this.copied(call, false);
      case 'dup3':
        return this.copied(call, has(call, 2, CLOSE_ON_EXEC));
      case 'fcntl':
        if (int(call, 1) === F_DUPFD || int(call, 1) === F_DUPFD_CLOEXEC) return this.copied(call, int(call, 1) === F_DUPFD_CLOEXEC);
        if (int(call, 1) === F_SETFD) tables.tell({ ...at, kind: 'closesOnExec', descriptor: int(call, 0), closesOnExec: has(call, 2, BIT_0) });
        return;
      case 'close':
        return tables.tell({ ...at, kind: 'close', first: int(call, 0), last: int(call, 0) });
      case 'close_range': {
        const [first, last] = [int(call, 0) >>> 0, int(call, 1) >>> 0];
        if (!has(call, 2, RANGE_CLOSES_ON_EXEC)) return tables.tell({ ...at, kind: 'close', first, last });
        for (const descriptor of tables.all(at.pid))
          if (descriptor >= first && descriptor <= last) tables.tell({ ...at, kind: 'closesOnExec', descriptor, closesOnExec: true });
        return;
      }
      case 'clone':
        if (!has(call, 0, CLONE_THREAD)) tables.tell({ step: at.step, pid: result, kind: 'fork', parent: at.pid });
        return;
      case 'clone3': {
        const flags = this.bytes(address(call, 0), 8);
        const isThread = flags !== undefined && (flags.getUint32(0, true) & CLONE_THREAD) !== 0;
        if (!isThread) tables.tell({ step: at.step, pid: result, kind: 'fork', parent: at.pid });
        return;
      }
      default:
        return this.communicated(name, call);
    }
  }

  /** What sockets do to each other: descriptors go in their messages. */
  private communicated(name: string, call: CallContext): void {
    const { passed } = this;
    switch (name) {
      case 'bind':
      case 'connect': {
        const socket = this.socketOf(call);
        const where = socketAddress(this.replayer.machine.space, address(call, 1), int(call, 2));
        if (socket !== undefined && where !== undefined) passed[name](socket, where);
        return;
      }
      case 'sendmsg':
        return this.sent(call, address(call, 1));
      case 'sendmmsg':
        for (let i = 0; i < call.result; i++) this.sent(call, address(call, 1) + i * MESSAGE_OF_MANY);
        return;
      case 'recvmsg':
        return this.received(call, address(call, 1), int(call, 2));
      case 'recvmmsg':
        for (let i = 0; i < call.result; i++) this.received(call, address(call, 1) + i * MESSAGE_OF_MANY, int(call, 3));
        return;
      default:
        return;
    }
  }

  private sent(call: CallContext, at: number): void {
    const socket = this.socketOf(call);
    const message = readMessage(this.replayer.machine.space, at);
    const sent = message.descriptors.map((descriptor) => this.tables.open(call.at.pid, descriptor));
    if (socket !== undefined) this.passed.send(socket, message.address, sent);
  }

  private received(call: CallContext, at: number, flags: number): void {
    const { descriptors } = readMessage(this.replayer.machine.space, at);
    if (descriptors.length === 0) return;
    const sent = this.passed.receive(this.socketOf(call) ?? 0, descriptors.length, (flags & MSG_PEEK) !== 0);
    const closesOnExec = (flags & MSG_CMSG_CLOEXEC) !== 0;
    for (const [i, descriptor] of descriptors.entries()) this.open(call, descriptor, { name: FROM_MESSAGE, ...sent?.[i], closesOnExec });
  }

  private copied(call: CallContext, closesOnExec: boolean): void {
    this.open(call, call.result, { name: '', ...this.tables.open(call.at.pid, int(call, 0)), closesOnExec });
  }

  /** The socket that the first argument is a descriptor of. */
  private socketOf(call: CallContext): number | undefined {
    return this.tables.open(call.at.pid, int(call, 0))?.socket;
  }

  private bytes(at: number, length: number): DataView | undefined {
    const bytes = this.replayer.machine.space.kernelRead(at, length);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset);
  }
}
