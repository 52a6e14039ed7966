import { ByteReader, ByteWriter } from '../../base/index.ts';
import { readEvent, type TraceEvent } from '../events.ts';

type Told = Extract<TraceEvent, { kind: 'mapping' | 'program' }>;

/** What events `program` and `mapping` have told of processes, as far as it still holds. */
export class ToldMappings {
  /** Of the processes that were told of last, last. */
  private readonly processes: Map<number, readonly { readonly event: Told; readonly bytes: Uint8Array }[]>;

  /**
   * @param most bytes to keep: where it gets more, processes are forgotten that nothing has been told of for longest
   * @param before what had been told
   */
  constructor(
    private readonly most: number,
    before?: ToldMappings,
  ) {
    this.processes = new Map(before?.processes);
  }

  /** Takes events, as records. */
  add(events: Uint8Array): void {
    const reader = new ByteReader(events);
    while (!reader.atEnd) {
      const start = reader.position;
      const code = reader.fixed32();
      const event = readEvent(code, reader.bytes(reader.fixed32()));
      if (event.kind === 'mapping' || event.kind === 'program') this.tell(event, events.slice(start, reader.position));
    }
    while (this.processes.size > 1 && this.length > this.most) this.processes.delete([...this.processes.keys()][0] as number);
  }

  /** The events that still hold, as records, in order. */
  get events(): Uint8Array {
    const out = new ByteWriter();
    for (const told of this.processes.values()) for (const { bytes } of told) out.bytes(bytes);
    return out.copy();
  }

  private get length(): number {
    let sum = 0;
    for (const told of this.processes.values()) for (const { bytes } of told) sum += bytes.length;
    return sum;
  }

  private tell(event: Told, bytes: Uint8Array): void {
    const { pid } = event;
    const before = event.kind === 'program' ? [] : (this.processes.get(pid) ?? []);
    const isOver = (old: Told): boolean => event.kind === 'mapping' && old.kind === 'mapping' && old.start >= event.start && old.end <= event.end;
    this.processes.delete(pid);
    this.processes.set(pid, [...before.filter((old) => !isOver(old.event)), { event, bytes }]);
  }
}
