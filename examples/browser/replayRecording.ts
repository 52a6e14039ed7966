// Replays a packed recording in a web worker, and asks it. Nothing here needs Node: copy it into a page of your own.
import {
  type Compression,
  inflate,
  JournalReader,
  outputObserver,
  Recording,
  Replayer,
  type RunEnd,
  readRecordingHeader,
  recordedGuest,
  UserError,
} from '@everystep/core';

/** What is asked: the moment before an instruction, or who wrote memory last. */
export type RecordingQuestion =
  | { readonly kind: 'at'; readonly step: number }
  /** @param what a symbol or an address in hexadecimal, with `:BYTES` behind it */
  | { readonly kind: 'who-wrote'; readonly what: string };

/** What came of a replay. */
export interface Replayed {
  /** Instructions. */
  readonly steps: number;
  /** What the program wrote to standard output, a character a byte. */
  readonly output: string;
  /** How the recorded run ended; undefined: whoever recorded it was interrupted. */
  readonly end: RunEnd | undefined;
}

/** Browsers can compress nothing that is wanted at once, and undo deflate alone. */
const READ_ONLY: Compression = {
  compress: (bytes) => bytes,
  decompress: inflate,
};

/** @throws UserError if it is no recording, or is damaged */
export function openRecording(bytes: Uint8Array): JournalReader {
  const read = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  if (readRecordingHeader({ read }).header.compression === 'brotli')
    throw new UserError('the recording is compressed with Brotli, which pages cannot undo: everystep pack --compression=deflate makes one for them');
  return new JournalReader({ size: bytes.length, read, compression: READ_ONLY });
}

/** Executes all of the recorded run again. @throws ReplayDivergence if it does something else: a bug of everystep's */
export function replayRecording(journal: JournalReader): Replayed {
  const replayer = new Replayer({ guest: recordedGuest(journal), journal });
  const pieces: string[] = [];
  const decoder = new TextDecoder('latin1');
  replayer.observer = outputObserver(replayer, ({ stream, bytes }) => {
    // Text decoders take no memory that is shared.
    if (stream === 1 && bytes !== undefined) pieces.push(decoder.decode(new Uint8Array(bytes)));
  });
  replayer.run();
  return { steps: replayer.steps, output: pieces.join(''), end: journal.end };
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** Answers a question in a few lines. @throws UserError if it cannot be answered */
export function askRecording(journal: JournalReader, question: RecordingQuestion): string {
  const guest = recordedGuest(journal);
  // A packed recording has the files that tell names.
  const files = { readFile: (path: string) => journal.file(path), decompress: () => undefined, demangle: (name: string) => name, warn: () => undefined };
  const { timeline, symbols } = Recording.open({ journal, guest, now: () => performance.now(), symbols: files });
  const { replayer } = timeline;
  const placeOf = (pc: number): string => symbols.placeOf(pc) || hex(pc);
  if (question.kind === 'at') {
    if (!(question.step >= 0 && question.step <= timeline.lastStep)) throw new UserError(`there is no step ${question.step}: the run has ${timeline.lastStep}`);
    timeline.seek(question.step);
    const { cpu, pc } = replayer.machine;
    const general = guest.state.registers.filter(({ type, visible }) => visible && type === 'i64');
    return [
      `step ${replayer.steps} of ${timeline.lastStep}, thread ${replayer.tid}: ${placeOf(pc)}`,
      ...[`pc = ${hex(pc)}`, ...general.map((register) => `${register.name} = ${hex(BigInt.asUintN(64, cpu.get(register)))}`)],
    ].join('\n');
  }
  // Where what is mapped is as at the end.
  timeline.seek(Math.max(timeline.lastStep - 1, 0));
  const [what = '', length] = question.what.split(':');
  const [symbol] = symbols.find(what);
  const address = /^0x[0-9a-f]+$/i.test(what) ? Number(what) : symbol?.address;
  if (address === undefined) throw new UserError(`'${what}' is neither an address (0x491040) nor a symbol of the program`);
  const bytes = Number(length ?? (symbol?.size || 8));
  const hit = timeline.previous({ kind: 'access', address, bytes, reads: false, writes: true }, { to: timeline.lastStep });
  if (hit === undefined) return `nothing wrote the ${bytes} bytes at ${hex(address)}: they are as the program was loaded`;
  timeline.seek(hit.step + 1);
  const after = replayer.machine.space.peek(address, bytes) ?? [];
  const value = [...after].reverse().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  timeline.seek(hit.step);
  return `step ${hit.step}, thread ${hit.tid}: ${hit.kind === 'kernel' ? 'the kernel' : placeOf(hit.pc)} wrote ${hex(address)}, where ${hex(value)} was then`;
}
