import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveIndexNow } from '../../packages/cli/src/record/indexing/indexStore.ts';
import { packPieces } from '../../packages/cli/src/record/indexing/packedPieces.ts';
import { openTimeline as openIndexed } from '../../packages/cli/src/record/openTimeline.ts';
import { deflate, PACKING } from '../../packages/cli/src/record/recordingFolder.ts';
import { createAArch64, type JournalReader, outputObserver, packJournal, Replayer, Timeline, UserError } from '../../packages/core/src/index.ts';
import { Random } from '../fuzz/random.ts';
import { buildPrograms } from '../programs/build.mjs';
import { indexParts, openJournal, recordProgram, startProgram } from './recordedProgram.ts';

/** See journal/format.ts. */
const FILE_START = 20;
const FRAME_START = 32;
const FRAME_KINDS = ['ENTS', 'CONT', 'DONE'];

/** Damaged recordings, of each program; `EVERYSTEP_DAMAGES=200 npx vitest run tests/record/damage.test.ts` makes more. */
const DAMAGES = Number(process.env.EVERYSTEP_DAMAGES ?? 20);
const SEED = Number(process.env.EVERYSTEP_SEED ?? 11);

const root = join(import.meta.dirname, '../..');
const built = [...buildPrograms(), ...buildPrograms(join(root, 'tests/syscalls/programs'), join(root, '.build/syscalls'))];

/** Where each frame of a journal begins, its end, and the place behind the last. */
function frameStarts(bytes: Buffer): readonly number[] {
  const starts: number[] = [];
  let at = FILE_START + bytes.readUInt32LE(12);
  for (; at < bytes.length; at += FRAME_START + ((bytes.readUInt32LE(at + 4) + 3) & -4)) {
    expect(FRAME_KINDS).toContain(bytes.toString('latin1', at, at + 4));
    starts.push(at);
  }
  return [...starts, at];
}

describe.each(['printf', 'mapForks'])('of a recording of %s', (name) => {
  const recorded = recordProgram(startProgram(built.find((program) => program.name === name)?.path ?? name), { compression: deflate });
  const bytes = Buffer.from(recorded.bytes);
  const frames = frameStarts(bytes);

  /** Replays what may be damaged. @returns the message of what is wrong; undefined: all that is left is good */
  function replay(journal: Buffer): { readonly message: string | undefined; readonly steps: number } {
    const pieces: Uint8Array[] = [];
    let steps = 0;
    let message: string | undefined;
    try {
      const replayer = new Replayer({ guest: createAArch64('max'), journal: openJournal(journal, deflate) });
      replayer.observer = outputObserver(replayer, ({ bytes: data }) => void (data && pieces.push(data.slice())));
      replayer.run();
      ({ steps } = replayer);
    } catch (error) {
      // What is no UserError has a stack trace: it would be a bug of ours.
      if (!(error instanceof UserError)) throw error;
      ({ message } = error);
      expect(message).not.toContain('\n');
    }
    const output = Buffer.concat(pieces);
    expect(output.equals(recorded.output.subarray(0, output.length))).toBe(true);
    if (steps === recorded.steps) expect(output.length).toBe(recorded.output.length);
    return { message, steps };
  }

  it('what is before a cut can be replayed, wherever the cut is', () => {
    const cuts = new Set<number>();
    frames.forEach((start, i) => {
      if (frames.length > 30 && i % 9 !== 0 && i < frames.length - 4) return;
      for (const cut of [start, start + 1, start + FRAME_START - 1, start + FRAME_START, start + FRAME_START + 1, start - 1]) cuts.add(cut);
    });
    let last = 0;
    for (const cut of [...cuts].filter((each) => each <= bytes.length).sort((a, b) => a - b)) {
      const { message, steps } = replay(bytes.subarray(0, cut));
      if (cut < frames[0]) expect(message).toBe('the recording is damaged: it ends within its header');
      else expect(message).toBeUndefined();
      expect(steps).toBeGreaterThanOrEqual(last);
      last = steps;
    }
    expect(last).toBe(recorded.steps);
    for (const cut of [0, 1, 7, 8, 19]) expect(replay(bytes.subarray(0, cut)).message).toContain('this is no recording');
    for (const cut of [FILE_START, 100]) expect(replay(bytes.subarray(0, cut)).message).toContain('it ends within its header');
  });

  it('one wrong byte is found, or does not matter', () => {
    const random = new Random(7);
    let found = 0;
    for (let i = 0; i < 80; i++) {
      // In the head of a frame or of the file, or anywhere.
      const start = i % 3 === 0 ? 0 : (frames[random.below(frames.length - 1)] ?? 0);
      const at = i % 3 === 1 ? random.below(bytes.length) : start + random.below(FRAME_START);
      const damaged = Buffer.from(bytes);
      damaged[at] ^= 1 << random.below(8);
      const { message, steps } = replay(damaged);
      if (message !== undefined) found++;
      else expect(steps).toBeLessThanOrEqual(recorded.steps);
    }
    expect(found).toBeGreaterThan(40);
  });

  /** Registers before some steps, and who wrote last what the stack pointer points to. */
  function answers(timeline: Timeline, steps: readonly number[]): readonly string[] {
    return steps.map((step) => {
      if (step > timeline.lastStep) return 'none';
      const registers = [...timeline.at(step).registers()].join(' ');
      const address = Number(timeline.at(step).register('sp'));
      const hit = timeline.previous({ kind: 'access', address, bytes: 8, reads: false, writes: true }, { to: step });
      return `${registers} ${hit?.step} ${hit?.pid}`;
    });
  }

  it.each(['as it was recorded', 'packed'])('%s: what is answered is right, whatever was flipped, cut, left out or overwritten', (how) => {
    const random = new Random(SEED);
    const parts: Uint8Array[] = [];
    const packing = { compression: PACKING.brotli, compressionName: 'brotli', files: [], write: (part: Uint8Array) => void parts.push(part) } as const;
    if (how === 'packed') packJournal(openJournal(bytes, deflate), packing);
    const whole = how === 'packed' ? Buffer.concat(parts) : bytes;
    const compression = how === 'packed' ? PACKING.brotli : deflate;
    const steps = Array.from({ length: 4 }, () => random.below(recorded.steps));
    const open = (journal: JournalReader): Timeline => new Timeline({ guest: createAArch64('max'), journal, now: () => performance.now() });
    const right = answers(open(openJournal(whole, compression)), steps);
    let told = 0;
    for (let i = 0; i < DAMAGES; i++) {
      const damaged = damage(whole, random);
      try {
        const found = answers(open(openJournal(damaged, compression)), steps);
        for (const [n, answer] of found.entries()) if (answer !== 'none') expect(answer).toBe(right[n]);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        expect(error.message).toMatch(/^(the recording|this is no recording)[^\n]*$/);
        told++;
      }
    }
    expect(told).toBeGreaterThan(DAMAGES / 4);
  });

  it.each([[[]], [[0.3]], [[0.2, 0.6]]])('with a damaged index whose parts end at %s of the run, what is answered is right', async (ends) => {
    const random = new Random(SEED + 1);
    const folder = mkdtempSync(join(tmpdir(), 'everystep-damage-'));
    try {
      writeFileSync(join(folder, 'journal'), bytes);
      const steps = Array.from({ length: 4 }, () => random.below(recorded.steps));
      const right = answers(await openIndexed(folder), steps);
      const bounds = ends.map((end) => Math.floor(end * recorded.steps));
      saveIndexNow(folder, Array.from(indexParts(recorded, bounds, { journal: openJournal(bytes, deflate) }), packPieces));
      const index = readFileSync(join(folder, 'index'));
      expect(answers(await openIndexed(folder), steps)).toEqual(right);
      expect(readFileSync(join(folder, 'index')).equals(index)).toBe(true);
      // Each is made anew, mostly.
      for (let i = 0; i < DAMAGES / 5; i++) {
        writeFileSync(join(folder, 'index'), damage(index, random));
        try {
          expect(answers(await openIndexed(folder), steps)).toEqual(right);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.message).toMatch(/index: the index is damaged; remove it, and the next question makes it anew$/);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Something that disks, networks and editors do to files. */
function damage(whole: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(whole);
  const at = random.below(bytes.length);
  const length = Math.min(bytes.length - at, 1 + random.below(4096));
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      for (let i = random.below(8); i >= 0; i--) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
      return bytes;
    case 2:
      return bytes.fill(0, at, at + length);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      bytes[at] = random.below(256);
      return bytes;
  }
}
