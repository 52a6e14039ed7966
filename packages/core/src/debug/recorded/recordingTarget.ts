import { UserError } from '../../base/index.ts';
import { type AddressSpace, CpuState } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import { type ByteString, encodeText } from '../../linux/index.ts';
import type { Hit, Probe, Timeline } from '../../record/index.ts';
import type {
  Breakpoint,
  DebugFiles,
  DebugHistory,
  DebugTarget,
  DebugThread,
  RegisterFile,
  ResumeControl,
  ResumeRequest,
  StopEvent,
  ThreadId,
} from '../target.ts';
import { readAuxiliaryVector } from './auxiliaryVector.ts';
import { SavedRegisters } from './savedRegisters.ts';

/** Most breakpoints at a time: each is a search of its own. */
const MOST_BREAKPOINTS = 64;
const PAGE = 4096;

/** Something that a breakpoint has found. */
interface Found {
  readonly hit: Hit;
  readonly breakpoint: Breakpoint;
}

/** A recording, for a debugger: it moves forwards and backwards, and cannot be changed. */
export class RecordingTarget implements DebugTarget {
  readonly guest: Guest;
  readonly history: DebugHistory = {
    reverseStep: async () => this.back(),
    reverseContinue: async () => this.backToBreakpoint(),
    goTo: async (step) => {
      if (!Number.isInteger(step) || step < 0 || step > this.timeline.lastStep)
        throw new UserError(`there is no step ${step}: the recording has ${this.timeline.lastStep}`);
      this.moveTo(step);
    },
    findWrite: async (pid, address) => {
      const { step } = this;
      const hit = this.timeline.previous({ kind: 'access', address, bytes: 1, reads: false, writes: true }, { to: step, pid });
      this.moveTo(hit?.step ?? step);
      return hit?.step;
    },
  };
  private readonly breakpoints: { readonly pid: number; readonly breakpoint: Breakpoint }[] = [];
  /** Who ran last where nobody runs any more: at the end. */
  private last: ThreadId;
  /** The step at which a watchpoint was reported going backwards: the access before it is not found again. */
  private reportedBehind = -1;
  private readonly auxiliary: Uint8Array;
  /** The debugger has gone. */
  private isLeft = false;

  /**
   * @param program the path of the recorded program, as the guest saw it
   * @param files read-only access to files of the recorded system
   */
  constructor(
    private readonly timeline: Timeline,
    private readonly program: ByteString,
    readonly files: DebugFiles,
  ) {
    const { replayer } = timeline;
    this.guest = replayer.machine.guest;
    this.moveTo(0);
    this.last = { pid: replayer.pid, tid: replayer.tid };
    this.auxiliary = readAuxiliaryVector(replayer.machine);
  }

  // What there is

  get step(): number {
    return this.timeline.step;
  }

  get current(): ThreadId | undefined {
    return this.isLeft ? undefined : this.runner;
  }

  private get runner(): ThreadId {
    const { pid, tid } = this.timeline.replayer;
    return tid === 0 ? this.last : { pid, tid };
  }

  threads(): readonly DebugThread[] {
    if (this.isLeft) return [];
    const { runner: current } = this;
    const others = [...this.timeline.replayer.threads].filter(([tid]) => tid !== current.tid).map(([tid, { pid }]) => ({ pid, tid }));
    const name = this.program.slice(this.program.lastIndexOf('/') + 1);
    return [current, ...others].map((thread) => ({ ...thread, name, state: '' }));
  }

  registers({ tid }: ThreadId): RegisterFile {
    const { machine, threads } = this.timeline.replayer;
    const saved = tid === this.runner.tid ? undefined : threads.get(tid);
    if (saved === undefined) return new SavedRegisters(this.guest, machine.cpu, machine.pc);
    return new SavedRegisters(
      this.guest,
      CpuState.ofSaved(this.guest.state, new Uint8Array(saved.state.buffer, saved.state.byteOffset, saved.state.byteLength)),
      saved.pc,
    );
  }

  readMemory(pid: number, address: number, length: number): Uint8Array {
    const space = this.spaceOf(pid);
    if (space === undefined) return new Uint8Array();
    let end = address;
    while (end < address + length) {
      const next = Math.min(end - (end % PAGE) + PAGE, address + length);
      if (space.peek(end, next - end) === undefined) break;
      end = next;
    }
    return space.peek(address, end - address) ?? new Uint8Array();
  }

  /** Which address space another process has is known only while it runs. */
  private spaceOf(pid: number): AddressSpace | undefined {
    return pid === this.runner.pid ? this.timeline.replayer.machine.space : undefined;
  }

  /** What has happened cannot be changed. */
  writeMemory(): boolean {
    return false;
  }

  executable(): ByteString {
    return this.program;
  }

  auxiliaryVector(): Uint8Array {
    return this.auxiliary;
  }

  signalInfo(): undefined {
    return undefined;
  }

  want(): void {}

  detach(): void {
    this.isLeft = true;
  }

  kill(): void {
    this.isLeft = true;
  }

  insertBreakpoint(pid: number, breakpoint: Breakpoint): boolean {
    if (this.breakpoints.length >= MOST_BREAKPOINTS) return false;
    this.breakpoints.push({ pid, breakpoint });
    return true;
  }

  removeBreakpoint(pid: number, { kind, address, length }: Breakpoint): void {
    const at = this.breakpoints.findIndex(
      (each) => each.pid === pid && each.breakpoint.kind === kind && each.breakpoint.address === address && each.breakpoint.length === length,
    );
    if (at >= 0) this.breakpoints.splice(at, 1);
  }

  // Moving

  private moveTo(step: number): void {
    this.reportedBehind = -1;
    this.timeline.seek(step);
    const { pid, tid } = this.timeline.replayer;
    if (tid !== 0) this.last = { pid, tid };
  }

  async resume(request: ResumeRequest, control: ResumeControl): Promise<StopEvent> {
    const action = request.actionOf(this.runner);
    if (action?.kind !== 'step') return this.onToBreakpoint();
    const { range } = action;
    for (;;) {
      if (this.step >= this.timeline.lastStep) return this.endOf('end');
      this.moveTo(this.step + 1);
      const { pc } = this.timeline.replayer;
      if (range === undefined || pc < range.start || pc >= range.end) return { kind: 'stepped', thread: this.runner };
      if (this.breakpoints.some(({ pid, breakpoint: { kind, address } }) => kind === 'code' && address === pc && pid === this.runner.pid))
        return { kind: 'breakpoint', thread: this.runner };
      if (control.interrupted()) return { kind: 'interrupted', thread: this.runner };
    }
  }

  private endOf(end: 'begin' | 'end'): StopEvent {
    this.moveTo(end === 'begin' ? 0 : this.timeline.lastStep);
    return { kind: 'history', thread: this.runner, end };
  }

  private back(): StopEvent {
    if (this.step === 0) return this.endOf('begin');
    this.moveTo(this.step - 1);
    return { kind: 'stepped', thread: this.runner };
  }

  private onToBreakpoint(): StopEvent {
    const from = this.step + 1;
    let found: Found | undefined;
    for (const { pid, breakpoint } of this.breakpoints) {
      const hit = this.timeline.next(probeOf(breakpoint), { from, to: found?.hit.step ?? this.timeline.lastStep, pid });
      if (hit !== undefined) found = { hit, breakpoint };
    }
    if (found === undefined) return this.endOf('end');
    this.moveTo(found.hit.step);
    return this.stopAt(found);
  }

  private backToBreakpoint(): StopEvent {
    const { step, reportedBehind } = this;
    let found: Found | undefined;
    for (const { pid, breakpoint } of this.breakpoints) {
      const isAccess = breakpoint.kind !== 'code';
      const to = isAccess && reportedBehind === step ? step - 1 : step;
      const hit = this.timeline.previous(probeOf(breakpoint), { from: found === undefined ? 0 : found.hit.step + 1, to, pid });
      if (hit !== undefined) found = { hit, breakpoint };
    }
    if (found === undefined) return this.endOf('begin');
    if (found.breakpoint.kind === 'code') {
      this.moveTo(found.hit.step);
      return this.stopAt(found);
    }
    this.moveTo(found.hit.step + 1);
    this.reportedBehind = this.step;
    return this.stopAt(found);
  }

  private stopAt({ hit, breakpoint: { kind, address } }: Found): StopEvent {
    const thread = { pid: hit.pid, tid: hit.tid };
    if (kind === 'code') return { kind: 'breakpoint', thread };
    const access = kind === 'access' ? 'access' : hit.kind === 'read' ? 'read' : 'write';
    return { kind: 'watchpoint', thread, access, address };
  }
}

/** What is looked for. */
function probeOf({ kind, address, length }: Breakpoint): Probe {
  if (kind === 'code') return { kind: 'execute', pc: address };
  return { kind: 'access', address, bytes: length, reads: kind !== 'write', writes: kind !== 'read' };
}

/** The program's path as the guest's system has it. */
export const recordedProgram = ({ program, workingDirectory }: { readonly program: string; readonly workingDirectory: string }): ByteString =>
  encodeText(program.startsWith('/') ? program : `${workingDirectory}/${program}`);
