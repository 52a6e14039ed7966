import { assert, ByteWriter } from '../base/index.ts';
import { DataFilter, type WantedData } from './dataFilter.ts';
import { readDefinition } from './definition.ts';
import { EVENT_HEADER, FIRST_EVENT, readEvent, writeEvent } from './events.ts';
import { asWords, forEachDefinition, RecordTable } from './walker.ts';

/**
 * Leaves out records cut short before their first wanted instruction, or whose instructions access other data than is wanted, and
 * everything behind the last instruction that is wanted.
 */
export class RecordFilter {
  readonly table = new RecordTable();
  /** Wanted instructions still to come. */
  left: number;
  private readonly out = new ByteWriter(0x1_0000);
  private readonly definitions = new Map<number, Uint8Array>();
  private cut = -1;
  private cutWanted = 0;
  private readonly data: DataFilter | undefined;

  /**
   * @param limit wanted instructions to let through, at least 1; may be Infinity
   * @param data undefined: instructions are wanted whatever they access
   */
  constructor(limit: number, data?: WantedData) {
    this.left = limit;
    this.data = data && new DataFilter(data);
  }

  /** Takes the definitions that the records to come use. */
  define(definitions: Uint8Array): void {
    this.table.define(definitions);
    this.data?.define(definitions);
    if (this.left !== Number.POSITIVE_INFINITY) forEachDefinition(definitions, (id, start, end) => this.definitions.set(id, definitions.slice(start, end)));
  }

  /** @returns the records to keep, valid until the next call; a multiple of 4 bytes, aligned */
  filter(records: Uint8Array): Uint8Array {
    const { out, table } = this;
    const words = asWords(records);
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    out.reset();
    for (let at = 0; at < words.length && this.left > 0; ) {
      const id = words[at] >>> 0;
      if (id >= FIRST_EVENT) {
        const size = EVENT_HEADER + words[at + 1];
        this.event(id, bytes.subarray(at * 4, at * 4 + size));
        at += size >> 2;
        continue;
      }
      const size = table.recordWords(id);
      assert(size > 0, `the trace has a record of block ${id} but no definition`);
      this.record(id, bytes.subarray(at * 4, (at + size) * 4));
      at += size;
    }
    return out.view();
  }

  private event(code: number, record: Uint8Array): void {
    const event = readEvent(code, record.subarray(EVENT_HEADER));
    if (event.kind === 'cut') {
      this.cut = event.completed;
      this.cutWanted = event.wanted;
    } else this.out.bytes(record);
  }

  private record(id: number, record: Uint8Array): void {
    const isCut = this.cut >= 0;
    let insns = isCut ? this.cut : this.table.insns(id);
    let wanted = isCut ? this.cutWanted : this.table.wanted(id);
    this.cut = -1;
    if (wanted === 0) return;
    const { data } = this;
    data?.look(record, insns);
    const told = data?.found ?? wanted;
    if (told === 0) return;
    if (told > this.left) {
      insns = data === undefined ? this.insnsUntil(id, this.left) : upTo(data.mask, this.left);
      wanted = this.left;
    }
    const part = data !== undefined && told < this.table.wanted(id) ? data.mask : undefined;
    if (isCut || told >= this.left) writeEvent(this.out, { kind: 'cut', completed: insns, wanted: Math.min(wanted, told) });
    if (part !== undefined) writeEvent(this.out, { kind: 'part', wanted: Math.min(told, this.left), mask: part });
    this.out.bytes(record);
    this.left -= Math.min(told, this.left);
  }

  /** Instructions of the block up to and with the `wanted`th wanted one. */
  private insnsUntil(id: number, wanted: number): number {
    const definition = this.definitions.get(id);
    assert(definition !== undefined, `no definition of block ${id}`);
    let seen = 0;
    return readDefinition(definition).layout.insns.findIndex((insn) => insn.wanted && ++seen === wanted) + 1;
  }
}

/** Instructions up to and with the one of the `count`th bit that is set. */
function upTo(mask: readonly number[], count: number): number {
  let insn = 0;
  for (let seen = 0; seen < count; insn++) seen += ((mask[insn >> 5] as number) >>> (insn & 31)) & 1;
  return insn;
}
