/** Where a trigger may fire. */
export type TriggerPlace =
  /** Before the instruction at an address. */
  | { readonly kind: 'pc'; readonly pc: number }
  /** When so many instructions have completed. */
  | { readonly kind: 'step'; readonly step: number }
  /** Before the first instruction of a function, wherever processes have it. */
  | { readonly kind: 'function'; readonly name: string }
  /** Behind a system call, by its name. */
  | { readonly kind: 'syscall'; readonly name: string }
  /** When a signal reaches a process; undefined: any. */
  | { readonly kind: 'signal'; readonly signal: number | undefined }
  /** Where a plugin says so, by the name that it gives; undefined: any. */
  | { readonly kind: 'plugin'; readonly name: string | undefined };

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
  /** Number of the process that runs. */
  readonly process: () => number;
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
  /** `pcs` has changed other than by `take`. */
  haveMoved = false;
  /** Nothing fires, and nothing is counted, before the stretch of the run that triggers are for. */
  areWatched = false;
  /** Some trigger has fired. */
  haveFired = false;
  /** Where processes have functions, by their names. */
  private readonly functions = new Map<number, ReadonlyMap<string, readonly number[]>>();
  /** Functions that some process had. */
  private readonly found = new Set<string>();
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
    const pcs = new Set<number>();
    for (const { place } of this.armed) {
      if (place.kind === 'pc') pcs.add(place.pc);
      if (place.kind !== 'function') continue;
      for (const functions of this.functions.values()) for (const pc of functions.get(place.name) ?? []) pcs.add(pc);
    }
    return [...pcs];
  }

  /** Names of the functions that start and stop stretches. */
  private get names(): readonly string[] {
    const { start, stop } = this.options;
    return [...start, ...stop].flatMap(({ place }) => (place.kind === 'function' ? [place.name] : []));
  }

  /** Names of functions that no process has had so far. */
  get unknownNames(): readonly string[] {
    return this.names.filter((name, i, all) => !this.found.has(name) && all.indexOf(name) === i);
  }

  /** The process that runs may have other code than before. @param find where it has functions of a name */
  remapped(find: (name: string) => readonly number[]): void {
    const { names } = this;
    if (names.length === 0) return;
    const before = this.pcs;
    const places = new Map(names.map((name) => [name, find(name)]));
    for (const [name, pcs] of places) if (pcs.length > 0) this.found.add(name);
    this.functions.set(this.options.process(), places);
    const { pcs } = this;
    this.haveMoved ||= pcs.length !== before.length || pcs.some((pc) => !before.includes(pc));
  }

  /** Another process runs. @param find as in `remapped` */
  switched(find: (name: string) => readonly number[]): void {
    if (!this.functions.has(this.options.process())) this.remapped(find);
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
    const pc = pcs[place] as number;
    const here = this.functions.get(this.options.process());
    const isThere = (at: TriggerPlace): boolean => (at.kind === 'pc' ? at.pc === pc : at.kind === 'function' && here?.get(at.name)?.includes(pc) === true);
    return this.look(isThere, this.options.steps());
  }

  /** The first step after `step` at which `reachedStep` is to be called; Infinity: none. */
  nextStep(step: number): number {
    const steps = this.armed.flatMap(({ place }) => (place.kind === 'step' && place.step > step ? [place.step] : []));
    return Math.min(...steps, Number.POSITIVE_INFINITY);
  }

  /** The machine stands at a step. */
  reachedStep(step: number): void {
    this.look((place) => place.kind === 'step' && place.step === step, step);
  }

  syscall(name: string | undefined): void {
    this.look((place) => place.kind === 'syscall' && place.name === name, this.options.steps());
  }

  signal(signal: number): void {
    this.look((place) => place.kind === 'signal' && (place.signal === undefined || place.signal === signal), this.options.steps());
  }

  /** A plugin says that something is so. @returns as `reached` does */
  plugin(name: string): boolean {
    return this.look((place) => place.kind === 'plugin' && (place.name === undefined || place.name === name), this.options.steps());
  }

  private get armed(): readonly Trigger[] {
    const { start, stop, isNested } = this.options;
    if (!this.isOpen) return start;
    return isNested ? [...start, ...stop] : stop;
  }

  private look(isThere: (place: TriggerPlace) => boolean, step: number): boolean {
    if (!this.areWatched || this.isDue || step === this.firedAt) return false;
    const found = this.armed.find((trigger) => isThere(trigger.place) && this.holds(trigger));
    if (found === undefined) return false;
    if (this.isOpen) {
      this.depth += this.options.start.includes(found) ? 1 : -1;
      if (this.depth > 0) return false;
    }
    this.firedAt = step;
    this.haveFired = true;
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
