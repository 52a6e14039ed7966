import { assert } from '../base/index.ts';
import { AddressSpace } from './addressSpace.ts';
import type { TranslatedRegion } from './codeCache.ts';
import type { CodeView } from './codeView.ts';
import type { LinearMemory } from './linearMemory.ts';
import { PROT_READ } from './seams.ts';
import { CodeLayout, codeKey, type SharedCode, SharedCodes } from './sharedCode.ts';
import { SpaceFamily } from './spaceFamily.ts';

/** What a machine must do about its address spaces. */
export interface SpaceUser {
  /** Memory check slots hold what is true no longer. */
  arenasChanged(): void;
  /** Other translations apply from now on. */
  codeReplaced(): void;
  /** A translation is true no longer, or nobody has its address space any more. */
  dropped(region: TranslatedRegion): void;
  /** Code in start..end is no longer what a view's cold code was made from. @returns whether there was any */
  dropCold(view: CodeView, start: number, end: number): boolean;
  /** Code that runs has changed: no frame of it may be resumed. */
  codeChanged(): void;
  /** That of whole pages of linear memory, from an offset to another, see base/fingerprint.ts. */
  fingerprint(at: number, end: number): string;
  /** Shared code has come that nobody had. */
  codeOpened(code: SharedCode): void;
  /** Shared code that nobody has is about to be forgotten. */
  codeClosed(code: SharedCode): void;
}

/** A machine's address spaces, one of which runs, and what is known of the code of each. */
export class AddressSpaces {
  private readonly family: SpaceFamily;
  private readonly layouts = new Map<AddressSpace, CodeLayout>();
  private readonly sharedCodes: SharedCodes;
  current: AddressSpace;
  /** Of the address space that runs. */
  private layout: CodeLayout;

  /** @param sharesCode whether what is known of a file's code holds for all address spaces that have it in the same place */
  constructor(
    private readonly memory: LinearMemory,
    private readonly user: SpaceUser,
    private readonly sharesCode: boolean,
  ) {
    this.family = new SpaceFamily(memory);
    this.sharedCodes = new SharedCodes(
      (code) => user.codeOpened(code),
      (code) => {
        user.codeClosed(code);
        this.dropAll(code.view);
      },
    );
    this.current = this.create();
    this.layout = this.layoutOf(this.current);
  }

  create(): AddressSpace {
    return this.adopt(new AddressSpace(this.memory, this.family), new CodeLayout());
  }

  /** A copy of the one that runs. */
  fork(): AddressSpace {
    this.layout.users++;
    return this.adopt(this.current.fork(), this.layout);
  }

  private adopt(space: AddressSpace, layout: CodeLayout): AddressSpace {
    this.layouts.set(space, layout);
    space.onArenaChange = () => {
      if (space === this.current) this.user.arenasChanged();
    };
    space.onCodeChange = (start, end) => this.dropCode(space, start, end);
    return space;
  }

  release(space: AddressSpace): void {
    assert(space !== this.current, 'the address space that runs cannot be released');
    this.leaveLayout(space);
    this.layouts.delete(space);
    space.onCodeChange = undefined;
    space.release();
  }

  enter(space: AddressSpace): void {
    if (space === this.current) return;
    this.current = space;
    this.user.arenasChanged();
    this.enterLayout(this.layoutOf(space));
  }

  /** What is known of the code at `pc` of the address space that runs. */
  codeAt(pc: number): CodeView {
    return (this.layout.find(pc) ?? this.findShared(pc))?.view ?? this.layout.rest;
  }

  private findShared(pc: number): SharedCode | undefined {
    if (!this.sharesCode) return undefined;
    const { current, layout } = this;
    const mapping = current.fileCodeAt(pc);
    if (mapping === undefined) return undefined;
    const [start, end] = layout.gapAround(pc, mapping.start, mapping.end);
    if (pc + 4 > end) return undefined;
    const at = current.resolve(start, end - start, PROT_READ);
    const bytes = this.user.fingerprint(at, at + end - start);
    const key = codeKey(start, end, current.branchTargets(start), bytes);
    this.dropFrom(layout.rest, start, end);
    layout.add(this.sharedCodes.take(start, end, key));
    return layout.find(pc);
  }

  private enterLayout(layout: CodeLayout): void {
    if (layout === this.layout) return;
    this.layout = layout;
    this.user.codeReplaced();
  }

  private layoutOf(space: AddressSpace): CodeLayout {
    const layout = this.layouts.get(space);
    assert(layout !== undefined, 'an address space of another machine');
    return layout;
  }

  /** `space` has its layout no longer. What nobody has is forgotten, but for shared code. */
  private leaveLayout(space: AddressSpace): void {
    const layout = this.layoutOf(space);
    if (--layout.users > 0) return;
    this.dropAll(layout.rest);
    for (const code of layout.shared) this.sharedCodes.leave(code);
  }

  private dropAll(view: CodeView): void {
    this.dropFrom(view, 0, Number.MAX_SAFE_INTEGER);
  }

  /** @returns whether there was any */
  private dropFrom(view: CodeView, start: number, end: number): boolean {
    let any = this.user.dropCold(view, start, end);
    for (const region of [...view.overlapping(start, end)]) {
      this.user.dropped(region);
      any = true;
    }
    return any;
  }

  /** Forgets what was made of code in start..end, in all address spaces, though the code is what it was. */
  retranslate(start: number, end: number): void {
    const views = new Set([...this.layouts.values()].map(({ rest }) => rest));
    for (const { view } of this.sharedCodes.all) views.add(view);
    for (const view of views) this.dropFrom(view, start, end);
  }

  /** Code in start..end is no longer what was translated: no frame of it is resumed, no link leads to it. */
  private dropCode(space: AddressSpace, start: number, end: number): void {
    const layout = this.layoutOf(space);
    if (layout.users > 1) {
      // The others' code stays as it is.
      const own = new CodeLayout(layout.shared);
      own.remove(start, end);
      for (const code of own.shared) this.sharedCodes.take(code.start, code.end, code.key);
      this.leaveLayout(space);
      this.layouts.set(space, own);
      if (space !== this.current) return;
      this.user.codeChanged();
      this.enterLayout(own);
      return;
    }
    const removed = layout.remove(start, end);
    for (const code of removed) this.sharedCodes.leave(code);
    if (this.dropFrom(layout.rest, start, end) || removed.length > 0) this.user.codeChanged();
    if (removed.length > 0 && layout === this.layout) this.user.codeReplaced();
  }
}
