import { globExpression } from '@everystep/core';
import type { SelectionSettings } from './selectionOptions.ts';

interface ThreadOfProgram {
  readonly process: { readonly programPath: string };
}

/** Which threads `--process` and `--thread` select, and what of these there was. */
export class ThreadSelection<T extends ThreadOfProgram> {
  private readonly globs: readonly RegExp[];
  private readonly seen: T[] = [];
  /** Indexes of the globs that some process's program has matched. */
  private readonly found = new Set<number>();

  constructor(private readonly settings: Pick<SelectionSettings, 'processes' | 'threads'>) {
    this.globs = settings.processes.map(globExpression);
  }

  /** Whether a thread is selected. To be asked of each that runs, and again once its process executes another program. */
  readonly wants = (thread: T): boolean => {
    const { threads } = this.settings;
    if (this.globs.length === 0 && threads.length === 0) return true;
    if (!this.seen.includes(thread)) this.seen.push(thread);
    const path = thread.process.programPath;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const matching = this.globs.flatMap((glob, i) => (glob.test(name) ? [i] : []));
    for (const index of matching) this.found.add(index);
    return (this.globs.length === 0 || matching.length > 0) && (threads.length === 0 || threads.includes(this.seen.indexOf(thread) + 1));
  };

  /** What was asked for and never came, a sentence each. */
  get missed(): readonly string[] {
    const { processes, threads } = this.settings;
    return [
      ...processes.filter((_, i) => !this.found.has(i)).map((name) => `no process had a program called '${name}' (--process)`),
      ...threads.filter((number) => number > this.seen.length).map((number) => `no thread ${number} ran, of ${this.seen.length} (--thread)`),
    ];
  }
}
