import { callTextOf } from '@everystep/core';
import { milliseconds } from '../../host/clock.ts';
import type { RecordingView } from './recordingView.ts';

const STANDARD = ['standard input', 'standard output', 'standard error'];
/** System calls that open what has a name, and in which argument that is. */
const OPENING: Readonly<Record<string, number>> = { openat: 1, open: 0, creat: 0, memfd_create: 0 };
const FIRST_STEPS = 200_000;
/** No more time than that, in milliseconds, is spent on a name. */
const PATIENCE = 1000;
const PATH_BYTES = 4096;

/** What a process has opened as a descriptor, by the call that opened it last before a step; undefined if that is not found soon. The timeline is moved. */
export function fileOfDescriptor({ timeline }: RecordingView, pid: number, descriptor: number, step: number): string | undefined {
  const { replayer } = timeline;
  const { machine } = replayer;
  const { linux } = machine.guest;
  const result = (): number => Number(BigInt.asIntN(64, machine.cpu.getByName(linux.syscallResult)));
  const began = milliseconds();
  let size = FIRST_STEPS;
  for (let to = step; to > 0 && milliseconds() - began < PATIENCE; size *= 2) {
    const from = Math.max(0, to - size);
    let opening: string | undefined;
    let found: string | undefined;
    timeline.goThrough(from, to, {
      enterCall() {
        const { name } = callTextOf(machine);
        const argument = name === undefined ? undefined : OPENING[name];
        const path =
          argument === undefined ? undefined : machine.space.kernelReadString(Number(machine.cpu.getByName(linux.syscallArguments[argument])), PATH_BYTES);
        opening = path && Buffer.from(path).toString('utf8');
      },
      leaveCall() {
        if (opening !== undefined && replayer.pid === pid && result() === descriptor) found = opening;
        opening = undefined;
      },
    });
    if (found !== undefined) return found;
    to = from;
  }
  return STANDARD[descriptor];
}
