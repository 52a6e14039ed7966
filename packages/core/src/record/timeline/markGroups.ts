import { type AddressSpace, PAGE } from '../../engine/index.ts';
import { MARK_BYTES, MARK_GROUP, markOfWord } from '../../ir/index.ts';
import type { Replayer } from '../replayer.ts';
import { watchMappings } from './newPages.ts';

const GROUP_SHIFT = Math.log2(MARK_GROUP);

/** A run of marks: the first, and the first behind it. */
export type MarkRange = readonly [start: number, end: number];

/** Which marks code can have set, since they were taken: those of pages that have been mapped. There are far more marks than those. */
export class MarkGroups {
  /** By group of marks, those of a page: 1 where a page of it is or was mapped. */
  private readonly groups: Uint8Array;
  /** Whether there may be more of them than pages that are mapped. */
  private isLoose = true;
  private known: readonly MarkRange[] | undefined;

  /** @param mask of the marks, 2^n - 1 */
  constructor(
    private readonly replayer: Replayer,
    private readonly mask: number,
  ) {
    this.groups = new Uint8Array((mask + 1) / MARK_GROUP);
    watchMappings(replayer.machine.space.family, (_, start, length) => {
      this.isLoose = true;
      this.add(start, length);
    });
    for (const space of replayer.spaces) if (space !== undefined) this.addSpace(space);
  }

  /** The marks, in ascending order. */
  get ranges(): readonly MarkRange[] {
    this.known ??= [...this.runs()];
    return this.known;
  }

  /** The marks have been taken, all of `ranges`: they are those of pages that are mapped now. */
  taken(): void {
    if (!this.isLoose) return;
    this.isLoose = false;
    this.groups.fill(0);
    for (const space of this.replayer.spaces) if (space !== undefined) this.addSpace(space);
  }

  private addSpace(space: AddressSpace): void {
    for (const { start, end } of space.list.all) this.add(start, end - start);
  }

  private add(start: number, length: number): void {
    const { groups, mask } = this;
    this.known = undefined;
    const pages = Math.ceil(length / PAGE);
    if (pages >= groups.length) groups.fill(1);
    else
      for (let i = 0, word = Math.floor(start / MARK_BYTES) | 0; i < pages; i++, word = (word + MARK_GROUP) | 0)
        groups[markOfWord(word, mask) >>> GROUP_SHIFT] = 1;
  }

  private *runs(): Generator<MarkRange> {
    const { groups } = this;
    for (let start = groups.indexOf(1); start >= 0; ) {
      const end = groups.indexOf(0, start);
      yield [start * MARK_GROUP, (end < 0 ? groups.length : end) * MARK_GROUP];
      start = end < 0 ? -1 : groups.indexOf(1, end);
    }
  }
}
