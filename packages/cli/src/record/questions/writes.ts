import { type AddressSpace, type Hit, type Probe, type Register, type SearchOptions, UserError } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { Answer } from './answer.ts';
import { kernelCause } from './kernelCalls.ts';
import type { InsnView, RecordingView } from './recordingView.ts';
import { bytesText, hex, lineText, placeJson, registerText } from './values.ts';

/** What writes are looked for of: memory of a process, or a register of a thread. */
export type Written =
  | { readonly kind: 'memory'; readonly address: number; readonly bytes: number; readonly pid: number; readonly name: string }
  | { readonly kind: 'register'; readonly register: Register | 'flags'; readonly tid: number; readonly name: string };

const DEFAULT_BYTES = 8;
const REGISTER = /^(?:[xwvqdsbh][0-9]+|w?sp|fp|lr|nzcv|fpcr|fpsr)$/;

/**
 * What `x3` or `counter:4` means, at the moment where the timeline is: the thread or process that runs then is meant.
 * @throws UserError
 */
export function writtenOf(view: RecordingView, text: string): Written {
  const { pid, tid, machine } = view.timeline.replayer;
  if (REGISTER.test(text)) {
    if (text === 'nzcv') return { kind: 'register', register: 'flags', tid, name: text };
    const name = text.replace(/^w(?=[0-9s])/, text === 'wsp' ? '' : 'x').replace(/^[qdsbh](?=[0-9])/, 'v');
    const register = machine.guest.state.registers.find((each) => each.name === ({ fp: 'x29', lr: 'x30' }[name] ?? name));
    if (register === undefined) throw new UserError(`there is no register '${text}'`);
    return { kind: 'register', register, tid, name: register.name };
  }
  const colon = /^(.*[^:]):([0-9]+|0[xX][0-9a-fA-F]+)$/.exec(text);
  const [found] = view.addressesOf(colon?.[1] ?? text);
  const bytes = colon === null ? found.size || DEFAULT_BYTES : Number(colon[2]);
  if (bytes < 1 || bytes > 2 ** 32) throw new UserError(`'${text}': there are no ${bytes} bytes to look at`);
  return { kind: 'memory', address: found.address, bytes, pid, name: found.name };
}

/** What is looked for, as the timeline wants it. @throws UserError */
export function probeOf(written: Written, reads: boolean): { readonly probe: Probe; readonly options: SearchOptions } {
  if (written.kind === 'register' && reads) throw new UserError(`--readers tells of memory, not of registers as ${written.name}`);
  if (written.kind === 'register') return { probe: { kind: 'register', register: written.register }, options: { tid: written.tid } };
  const { address, bytes, pid } = written;
  return { probe: { kind: 'access', address, bytes, reads, writes: !reads }, options: { memoryOf: pid } };
}

/** A write (or read), and what it changed. */
interface WriteView {
  readonly hit: Hit;
  /** undefined for what the kernel did. */
  readonly insn: InsnView | undefined;
  /** Of a system call. */
  readonly call: string | undefined;
  /** Function and line of the instruction, or of the call. */
  readonly place: InsnView;
  readonly before: string;
  readonly after: string;
}

/** Most bytes whose values are told. */
const MOST_BYTES = 64;

function lookAt(view: RecordingView, written: Written, hit: Hit): WriteView {
  const { timeline } = view;
  const { replayer } = timeline;
  const call = hit.kind === 'kernel' ? kernelCause(view, hit) : undefined;
  timeline.seek(Math.max(0, hit.step));
  const insn = view.insnAt(replayer.pc);
  const value = valueReader(view, written, hit);
  const before = value();
  // What a system call at the last step did is not seen behind it: the process is gone.
  timeline.seek(Math.min(hit.step + 1, timeline.lastStep));
  return { hit, insn: call === undefined ? insn : undefined, call, place: insn, before, after: value() };
}

/** Reads the value at the present moment, and later, whoever runs then. */
function valueReader(view: RecordingView, written: Written, hit: Hit): () => string {
  const { replayer } = view.timeline;
  if (written.kind === 'memory') {
    const { bytes } = written;
    // It may have been another process's, and elsewhere, then.
    const { pid, address } = hit.memory ?? written;
    const space: AddressSpace = replayer.memoryOf(pid) ?? replayer.machine.space;
    return () => bytesText(space.peek(address, Math.min(bytes, MOST_BYTES)));
  }
  const { register, tid } = written;
  return () => registerText(replayer, tid, register);
}

/** Tells of writes, in the order in which they are given. */
export function tellWrites(view: RecordingView, written: Written, hits: readonly Hit[], json: boolean, answer: Answer): void {
  for (const hit of hits) {
    const { insn, call, place, before, after } = lookAt(view, written, hit);
    answer.show();
    const { step, pid, tid, kind } = hit;
    if (json) {
      const by = call === undefined ? { text: insn?.text } : { call };
      answer.json({ step, pid, tid, kind, ...placeJson(place), ...by, before, after });
      continue;
    }
    const where = place.place === '' ? hex(place.pc) : `${place.place}`;
    answer.line(`step ${grouped(Math.max(0, step))}, thread ${tid}: ${where}${lineText(place.line)}`);
    const change = kind === 'read' ? before : before === after ? `${after}, as before` : `${before} became ${after}`;
    answer.line(`    ${call === undefined ? insn?.text : `system call ${call}`}: ${change}`);
  }
}
