import type { Hit } from '@everystep/core';
import type { RecordingView } from './recordingView.ts';

/** Bytes of an instruction that calls the kernel. */
const SVC_BYTES = 4;
/** SVC #0 (Arm ARM C6.2). */
const SVC = 0xd400_0001;

/** The system call, by name, that the thread is about to make or, with `made`, has just made; undefined if it is at none. */
export function callAt(view: RecordingView, made: boolean): string | undefined {
  const { machine, pc } = view.timeline.replayer;
  const { guest, cpu, space } = machine;
  if (space.fetch32(made ? pc - SVC_BYTES : pc) !== SVC) return undefined;
  const number = Number(cpu.getByName(guest.linux.syscallNumber) & 0xffff_ffffn);
  return guest.linux.syscalls.get(number) ?? `system call ${number}`;
}

/** What the kernel did there, in words: `read`, or that a signal came. The timeline is moved. */
export function kernelCause(view: RecordingView, hit: Hit): string {
  const { timeline } = view;
  timeline.seek(Math.max(0, hit.step));
  const made = timeline.replayer.tid === hit.tid ? callAt(view, false) : undefined;
  if (made !== undefined) return made;
  // It may have waited there since, while others ran.
  timeline.seek(Math.min(hit.step + 1, timeline.lastStep));
  return (timeline.replayer.tid === hit.tid ? callAt(view, true) : undefined) ?? 'the kernel (a signal, or a call that had waited)';
}
