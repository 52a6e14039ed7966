/** Where a trigger may fire. */
export type TriggerPlace =
  /** Before the instruction at an address. */
  | { readonly kind: 'pc'; readonly pc: number }
  /** Behind a system call, by its name. */
  | { readonly kind: 'syscall'; readonly name: string }
  /** When a signal reaches a process; undefined: any. */
  | { readonly kind: 'signal'; readonly signal: number | undefined };

/** Starts or stops a trace. */
export interface Trigger {
  readonly place: TriggerPlace;
  /** Registers, by name, that must have these values. */
  readonly registers: readonly { readonly name: string; readonly value: bigint }[];
  /** It fires the nth time, from 1, that all else is so, and each time after. */
  readonly count: number;
}

export interface TriggerOptions {
  /** None: the trace is open from the start. */
  readonly start: readonly Trigger[];
  readonly stop: readonly Trigger[];
  /** A start within an open stretch has to be met by a stop of its own. */
  readonly isNested: boolean;
  readonly register: (name: string) => bigint;
  /** Instructions completed. */
  readonly steps: () => number;
  /** A trigger has fired: the machine is to stop. */
  readonly fired: () => void;
}

/** Decides when stretches of a run that are traced begin and end. */
export class Triggers {
  /** A trigger has fired: `take` is due. */
  isDue = false;
  isOpen: boolean;
  private depth: number;
  private readonly seen = new Map<Trigger, number>();
  /** Where the last one fired: there, none does again. */
  private firedAt = -1;

  constructor(private readonly options: TriggerOptions) {
    this.isOpen = options.start.length === 0;
    this.depth = Number(this.isOpen);
  }

  /** Addresses that are to be watched now. */
  get pcs(): readonly number[] {
    return this.armed.flatMap(({ place }) => (place.kind === 'pc' ? [place.pc] : [])).filter((pc, i, all) => all.indexOf(pc) === i);
  }

  /** The trace has been opened or closed as was due. */
  take(): void {
    this.isDue = false;
    this.isOpen = !this.isOpen;
    this.depth = Number(this.isOpen);
  }

  /**
   * Execution is before an instruction that is watched.
   * @param pcs what was watched
   * @returns whether the trace begins or ends here
   */
  reached(pcs: readonly number[], place: number): boolean {
    return this.look((at) => at.kind === 'pc' && at.pc === pcs[place], this.options.steps());
  }

  syscall(name: string | undefined): void {
    this.look((place) => place.kind === 'syscall' && place.name === name, this.options.steps());
  }

  signal(signal: number): void {
    this.look((place) => place.kind === 'signal' && (place.signal === undefined || place.signal === signal), this.options.steps());
  }

  private get armed(): readonly Trigger[] {
    const { start, stop, isNested } = this.options;
    if (!this.isOpen) return start;
    return isNested ? [...start, ...stop] : stop;
  }

  private look(isThere: (place: TriggerPlace) => boolean, step: number): boolean {
    if (this.isDue || step === this.firedAt) return false;
    const found = this.armed.find((trigger) => isThere(trigger.place) && this.holds(trigger));
    if (found === undefined) return false;
    if (this.isOpen) {
      this.depth += this.options.start.includes(found) ? 1 : -1;
      if (this.depth > 0) return false;
    }
    this.firedAt = step;
    this.isDue = true;
    this.options.fired();
    return true;
  }

  /** Whether all else is so, often enough. */
  private holds(trigger: Trigger): boolean {
    if (!trigger.registers.every(({ name, value }) => this.options.register(name) === value)) return false;
    const seen = (this.seen.get(trigger) ?? 0) + 1;
    this.seen.set(trigger, seen);
    return seen >= trigger.count;
  }
}
