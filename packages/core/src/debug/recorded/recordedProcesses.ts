import { type ByteString, encodeText } from '../../linux/index.ts';
import type { EventPlace, RecordedEvents } from '../../record/index.ts';

/** Which of a recording's processes are debugged, and what programs they have had. */
export class RecordedProcesses {
  private readonly pids: Set<number>;
  /** Programs that were looked for last, and between which steps each is known to have been the process's. */
  private readonly known = new Map<number, { readonly path: ByteString; readonly from: number; to: number }>();

  /**
   * @param first the process that was recorded
   * @param program its program's path, as the guest saw it
   * @param auxiliary its auxiliary vector
   */
  constructor(
    private readonly events: RecordedEvents,
    private readonly first: number,
    private readonly program: ByteString,
    private readonly auxiliary: Uint8Array,
  ) {
    this.pids = new Set([first]);
  }

  isDebugged(pid: number): boolean {
    return this.pids.has(pid);
  }

  /** How many are debugged. */
  get debugged(): number {
    return this.pids.size;
  }

  attach(pid: number): void {
    this.pids.add(pid);
  }

  detach(pid: number): void {
    this.pids.delete(pid);
  }

  /** The path of the program that a process has at a place of the run. */
  programAt(pid: number, place: EventPlace): ByteString {
    const known = this.known.get(pid);
    if (known !== undefined && place.step >= known.from && place.step <= known.to) return known.path;
    const found = this.findProgram(pid, place, known?.to);
    if (found === undefined && known !== undefined && place.step > known.to) known.to = place.step;
    else this.known.set(pid, { path: found?.path ?? this.program, from: found?.from ?? 0, to: place.step });
    return this.known.get(pid)?.path ?? this.program;
  }

  /** @param down a step up to which it is known */
  private findProgram(pid: number, place: EventPlace, down = 0): { readonly path: ByteString; readonly from: number } | undefined {
    for (const event of this.events.before(place, ['files', 'threadStart'])) {
      if (place.step > down && event.step <= down) return undefined;
      if (event.kind === 'files' && event.of === pid) return { path: encodeText(event.program), from: event.step };
      // It has its parent's, until it runs.
      if (event.kind === 'threadStart' && event.started.pid === pid && event.makes !== 'thread')
        return { path: this.programAt(event.pid, event), from: event.step };
    }
    return undefined;
  }

  /** The auxiliary vector of the program that a process has at a place of the run. */
  auxiliaryAt(pid: number, place: EventPlace): Uint8Array {
    let owner = pid;
    for (const event of this.events.before(place, ['execute', 'threadStart'])) {
      if (event.kind === 'execute' && event.pid === owner) return event.auxiliaryVector;
      if (event.kind === 'threadStart' && event.makes !== 'thread' && event.started.pid === owner) owner = event.pid;
      if (owner === this.first && event.step === 0) break;
    }
    return this.auxiliary;
  }
}
