// Asks a recording who wrote a variable: each write that changed it, with function, line and value. Needs Node for files alone.
//
//     npx esbuild examples/timeline/lastWrites.ts --bundle --platform=node --format=esm --outfile=lastWrites.mjs
//     node lastWrites.mjs shop.recording discount
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { JournalReader, Recording, recordedGuest } from '@everystep/core';

/** Reads a file of the recorded system: here, as this is the same one. */
function readFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

const [folder, variable] = process.argv.slice(2);
const file = openSync(`${folder}/journal`, 'r');
const journal = new JournalReader({
  size: fstatSync(file).size,
  read(offset, length) {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  },
  compression: { compress: (bytes) => deflateRawSync(bytes), decompress: (bytes) => inflateRawSync(bytes) },
});
const recording = Recording.open({
  journal,
  guest: recordedGuest(journal),
  now: () => performance.now(),
  symbols: { readFile, decompress: () => undefined, demangle: (name) => name, warn: (text) => console.error(text) },
});
const { timeline, symbols } = recording;

// Before the last instruction, as nothing is left of the program behind it.
timeline.at(timeline.lastStep - 1);
const [{ address, size }] = symbols.find(variable);
for (const { step } of timeline.find({ kind: 'access', address, bytes: size, reads: false, writes: true })) {
  const { pc } = timeline.at(step);
  const line = symbols.lineAt(pc);
  const place = `${symbols.placeOf(pc)}${line === undefined ? '' : ` at line ${line.line}`}`;
  const value = timeline.at(step + 1).read(address, size);
  console.log(`step ${step}: ${place}: ${Buffer.from(value ?? []).toString('hex')}`);
}

// The last ten instructions, with what they wrote to registers.
const { registers } = timeline.replayer.machine.guest.state;
recording.run(timeline.lastStep - 10, timeline.lastStep, {
  insn({ pc, outputs }) {
    const { values, step } = recording.reader;
    // Values are words of 32 bits, the low one first.
    const value = (at: number): bigint => BigInt(values[at] >>> 0) | (BigInt(values[at + 1] >>> 0) << 32n);
    const general = outputs.filter(({ register }) => registers[register].type === 'i64');
    const written = general.map(({ register, at }) => ` ${registers[register].name}=0x${value(at).toString(16)}`);
    console.log(`step ${step}: 0x${pc.toString(16)}${written.join('')}`);
  },
  event: () => undefined,
});
closeSync(file);
