import { assert } from '../base/index.ts';
import { AddressSpace, SpaceFamily } from './addressSpace.ts';
import type { CodeCache, TranslatedRegion } from './codeCache.ts';
import { CodeView } from './codeView.ts';
import type { LinearMemory } from './linearMemory.ts';

/** What a machine must do about its address spaces. */
export interface SpaceUser {
  /** Memory check slots hold what is true no longer. */
  arenasChanged(): void;
  /** Other translations apply from now on. */
  viewChanged(): void;
  /** A translation is true no longer, or nobody has its address space any more. */
  dropped(region: TranslatedRegion, cache: CodeCache): void;
  /** Code in start..end is no longer what a view's cold code was made from. @returns whether there was any */
  dropCold(view: CodeView, start: number, end: number): boolean;
  /** Code that runs has changed: no frame of it may be resumed. */
  codeChanged(): void;
}

/** A machine's address spaces, one of which runs, and what is known of the code of each. */
export class AddressSpaces {
  private readonly family: SpaceFamily;
  private readonly views = new Map<AddressSpace, CodeView>();
  current: AddressSpace;
  /** Of the address space that runs. */
  view: CodeView;

  constructor(
    private readonly memory: LinearMemory,
    private readonly user: SpaceUser,
  ) {
    this.family = new SpaceFamily(memory);
    this.current = this.create();
    this.view = this.viewOf(this.current);
  }

  create(): AddressSpace {
    return this.adopt(new AddressSpace(this.memory, this.family), new CodeView());
  }

  /** A copy of the one that runs. */
  fork(): AddressSpace {
    this.view.users++;
    return this.adopt(this.current.fork(), this.view);
  }

  private adopt(space: AddressSpace, view: CodeView): AddressSpace {
    this.views.set(space, view);
    space.onArenaChange = () => {
      if (space === this.current) this.user.arenasChanged();
    };
    space.onCodeChange = (start, end) => this.dropCode(space, start, end);
    return space;
  }

  release(space: AddressSpace): void {
    assert(space !== this.current, 'the address space that runs cannot be released');
    this.leaveView(space);
    this.views.delete(space);
    space.onCodeChange = undefined;
    space.release();
  }

  enter(space: AddressSpace): void {
    if (space === this.current) return;
    this.current = space;
    this.user.arenasChanged();
    this.enterView(this.viewOf(space));
  }

  private enterView(view: CodeView): void {
    if (view === this.view) return;
    this.view = view;
    this.user.viewChanged();
  }

  private viewOf(space: AddressSpace): CodeView {
    const view = this.views.get(space);
    assert(view !== undefined, 'an address space of another machine');
    return view;
  }

  /** `space` has its view no longer. What nobody has is forgotten. */
  private leaveView(space: AddressSpace): void {
    const view = this.viewOf(space);
    if (--view.users > 0) return;
    for (const [region, cache] of [...view.overlapping(0, Number.MAX_SAFE_INTEGER)]) this.user.dropped(region, cache);
  }

  /** Code in start..end is no longer what was translated: no frame of it is resumed, no link leads to it. */
  private dropCode(space: AddressSpace, start: number, end: number): void {
    const view = this.viewOf(space);
    if (view.users > 1) {
      // The others' code stays as it is.
      this.leaveView(space);
      const own = new CodeView();
      this.views.set(space, own);
      if (space !== this.current) return;
      this.user.codeChanged();
      this.enterView(own);
      return;
    }
    if (this.user.dropCold(view, start, end)) this.user.codeChanged();
    for (const [region, cache] of [...view.overlapping(start, end)]) {
      this.user.dropped(region, cache);
      this.user.codeChanged();
    }
  }
}
