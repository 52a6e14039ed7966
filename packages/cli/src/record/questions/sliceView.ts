import { callTextOf, type SliceNode, type SlicePlace } from '@everystep/core';
import type { RecordingView } from './recordingView.ts';
import { bytesText, hex, registerText } from './values.ts';

/** A moment of a slice, with what its recording says of it. */
export interface NodeView {
  readonly node: SliceNode;
  /** `x0`, `counter` or `[0x491040]`. */
  readonly place: string;
  /** As hexadecimal digits, or bytes. */
  readonly value: string;
  /** As QEMU words it; '' for what no instruction did. */
  readonly insn: string;
  /** `main+0x1c`; '' if no symbol tells. */
  readonly at: string;
  readonly line: { readonly path: string; readonly line: number } | undefined;
  /** What the kernel did, or where the value was from the start. */
  readonly origin: string;
}

/** Most bytes whose values are told. */
const MOST_BYTES = 32;
/** System calls whose first argument says what the data is from. */
const READING: ReadonlySet<string> = new Set(['read', 'pread64', 'readv', 'preadv', 'recvfrom', 'recvmsg', 'getdents64', 'fstat']);

/** Looks at the moments of a slice, the earliest first, as going on is cheap. The timeline is moved. */
export function lookAtNodes(view: RecordingView, nodes: readonly SliceNode[]): ReadonlyMap<SliceNode, NodeView> {
  const { timeline } = view;
  const { replayer } = timeline;
  const views = new Map<SliceNode, NodeView>();
  for (const node of [...nodes].sort((a, b) => a.step - b.step)) {
    timeline.seek(node.step);
    const insn = node.kind === 'start' ? undefined : view.insnAt(replayer.pc);
    const call = node.kind === 'kernel' ? callOf(view, node) : undefined;
    const place = placeName(view, node.place);
    if (node.kind !== 'start') timeline.seek(node.step + 1);
    views.set(node, {
      ...{ node, place, value: valueAt(view, node.place), insn: node.kind === 'kernel' ? '' : (insn?.text ?? '') },
      ...{ at: insn?.place ?? '', line: insn?.line, origin: node.kind === 'start' ? startText(view, node.place) : (call ?? '') },
    });
  }
  return views;
}

/** The system call of a node, as it was made. The timeline is before it. */
function callOf(view: RecordingView, { call, step, pid, place }: SliceNode): string {
  if (call === undefined) return 'the kernel: a signal, or the end of a call that had waited';
  const { machine } = view.timeline.replayer;
  const { name, text } = callTextOf(machine);
  const [first] = machine.guest.linux.syscallArguments;
  const descriptor = Number(BigInt.asIntN(32, machine.cpu.getByName(first)));
  if (name === undefined || !READING.has(name) || place.kind !== 'memory') return text;
  const file = view.timeline.openFiles.at(pid, step).find((open) => open.descriptor === descriptor)?.name;
  return file === undefined ? text : `${text} of ${file}`;
}

/** How people call a place, at the present moment. */
export function placeName(view: RecordingView, place: SlicePlace): string {
  if (place.kind === 'memory') return `[${hex(place.address)}${place.bytes === 8 ? '' : `:${place.bytes}`}]`;
  return place.register < 0 ? 'nzcv' : view.timeline.replayer.machine.guest.state.registers[place.register].name;
}

/** The value that is at a place, at the present moment. */
export function valueAt(view: RecordingView, place: SlicePlace): string {
  const { replayer } = view.timeline;
  if (place.kind === 'memory') return bytesText(replayer.spaces[place.space]?.peek(place.address, Math.min(place.bytes, MOST_BYTES)));
  return registerText(replayer, place.tid, place.register < 0 ? 'flags' : replayer.machine.guest.state.registers[place.register]);
}

function startText({ timeline }: RecordingView, place: SlicePlace): string {
  if (place.kind === 'register') return 'as the program began with it';
  const list = timeline.replayer.spaces[place.space]?.list;
  const name = list?.all[list.find(place.address)]?.name ?? '';
  if (name === '[stack]') return "from the program's arguments, environment or auxiliary vector";
  if (name !== '') return `from the file ${name}, as it was loaded`;
  return timeline.step === 0 ? 'as the program began with it' : 'zero, as it was mapped';
}
