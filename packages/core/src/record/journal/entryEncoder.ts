import { ByteWriter } from '../../base/index.ts';
import { type CallSums, EntryCursor, EntryKind, type EntryKindNumber, readCallSums } from './entries.ts';
import { Content, keyOfCall, RUN, TokenFlag } from './entryCode.ts';
import { EntryModel, type KnownEntry, RESULT_BYTES } from './entryModel.ts';

/** Equal bytes between two that differ, so many or fewer, do not end what is told at once. */
const GAP = 2;
/** Contents are told as they are once ranges that differ take more than half of the bytes so far, and so many. */
const LEAST = 16;
/** Ranges that are told take at most half of the contents' bytes, the last one all of them, and so many: LEAST, and three numbers. */
const MOST_OF_PATCH = LEAST + 15;

/** Packs entries: what is as the entries before make one expect takes no bytes, see entryCode.ts. */
export class EntryEncoder {
  private readonly out: ByteWriter;
  private readonly model = new EntryModel();
  /** Entries that are as expected, not yet told. */
  private run = 0;
  /** Bytes of the entries as the reader has them, about. */
  plain = 0;

  /** @param capacity bytes that entries take, about */
  constructor(capacity: number) {
    this.out = new ByteWriter(capacity);
    this.model.reset();
  }

  /** Bytes so far, but for those of a run that goes on. */
  get length(): number {
    return this.out.length + Number(this.run > 0);
  }

  /** What the entries so far are packed as; valid until the next one. */
  take(): Uint8Array {
    this.endRun();
    return this.out.view();
  }

  /** Begins anew, with entries that are unpacked without those before. */
  reset(): void {
    this.endRun();
    this.out.reset();
    this.model.reset();
    this.plain = 0;
  }

  /** A system call. @param sums of the registers before it @param content outcome, changes */
  call(number: number, steps: number, sums: CallSums | undefined, content: ByteWriter): void {
    this.encode(keyOfCall(number), steps, sums, content);
  }

  /**
   * A system call without a sum, whose contents are that it is done and returns this result, in halves.
   * @returns false, having done nothing, if it is not as expected
   */
  expectedCall(number: number, steps: number, low: number, high: number): boolean {
    const { model } = this;
    const key = keyOfCall(number);
    if (model.expected !== key) return false;
    const known = model.slot(key);
    if (known.key !== key || known.steps !== steps || !known.hasOnlyResult || known.resultLow !== low || known.resultHigh !== high) return false;
    model.pass(key);
    this.plain += RESULT_BYTES + 4;
    this.run++;
    return true;
  }

  /** An entry of another kind. */
  entry(kind: EntryKindNumber, steps: number, content: ByteWriter): void {
    this.encode(kind, steps, undefined, content);
  }

  /** Entries as the reader has them. @param step of the one before the first */
  all(entries: Uint8Array, step: number): void {
    const cursor = new EntryCursor(entries, { step, position: 0 });
    const content = new ByteWriter();
    while (!cursor.atEnd) {
      const before = cursor.step;
      const { kind, rest, step: at } = cursor.next();
      content.reset();
      const number = kind === EntryKind.call ? rest.u32() : 0;
      let sums: CallSums | undefined;
      if (kind === EntryKind.call) {
        const outcome = rest.byte();
        content.byte(outcome);
        if (outcome === 2) content.u32(rest.u32());
        sums = readCallSums(rest);
      }
      content.bytes(rest.bytes(rest.left));
      if (kind === EntryKind.call) this.call(number, at - before, sums, content);
      else this.entry(kind, at - before, content);
    }
  }

  private encode(key: number, steps: number, sums: CallSums | undefined, content: ByteWriter): void {
    const { model } = this;
    const known = model.slot(key);
    const isKnown = known.key === key;
    const { length } = content;
    let difference = isKnown && known.length === length ? content.firstDifference(known.bytes, known.words) : -1;
    this.plain += length + 4;
    const isExpected = model.expected === key;
    model.pass(key);
    if (isExpected && difference >= 0 && known.steps === steps && sums === undefined) {
      // Nothing differs but contents: most entries.
      if (difference === length) {
        this.run++;
        return;
      }
      this.endRun();
      const token = this.out.length;
      this.out.byte(Content.patched);
      if (this.patch(content, known, difference)) {
        if (length === RESULT_BYTES) known.noteResult();
        return;
      }
      this.out.truncate(token);
      // Some of what is known is as it is now.
      difference = -1;
    }
    this.endRun();
    this.tell(key, isExpected, steps, sums, content, known, difference);
  }

  /** Tells of an entry that is not as expected. @param difference of its contents to those known: first byte, their length, or -1 if they are not alike */
  private tell(key: number, isExpected: boolean, steps: number, sums: CallSums | undefined, content: ByteWriter, known: KnownEntry, difference: number): void {
    const { out, model } = this;
    const { length } = content;
    const token = out.length;
    let flags = isExpected ? 0 : TokenFlag.key;
    out.byte(0);
    if (!isExpected) out.u53(key);
    if (known.key !== key || known.steps !== steps) {
      flags |= TokenFlag.steps;
      out.u53(steps);
    }
    if (sums !== undefined) {
      flags |= TokenFlag.sum;
      out.fixed32(sums.all);
      if (sums.single.length > 0) {
        flags |= TokenFlag.single;
        this.tellSingle(sums.single);
      }
    }
    if (difference === length) flags |= Content.same;
    else if (difference >= 0 && this.patch(content, known, difference)) flags |= Content.patched;
    else {
      flags |= Content.whole;
      out.u53(length);
      out.append(content);
      if (model.keeps(length)) content.copyTo(known.reserve(length));
    }
    out.put(token, flags);
    known.key = model.keeps(length) ? key : -1;
    known.steps = steps;
    if (length === RESULT_BYTES || known.hasOnlyResult) known.noteResult();
  }

  /** Tells sums of single registers, where they are others than those before. */
  private tellSingle(sums: Uint8Array): void {
    const { out } = this;
    const before = this.model.singleSums(sums.length);
    out.u32(sums.length);
    for (let at = 0; at < sums.length; at += 8) {
      let differ = 0;
      for (let i = at; i < Math.min(at + 8, sums.length); i++) if (sums[i] !== before[i]) differ |= 1 << (i - at);
      out.byte(differ);
    }
    for (let i = 0; i < sums.length; i++) if (sums[i] !== before[i]) out.byte(sums[i]);
    before.set(sums);
  }

  /**
   * Tells contents by those known, of the same length, which are these then.
   * @returns false, having told nothing, if most of them differ
   */
  private patch(content: ByteWriter, { bytes, words }: KnownEntry, difference: number): boolean {
    const { out } = this;
    const { length } = content;
    const from = content.room(0);
    const begin = out.length;
    const into = out.room(MOST_OF_PATCH + length + (length >> 1));
    let at = begin;
    let told = 0;
    for (let start = difference; start < length; ) {
      let end = start + 1;
      for (let next = end; next < length && next - end <= GAP; next++) if (from[next] !== bytes[next]) end = next + 1;
      at = putU32(into, at, start - told);
      at = putU32(into, at, end - start - 1);
      for (let next = start; next < end; next++) into[at++] = bytes[next] = from[next];
      told = end;
      if (at - begin > LEAST + (end >> 1)) return false;
      start = content.firstDifference(bytes, words, end);
    }
    out.truncate(putU32(into, at, length - told));
    return true;
  }

  private endRun(): void {
    if (this.run === 0) return;
    const { out, run } = this;
    out.byte(RUN);
    out.u32(run);
    this.run = 0;
  }
}

/** Puts a number into bytes as ByteWriter.u32 writes it. @returns where the next one goes */
function putU32(into: Uint8Array, at: number, n: number): number {
  let rest = n;
  let end = at;
  for (; rest > 0x7f; rest >>>= 7) into[end++] = (rest & 0x7f) | 0x80;
  into[end++] = rest;
  return end;
}
