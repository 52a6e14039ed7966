import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ByteWriter } from '../../packages/core/src/base/index.ts';
import { createAArch64, type JournalReader, ReplayDivergence, Replayer } from '../../packages/core/src/index.ts';
import { EntryCursor, EntryKind, readCallSums, writeCallSums } from '../../packages/core/src/record/journal/entries.ts';
import { buildPrograms } from '../programs/build.mjs';
import { openJournal, recordProgram, startProgram } from './recordedProgram.ts';

/** It makes the same system call again and again, and adds up the results in x20. */
const program = buildPrograms(join(import.meta.dirname, 'programs'), join(import.meta.dirname, '../../.build/record')).find(({ name }) => name === 'results');
const recorded = recordProgram(startProgram(program?.path ?? ''));
/** Instructions before the first call, and from one to the next. */
const [FIRST, LOOP] = [4, 5];

const replayerOf = (journal: JournalReader): Replayer => new Replayer({ guest: createAArch64('max'), journal });

function divergenceOf(replayer: Replayer): string {
  try {
    replayer.run();
  } catch (error) {
    if (error instanceof ReplayDivergence) return error.message;
    throw error;
  }
  return 'none';
}

/** Entries as those of version 3. */
function withoutSingleSums(entries: Uint8Array, step: number): Uint8Array {
  const out = new ByteWriter();
  const cursor = new EntryCursor(entries, { step, position: 0 });
  for (let before = step; !cursor.atEnd; before = cursor.step) {
    const { kind, rest } = cursor.next();
    const content = new ByteWriter();
    if (kind === EntryKind.call) {
      content.u32(rest.u32());
      const outcome = rest.byte();
      content.byte(outcome);
      if (outcome === 2) content.u32(rest.u32());
      const sums = readCallSums(rest);
      writeCallSums(content, sums && { all: sums.all, single: new Uint8Array(0) });
    }
    // Its sums of all registers and of memory.
    content.bytes(rest.bytes(kind === EntryKind.check ? 9 : rest.left));
    out.byte(kind);
    out.u53(cursor.step - before);
    out.u53(content.length);
    out.append(content);
  }
  return out.copy();
}

it.each([
  ['x27', 0x1234n, 'x27 (0x1234)'],
  ['sp', 0n, 'sp (0x0)'],
  ['v31', 1n << 127n, `v31 (0x8${'0'.repeat(31)})`],
])('a replay with another %s than recorded names it, at the next call that has sums, and at the end', (register, value, named) => {
  for (const [wrongCall, nextSum] of [
    [3, 256],
    [257, 512],
  ]) {
    const replayer = replayerOf(openJournal(recorded.bytes));
    replayer.run(FIRST + LOOP * wrongCall - 1);
    replayer.machine.cpu.setByName(register, value);
    expect(divergenceOf(replayer)).toContain(`the replay has other ${named} at system call 178 than the recorded run (step ${FIRST + LOOP * nextSum}, pc 0x`);
  }
  const replayer = replayerOf(openJournal(recorded.bytes));
  replayer.run(recorded.steps - 1);
  replayer.machine.cpu.setByName(register, value);
  expect(divergenceOf(replayer)).toContain(`the replay has other ${named} than the recorded run (step ${recorded.steps}, pc 0x`);
});

it('names flags, and several registers', () => {
  const replayer = replayerOf(openJournal(recorded.bytes));
  replayer.run(recorded.steps - 1);
  replayer.machine.cpu.nzcv = 9;
  replayer.machine.cpu.setByName('x3', 5n);
  expect(divergenceOf(replayer)).toContain('has other nzcv (0x9), x3 (0x5) than the recorded run');
  const another = replayerOf(openJournal(recorded.bytes));
  another.run(recorded.steps - 1);
  for (let i = 0; i < 12; i++) another.machine.cpu.setByName(`v${i}`, 1n);
  expect(divergenceOf(another)).toContain('v7 (0x1) and 4 others than');
});

/** Divergences of control flow named no register, nor where to look for what led to them. */
it('another system call than recorded names the register with its number, and those that differ besides', () => {
  for (const [wrongCall, others, last] of [
    [256, 'x8 (0xac), x3 (0x5)', FIRST],
    [257, 'x8 (0xac)', FIRST + LOOP * 256],
  ] as const) {
    const replayer = replayerOf(openJournal(recorded.bytes));
    replayer.run(FIRST + LOOP * wrongCall - 1);
    replayer.machine.cpu.setByName('x3', 5n);
    replayer.machine.cpu.setByName('x8', 172n);
    const message = divergenceOf(replayer);
    expect(message).toContain(
      `the replay makes system call 172, where the recorded run made 178: it has other ${others} (step ${FIRST + LOOP * wrongCall}, pc 0x`,
    );
    expect(message).toContain(`; its registers were as recorded at step ${last}): this is a bug of everystep`);
  }
});

it('a call that comes elsewhere than recorded tells where registers were last as recorded', () => {
  const replayer = replayerOf(openJournal(recorded.bytes));
  // A call is left out.
  replayer.run(FIRST + LOOP * 301 - 1);
  replayer.machine.pc += 4;
  expect(divergenceOf(replayer)).toMatch(
    /makes system call 178, which the recorded run did not \(step 1513, pc 0x[0-9a-f]+, thread \d+; its registers were as recorded at step 1284\)/,
  );
});

it('a wrong result of a call in the journal shows in the register that it went to', () => {
  const journal = openJournal(recorded.bytes);
  const first = 1;
  const entries = journal.entries(first).slice();
  const cursor = new EntryCursor(entries, { step: 0, position: 0 });
  for (let calls = 0; calls < 10; ) if (cursor.next().kind === EntryKind.call) calls++;
  // The entry ends with the eight bytes of the result.
  entries[cursor.position - 8] ^= 1;
  const damaged: JournalReader = Object.create(journal, { entries: { value: (frame: number) => (frame === first ? entries : journal.entries(frame)) } });
  expect(divergenceOf(replayerOf(damaged))).toMatch(/the replay has other x20 \(0x[0-9a-f]+\) at system call 178 than the recorded run \(step 1284, pc 0x/);
});

it('says so without names where the journal has none, as before version 4', () => {
  const journal = openJournal(recorded.bytes);
  const damaged: JournalReader = Object.create(journal, {
    entries: { value: (frame: number) => withoutSingleSums(journal.entries(frame), journal.stepOf(frame)) },
  });
  expect(divergenceOf(replayerOf(damaged))).toBe('none');
  const replayer = replayerOf(damaged);
  replayer.run(recorded.steps - 1);
  replayer.machine.cpu.setByName('x3', 5n);
  expect(divergenceOf(replayer)).toContain('the replay has other registers than the recorded run (step');
});
