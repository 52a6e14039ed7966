import { AssertionError, assert, type ByteReader } from '../../base/index.ts';
import { type Entry, EntryCursor, EntryKind, Op, readCallSums } from './entries.ts';
import { RecordingDamage } from './format.ts';
import type { JournalReader } from './journalReader.ts';
import { skipOperands } from './operands.ts';

/** What there is in a journal. */
export interface JournalFacts {
  entries: number;
  calls: number;
  /** Bytes that entries write to memory, each content once. */
  inputBytes: number;
  /** What does not hold, the first thing of each frame. */
  readonly problems: string[];
}

/** Reads all of a journal: sums of its frames, entries in order of steps, ops that name what there is. Nothing is replayed. */
export function checkJournal(journal: JournalReader): JournalFacts {
  const facts: JournalFacts = { entries: 0, calls: 0, inputBytes: 0, problems: [] };
  /** @returns false if `act` found something wrong */
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (error instanceof RecordingDamage) facts.problems.push(error.message);
      else if (error instanceof AssertionError) facts.problems.push(`${what}: ${error.message}`);
      else throw error;
    }
  };
  for (let i = 0; i < journal.contentsCount; i++)
    attempt(`contents ${i}`, () => {
      facts.inputBytes += journal.contents(i).length;
    });
  for (const path of journal.header.files ?? []) attempt(path, () => assert(journal.file(path) !== undefined, 'the file is missing'));
  const checker = new EntryChecker(journal, facts);
  for (let i = 0; i < journal.frameCount; i++) attempt(`frame ${i} of entries`, () => checker.frame(i));
  if (journal.end !== undefined && checker.step > journal.lastStep)
    facts.problems.push(`the last entry is at step ${checker.step}, the end at ${journal.lastStep}`);
  return facts;
}

class EntryChecker {
  /** Of the last entry. */
  step = 0;
  /** By number: whether there is such an address space. */
  private readonly spaces = [true];

  constructor(
    private readonly journal: JournalReader,
    private readonly facts: JournalFacts,
  ) {}

  frame(number: number): void {
    const { journal, facts } = this;
    assert(journal.stepOf(number) === this.step, `it begins behind step ${journal.stepOf(number)}, where the entry before is at step ${this.step}`);
    const cursor = new EntryCursor(journal.entries(number), { step: this.step, position: 0 });
    this.step = journal.lastStepOf(number);
    while (!cursor.atEnd) {
      const entry = cursor.next();
      facts.entries++;
      if (entry.kind === EntryKind.call) facts.calls++;
      this.entry(entry);
    }
    assert(cursor.step === this.step, `its last entry is at step ${cursor.step}, where its head says ${this.step}`);
  }

  private entry({ kind, rest }: Entry): void {
    if (kind === EntryKind.input) {
      rest.u32();
      rest.bytes(8);
    } else if (kind === EntryKind.check) {
      rest.fixed32();
      if (rest.byte() === 1) rest.fixed32();
      rest.bytes(rest.left);
    } else {
      if (kind === EntryKind.call) {
        rest.u32();
        if (rest.byte() === 2) rest.u32();
        readCallSums(rest);
      }
      while (!rest.atEnd) this.op(rest.byte(), rest);
    }
    assert(rest.atEnd, 'an entry is longer than what it says');
  }

  private op(op: number, ops: ByteReader): void {
    let last = -1;
    skipOperands(op, ops, {
      space: (number) => {
        assert(this.spaces[number] === true, `an entry names address space ${number}, which there is not`);
        last = number;
      },
      contents: (number) => assert(number < this.journal.contentsCount, `contents ${number} are missing`),
      bytes: (length) => {
        if (op === Op.write) this.facts.inputBytes += length;
      },
    });
    if (op === Op.create || op === Op.fork) this.spaces.push(true);
    if (op === Op.release) this.spaces[last] = false;
  }
}
