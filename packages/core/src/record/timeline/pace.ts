/** Time of a stretch between two snapshots, in milliseconds, unless taking one takes long. */
const STRETCH = 8;
/** Running takes at least so many times what snapshots take. */
const SNAPSHOT_SHARE = 4;
/** Most steps of a stretch, while snapshots are not too many: a question may run them in code that is cold. */
const MOST_STEPS = 2_500_000;
/** By how much a stretch may be longer where snapshots are dear: a program that writes all over its memory. */
const DEAR = 10;

/** What the file with snapshots takes, about: for each, for each page of which another version is kept, and for each word that was written. */
const SNAPSHOT_BYTES = 1000;
const PAGE_BYTES = 70;
const WORD_BYTES = 1;
/** About the same, for a page that was not told in this part of the run, of which some never are. */
const FIRST_BYTES = 150;
/** How much that may be for all of them: so much, and this for each step. */
const LEAST_BYTES = 6 << 20;
const BYTES_A_STEP = 0.014;

/** How long a stretch and the snapshot behind it took, in milliseconds, and what has changed in it. */
interface Taken {
  readonly stretch: number;
  readonly snapshot: number;
  /** Those of which there was a version before. */
  readonly pages: number;
  readonly words: number;
}

/** How far snapshots are apart: that questions are answered soon, the run is not gone through too slowly, and the file is small. */
export class Pace {
  private mostSteps = MOST_STEPS;
  private fileBytes = 0;
  private first = 0;
  private leastBytes = LEAST_BYTES;

  /** @param stretch steps of the next stretch */
  constructor(public stretch: number) {}

  /** Snapshots begin within a run, where so many pages hold something: each is told anew when it first has another version. */
  beginWithin(step: number, pages: number): void {
    this.first = step;
    this.leastBytes = -pages * FIRST_BYTES;
  }

  /** A snapshot has been taken at `step`. */
  took(step: number, { stretch, snapshot, pages, words }: Taken): void {
    const wanted = Math.max(STRETCH, snapshot * SNAPSHOT_SHARE);
    const fitting = Math.ceil(this.stretch * Math.min(2, Math.max(0.5, wanted / Math.max(stretch, 0.1))));
    this.fileBytes += SNAPSHOT_BYTES + pages * PAGE_BYTES + words * WORD_BYTES;
    const isDear = this.fileBytes > this.leastBytes + (step - this.first) * BYTES_A_STEP;
    this.stretch = isDear ? Math.min(2 * this.stretch, DEAR * this.mostSteps) : Math.min(fitting, this.mostSteps);
  }

  /** There are half as many snapshots from now on. */
  thin(): void {
    this.mostSteps *= 2;
    this.stretch *= 2;
  }
}
