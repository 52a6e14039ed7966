import type { ByteReader, ByteWriter } from '../base/index.ts';
import { DescriptorCalls, type DescriptorChange, type OpenDescription } from './descriptorCalls.ts';
import type { ReplayedEvents } from './replayedRun.ts';
import type { Replayer } from './replayer.ts';

/** What a process has open. */
export interface OpenDescriptor {
  readonly descriptor: number;
  /** The path as the program gave it, or what `/proc/PID/fd` calls it: `pipe:`, `socket:`, `anon_inode:[eventfd]`. */
  readonly name: string;
}

const KINDS = ['open', 'close', 'closesOnExec', 'fork', 'exec'] as const;

type Table = Map<number, OpenDescription>;

const STANDARD = ['standard input', 'standard output', 'standard error'];
const standardTable = (): Table => new Map(STANDARD.map((name, descriptor) => [descriptor, { name, closesOnExec: false }]));

/**
 * What processes have open, by the system calls that opened, copied, passed and closed it, as far as a run has been gone through. What was
 * open before the run, but for descriptors 0 to 2, nobody tells.
 */
export class OpenFiles {
  private changes: DescriptorChange[] = [];
  /** What processes have where the run has been gone through to. */
  private readonly present = new Map<number, Table>();
  /** Hears of the run's system calls, as it is gone through for the first time. */
  readonly events: ReplayedEvents;

  constructor(replayer: Replayer) {
    this.events = new DescriptorCalls(replayer, {
      tell: (change) => this.add(change),
      open: (pid, descriptor) => this.tableOf(pid).get(descriptor),
      all: (pid) => [...this.tableOf(pid).keys()],
    });
  }

  private tableOf(pid: number): Table {
    return this.present.get(pid) ?? standardTable();
  }

  /** What a process has open at a step, in ascending order. */
  at(pid: number, step: number): readonly OpenDescriptor[] {
    const tables = new Map<number, Table>();
    for (const change of this.changes) {
      if (change.step > step) break;
      apply(tables, change);
    }
    return [...(tables.get(pid) ?? standardTable())].sort(([a], [b]) => a - b).map(([descriptor, { name }]) => ({ descriptor, name }));
  }

  /** The process that made another one, and when; undefined: nobody did, as far as is known. */
  parentOf(pid: number): { readonly pid: number; readonly step: number } | undefined {
    const fork = this.changes.find((change) => change.kind === 'fork' && change.pid === pid);
    return fork?.kind === 'fork' ? { pid: fork.parent, step: fork.step } : undefined;
  }

  private add(change: DescriptorChange): void {
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
    this.changes = Array.from({ length: reader.u32() }, (): DescriptorChange => {
      const kind = KINDS[reader.byte()];
      const at = { step: reader.u53(), pid: reader.u32() };
      switch (kind) {
        case 'open':
          return { ...at, kind, descriptor: reader.u32(), closesOnExec: reader.byte() === 1, name: reader.utf8(), socket: undefined };
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
function apply(tables: Map<number, Table>, change: DescriptorChange): void {
  if (change.kind === 'fork') {
    tables.set(change.pid, new Map(tables.get(change.parent) ?? standardTable()));
    return;
  }
  const table = tables.get(change.pid) ?? standardTable();
  tables.set(change.pid, table);
  switch (change.kind) {
    case 'open':
      table.set(change.descriptor, { name: change.name, closesOnExec: change.closesOnExec, socket: change.socket });
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
