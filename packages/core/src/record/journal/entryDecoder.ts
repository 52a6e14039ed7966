import { AssertionError, assert, ByteReader, ByteWriter } from '../../base/index.ts';
import { type CallSums, EntryKind, writeCallSums } from './entries.ts';
import { Content, callOfKey, RUN, TokenFlag } from './entryCode.ts';
import { EntryModel, type KnownEntry } from './entryModel.ts';

/**
 * Unpacks the entries of a frame, see entryCode.ts.
 * @returns them one behind the other, as entries.ts says
 * @throws AssertionError if `packed` is damaged
 */
export function unpackEntries(packed: Uint8Array): Uint8Array {
  const reader = new ByteReader(packed);
  const model = new EntryModel();
  const out = new ByteWriter(4 * packed.length);
  while (!reader.atEnd) {
    const token = reader.byte();
    if (token !== RUN) unpackEntry(token, reader, model, out);
    else {
      for (let left = reader.u32(); left > 0; left--) {
        const { expected } = model;
        const known = model.slot(expected);
        assert(known.key === expected, 'an entry is as expected where nothing is');
        model.pass(expected);
        writeEntry(out, expected, known.steps, undefined, known.bytes, known.length);
      }
    }
  }
  return out.view();
}

function unpackEntry(token: number, reader: ByteReader, model: EntryModel, out: ByteWriter): void {
  const key = (token & TokenFlag.key) !== 0 ? reader.u53() : model.expected;
  const known = model.slot(key);
  const isKnown = known.key === key;
  assert(key >= 0 && (isKnown || (token & TokenFlag.steps) !== 0), 'an entry is as one before that there is not');
  const steps = (token & TokenFlag.steps) !== 0 ? reader.u53() : known.steps;
  const sums = sumsOf(token, reader, model);
  const bytes = contentOf(token, reader, isKnown ? known : undefined);
  model.pass(key);
  writeEntry(out, key, steps, sums, bytes, bytes.length);
  if (model.keeps(bytes.length)) known.reserve(bytes.length).set(bytes);
  known.key = model.keeps(bytes.length) ? key : -1;
  known.steps = steps;
}

function sumsOf(token: number, reader: ByteReader, model: EntryModel): CallSums | undefined {
  if ((token & TokenFlag.sum) === 0) return undefined;
  const all = reader.fixed32();
  const length = (token & TokenFlag.single) === 0 ? 0 : reader.u32();
  if (length === 0) return { all, single: new Uint8Array(0) };
  const differ = reader.bytes((length + 7) >> 3);
  const single = model.singleSums(length);
  for (let i = 0; i < length; i++) if ((differ[i >> 3] & (1 << (i & 7))) !== 0) single[i] = reader.byte();
  return { all, single };
}

function contentOf(token: number, reader: ByteReader, known: KnownEntry | undefined): Uint8Array {
  const how = token & Content.mask;
  if (how === Content.whole) return reader.bytes(reader.u53());
  assert(known !== undefined && how !== 0, 'contents are as those of an entry that there is not');
  const bytes = known.bytes.subarray(0, known.length);
  if (how === Content.same) return bytes;
  for (let at = reader.u32(); at < bytes.length; at += reader.u32()) {
    const part = reader.bytes(reader.u32() + 1);
    assert(at + part.length <= bytes.length, 'contents are changed behind their end');
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param content of a call: outcome, [status], changes */
function writeEntry(out: ByteWriter, key: number, steps: number, sums: CallSums | undefined, content: Uint8Array, length: number): void {
  const number = callOfKey(key);
  if (number < 0) {
    out.byte(key);
    out.u53(steps);
    out.u53(length);
    out.bytes(content.subarray(0, length));
    return;
  }
  const outcome = new ByteReader(content, 0, length);
  if (outcome.byte() === 2) outcome.u32();
  const changes = outcome.position;
  out.byte(EntryKind.call);
  out.u53(steps);
  out.u53(lebLength(number) + length + sumsLength(sums));
  out.u32(number);
  out.bytes(content.subarray(0, changes));
  writeCallSums(out, sums);
  out.bytes(content.subarray(changes, length));
}

/** Bytes that `writeCallSums` takes. */
function sumsLength(sums: CallSums | undefined): number {
  if (sums === undefined) return 1;
  const { length } = sums.single;
  return length === 0 ? 5 : 5 + lebLength(length) + length;
}

/** Bytes of an unsigned LEB128. */
function lebLength(n: number): number {
  if (n > 0xffff_ffff) throw new AssertionError('a number of a system call is too large');
  let bytes = 1;
  for (let rest = n >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}
