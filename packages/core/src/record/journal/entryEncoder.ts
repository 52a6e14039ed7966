import { ByteWriter } from '../../base/index.ts';
import { type CallSums, EntryCursor, EntryKind, type EntryKindNumber, readCallSums } from './entries.ts';
import { Content, keyOfCall, RUN, TokenFlag } from './entryCode.ts';
import { EntryContents, MOST_DIFFER, type WrittenBytes } from './entryContents.ts';
import { EntryModel, type KnownEntry, RESULT_BYTES, RESULT_OP } from './entryModel.ts';

/** Packs entries: what is as the entries before make one expect takes no bytes, see entryCode.ts. */
export class EntryEncoder {
  private readonly out: ByteWriter;
  private readonly contents: EntryContents;
  private readonly model: EntryModel;
  /** Entries that are as expected, not yet told. */
  private run = 0;
  /** Bytes of the entries as the reader has them, about. */
  plain = 0;

  /** @param capacity bytes that entries take, about */
  constructor(capacity: number, contents = new EntryContents(undefined)) {
    this.out = new ByteWriter(capacity);
    this.contents = contents;
    this.model = new EntryModel(this.contents.known);
    this.model.reset();
  }

  /** A writer for contents, which are looked at where they are: those of others are copied. */
  contentWriter(): ByteWriter {
    return this.contents.writer();
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

  /**
   * A system call without a sum, of whose contents the first bytes are where the contents' writer has them, and the rest is what it
   * wrote to memory, and its result, in halves.
   * @returns false, having done nothing, if it is another one than expected, or most of its bytes differ
   */
  expectedWrite(number: number, steps: number, written: WrittenBytes, low: number, high: number): boolean {
    const { model, contents } = this;
    const key = keyOfCall(number);
    if (model.expected !== key) return false;
    const known = model.slot(key);
    const length = written.head + written.length + RESULT_OP;
    if (known.key !== key || known.steps !== steps || known.length !== length) return false;
    const patch = contents.patchWritten(written, low, high, known);
    if (patch < 0) return false;
    model.pass(key);
    this.plain += length + 4;
    if (patch === 0) {
      this.run++;
      return true;
    }
    this.endRun();
    this.out.byte(Content.patched);
    contents.tell(this.out, patch);
    return true;
  }

  /** An entry of another kind. */
  entry(kind: EntryKindNumber, steps: number, content: ByteWriter): void {
    this.encode(kind, steps, undefined, content);
  }

  /** Entries as the reader has them. @param step of the one before the first */
  all(entries: Uint8Array, step: number): void {
    const cursor = new EntryCursor(entries, { step, position: 0 });
    const content = this.contentWriter();
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
    const { length } = content;
    const patch = known.key === key && known.length === length ? this.contents.patch(content, known) : MOST_DIFFER;
    this.plain += length + 4;
    const isExpected = model.expected === key;
    model.pass(key);
    if (patch === 0 && isExpected && known.steps === steps && sums === undefined) this.run++;
    else this.tell(key, isExpected, steps, sums, content, known, patch);
  }

  /** Tells of an entry that is not as expected. @param patch bytes that tell its contents by those known, if they do */
  private tell(key: number, isExpected: boolean, steps: number, sums: CallSums | undefined, content: ByteWriter, known: KnownEntry, patch: number): void {
    this.endRun();
    const { out, contents } = this;
    const token = out.length;
    out.byte(0);
    let flags = patch === 0 ? Content.same : patch > 0 ? Content.patched : Content.whole;
    if (!isExpected || known.key !== key || known.steps !== steps || sums !== undefined) flags |= this.tellRest(key, isExpected, steps, sums, known);
    if (patch > 0) contents.tell(out, patch);
    else if (patch !== 0) this.tellWhole(key, content, known);
    out.put(token, flags);
    known.steps = steps;
    if (known.length === RESULT_BYTES || known.hasOnlyResult) known.noteResult();
  }

  private tellWhole(key: number, content: ByteWriter, known: KnownEntry): void {
    const { out, model } = this;
    const { length } = content;
    out.u53(length);
    out.append(content);
    const isKept = model.keeps(length);
    if (isKept) content.copyTo(known.reserve(length));
    known.key = isKept ? key : -1;
  }

  /** Tells what is rarely told. @returns flags of its token */
  private tellRest(key: number, isExpected: boolean, steps: number, sums: CallSums | undefined, known: KnownEntry): number {
    const { out } = this;
    let flags = 0;
    if (!isExpected) {
      flags |= TokenFlag.key;
      out.u53(key);
    }
    if (known.key !== key || known.steps !== steps) {
      flags |= TokenFlag.steps;
      out.u53(steps);
    }
    if (sums === undefined) return flags;
    flags |= TokenFlag.sum;
    out.fixed32(sums.all);
    if (sums.single.length === 0) return flags;
    this.tellSingle(sums.single);
    return flags | TokenFlag.single;
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

  private endRun(): void {
    if (this.run === 0) return;
    const { out, run } = this;
    out.byte(RUN);
    out.u32(run);
    this.run = 0;
  }
}
