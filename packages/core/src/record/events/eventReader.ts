import type { ByteReader } from '../../base/index.ts';
import { EntryKind, type EntryKindNumber, Op, readCallSums } from '../journal/entries.ts';
import { skipOperand, skipOperands } from '../journal/operands.ts';
import { isPause } from '../replayer.ts';

/** What has happened to a run besides its instructions. */
export type RecordedEvent = {
  /** Instructions completed before it; of a call, the one that makes it among them. */
  readonly step: number;
  /** Events of a step are in this order. If a whole number, that is the one of the pause behind it (see Replayer.runInto). */
  readonly order: number;
  /** The thread whose registers they are; tid is 0 where none runs any more. */
  readonly pid: number;
  readonly tid: number;
} & (
  | { readonly kind: 'call'; readonly number: number }
  /** The thread's call has ended. */
  | { readonly kind: 'returned' }
  /** It is going to have its effect. @param info siginfo_t, but for zeros at its end; undefined: the recording does not have it */
  | { readonly kind: 'signal'; readonly signal: number; readonly info: Uint8Array | undefined }
  /** The registers are this thread's from now on. */
  | { readonly kind: 'thread' }
  /** A thread that has not run yet. `makes`: what its process is. */
  | { readonly kind: 'threadStart'; readonly started: { readonly pid: number; readonly tid: number }; readonly makes: 'thread' | 'fork' | 'vfork' }
  | { readonly kind: 'threadEnd'; readonly ended: number }
  | { readonly kind: 'processEnd'; readonly ended: number; readonly by: 'exit' | 'signal'; readonly status: number }
  /** The process has another program. */
  | { readonly kind: 'execute'; readonly auxiliaryVector: Uint8Array }
  | { readonly kind: 'vforkDone'; readonly parent: { readonly pid: number; readonly tid: number } }
  /** What a process has mapped of files has changed. @param paths of those that the recorded system had */
  | { readonly kind: 'files'; readonly of: number; readonly program: string; readonly paths: readonly string[] }
);

type Told<E = RecordedEvent> = E extends RecordedEvent ? Omit<E, 'step' | 'order' | 'pid' | 'tid'> : never;

const MAKES = ['thread', 'fork', 'vfork'] as const;

/** Makes events of entries, which it must be given in their order. */
export class EventReader {
  readonly events: RecordedEvent[] = [];
  private step = -1;
  private pauses = 0;
  private info: Uint8Array | undefined;

  /** @param pid of the thread that runs before the first entry */
  constructor(
    private pid: number,
    private tid: number,
  ) {}

  /** @param kind call or stop */
  entry(kind: EntryKindNumber, step: number, rest: ByteReader): void {
    if (step !== this.step) this.pauses = 0;
    this.step = step;
    if (kind === EntryKind.call) {
      this.add({ kind: 'call', number: rest.u32() });
      if (rest.byte() === 2) rest.u32();
      readCallSums(rest);
    }
    while (!rest.atEnd) {
      const op = rest.byte();
      this.op(op, rest);
      if (isPause(op)) this.pauses++;
    }
  }

  /** An event without a pause comes before the next one that has. */
  private add(told: Told, order = this.pauses - 0.5): void {
    const { step, pid, tid } = this;
    this.events.push({ step, order, pid, tid, ...told } as RecordedEvent);
  }

  private op(op: number, ops: ByteReader): void {
    switch (op) {
      case Op.thread:
        this.pid = ops.u32();
        this.tid = ops.u32();
        return this.add({ kind: 'thread' });
      case Op.threadStart: {
        const started = { pid: ops.u32(), tid: ops.u32() };
        skipOperand('space', ops);
        this.add({ kind: 'threadStart', started, makes: MAKES[ops.byte()] });
        skipOperand('u53', ops);
        return skipOperand('maybeState', ops);
      }
      case Op.threadEnd: {
        const ended = ops.u32();
        this.add({ kind: 'threadEnd', ended });
        if (ended === this.tid) this.tid = 0;
        return;
      }
      case Op.signalInfo:
        this.info = ops.bytes(ops.u53());
        return;
      case Op.signal: {
        ops.u32();
        this.add({ kind: 'signal', signal: ops.u32(), info: this.info }, this.pauses);
        this.info = undefined;
        return;
      }
      case Op.returned:
        skipOperands(op, ops);
        return this.add({ kind: 'returned' }, this.pauses);
      case Op.processEnd:
        return this.add({ kind: 'processEnd', ended: ops.u32(), by: ops.byte() === 1 ? 'signal' : 'exit', status: ops.u32() }, this.pauses);
      case Op.execute:
        ops.u32();
        return this.add({ kind: 'execute', auxiliaryVector: ops.bytes(ops.u53()) });
      case Op.vforkDone:
        return this.add({ kind: 'vforkDone', parent: { pid: ops.u32(), tid: ops.u32() } }, this.pauses);
      case Op.files: {
        const of = ops.u32();
        skipOperand('byte', ops);
        const program = ops.utf8();
        const paths: string[] = [];
        skipOperand('parts', ops, { file: (path) => void paths.push(path) });
        return this.add({ kind: 'files', of, program, paths });
      }
      default:
        return skipOperands(op, ops);
    }
  }
}
