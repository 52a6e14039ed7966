import type { ByteReader, ByteWriter } from '../base/index.ts';

/** Memory of a process. */
export interface MemoryPlace {
  readonly pid: number;
  readonly address: number;
}

/** Bytes at another address than those asked for, that may be the same memory. */
export interface AliasPlace {
  readonly address: number;
  readonly bytes: number;
  /** Where these are of the bytes asked for. */
  readonly own: number;
}

/** At a step, a process's memory became the same as other memory; or, without `other`, it was mapped anew, or no more. */
interface SharedChange {
  readonly step: number;
  readonly pid: number;
  readonly start: number;
  readonly end: number;
  readonly other: MemoryPlace | undefined;
}

/**
 * Which memory has been mapped as the same as other memory, as far as a run has been gone through: who wrote it may have done so at
 * another address, also before the process that is asked about had it.
 */
export class SharedHistory {
  private changes: SharedChange[] = [];

  get isEmpty(): boolean {
    return this.changes.length === 0;
  }

  /** Pages are the same as others from a step on. */
  same(step: number, { pid, address: start }: MemoryPlace, length: number, other: MemoryPlace): void {
    const last = this.changes.at(-1);
    // Pages are mapped one by one.
    const isNext = last?.step === step && last.pid === pid && last.end === start && last.other?.pid === other.pid;
    if (isNext && last.other.address + (last.end - last.start) === other.address) {
      this.changes.pop();
      this.changes.push({ ...last, end: start + length });
    } else this.add({ step, pid, start, end: start + length, other });
  }

  /** Pages of a process were mapped anew, or unmapped. */
  ended(step: number, { pid, address: start }: MemoryPlace, length: number): void {
    const end = start + length;
    if (this.changes.some((each) => each.pid === pid && each.start < end && start < each.end)) this.add({ step, pid, start, end, other: undefined });
  }

  private add(change: SharedChange): void {
    const { step, pid, start, end } = change;
    // Gone through once more.
    if ((this.changes.at(-1)?.step ?? -1) > step) return;
    const isKnown = ({ other, ...each }: SharedChange): boolean =>
      each.step === step && each.pid === pid && each.start <= start && end <= each.end && (other === undefined) === (change.other === undefined);
    if (!this.changes.some(isKnown)) this.changes.push(change);
  }

  /** Since which step up to `before` a process has had memory that others had already, and what it was then; undefined: it has none such. */
  originOf({ pid, address }: MemoryPlace, before: number): { readonly step: number; readonly place: MemoryPlace } | undefined {
    for (let i = this.changes.length - 1; i >= 0; i--) {
      const change = this.changes[i];
      if (change.step > before || change.pid !== pid || address < change.start || address >= change.end) continue;
      const { step, other, start } = change;
      return other && { step, place: { pid: other.pid, address: other.address + (address - start) } };
    }
    return undefined;
  }

  /** Other addresses at which any process may ever have had some of these bytes. Whether it had them, its address space tells. */
  aliasesOf(address: number, bytes: number): readonly AliasPlace[] {
    const found: AliasPlace[] = [{ address, bytes, own: address }];
    const add = ({ address: from, bytes: length, own }: AliasPlace, start: number, end: number, other: number): void => {
      const [first, last] = [Math.max(from, start), Math.min(from + length, end)];
      if (first >= last || start === other) return;
      const alias = { address: first - start + other, bytes: last - first, own: own + (first - from) };
      if (
        !found.some(
          (each) => each.address - each.own === alias.address - alias.own && each.own <= alias.own && alias.own + alias.bytes <= each.own + each.bytes,
        )
      )
        found.push(alias);
    };
    // More come while it is gone through.
    for (const place of found) {
      for (const { start, end, other } of this.changes) {
        if (other === undefined) continue;
        add(place, start, end, other.address);
        add(place, other.address, other.address + (end - start), start);
      }
    }
    return found.slice(1);
  }

  /** For a file. */
  write(out: ByteWriter): void {
    out.u32(this.changes.length);
    for (const { step, pid, start, end, other } of this.changes) {
      for (const number of [step, pid, start, end]) out.u53(number);
      out.byte(Number(other !== undefined));
      if (other === undefined) continue;
      out.u53(other.pid);
      out.u53(other.address);
    }
  }

  /** What `write` wrote, instead of what there is. */
  read(reader: ByteReader): void {
    this.changes = Array.from({ length: reader.u32() }, () => {
      const [step, pid, start, end] = [reader.u53(), reader.u53(), reader.u53(), reader.u53()];
      return { step, pid, start, end, other: reader.byte() === 1 ? { pid: reader.u53(), address: reader.u53() } : undefined };
    });
  }
}
