import { type GdbRegister, Moment, PROT_EXEC, PROT_READ, PROT_WRITE } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { Answer } from './answer.ts';
import type { RecordingView } from './recordingView.ts';
import { hex, lineText, paddedHex, placeJson, placeText } from './values.ts';

/** What of a moment is wanted besides registers and call stack. */
export interface MomentWish {
  readonly vectors: boolean;
  readonly maps: boolean;
  readonly files: boolean;
  readonly memory: readonly { readonly address: number; readonly length: number }[];
}

const COLUMNS = 4;
const DUMP = 16;
const FLAGS = ['N', 'Z', 'C', 'V'] as const;

interface NamedValue {
  readonly name: string;
  readonly value: bigint;
  readonly bytes: number;
}

/** The registers of the thread that runs, as gdb names them. */
export function registersOf({ timeline }: RecordingView, vectors: boolean): readonly NamedValue[] {
  const { machine } = timeline.replayer;
  const { guest, cpu } = machine;
  const all: readonly GdbRegister[] = guest.gdbRegisters ?? [];
  return all.flatMap(({ name, kind }) => {
    if (kind === 'pc') return [{ name, value: BigInt(machine.pc), bytes: 8 }];
    if (kind === 'flags') return [{ name: 'nzcv', value: BigInt(cpu.nzcv) << 28n, bytes: 4 }];
    const register = guest.state.get(name);
    if (register.type === 'v128') return vectors ? [{ name, value: cpu.get(register), bytes: 16 }] : [];
    return [{ name, value: cpu.get(register), bytes: register.type === 'i32' ? 4 : 8 }];
  });
}

function mapsOf({ timeline }: RecordingView): readonly { readonly start: number; readonly end: number; readonly permission: string; readonly name: string }[] {
  const letter = (prot: number, bit: number, text: string): string => ((prot & bit) === 0 ? '-' : text);
  return new Moment(timeline).mappings.map(({ start, end, prot, name, shared }) => ({
    ...{ start, end, name },
    permission: letter(prot, PROT_READ, 'r') + letter(prot, PROT_WRITE, 'w') + letter(prot, PROT_EXEC, 'x') + (shared ? 's' : 'p'),
  }));
}

/** The bytes that are readable, byte by byte; undefined: not mapped. */
function memoryAt({ timeline }: RecordingView, address: number, length: number): readonly (number | undefined)[] {
  const { space } = timeline.replayer.machine;
  const whole = space.peek(address, length);
  if (whole !== undefined) return [...whole];
  return Array.from({ length }, (_, i) => space.peek(address + i, 1)?.[0]);
}

/** Tells of the moment where the timeline is, as one JSON object. */
export function momentJson(view: RecordingView, wish: MomentWish): object {
  const { timeline } = view;
  const { pid, tid, pc } = timeline.replayer;
  const insn = view.insnAt(pc);
  return {
    ...{ step: timeline.step, lastStep: timeline.lastStep, pid, tid },
    insn: { ...placeJson(insn), text: insn.text },
    registers: Object.fromEntries(registersOf(view, wish.vectors).map(({ name, value }) => [name, hex(value)])),
    stack: view.frames().map(placeJson),
    threads: new Moment(timeline).threads.map((each) => ({ ...each, pc: hex(each.pc), runs: each.tid === tid })),
    ...(wish.memory.length === 0
      ? {}
      : {
          memory: wish.memory.map(({ address, length }) => ({
            address: hex(address),
            bytes: memoryAt(view, address, length)
              .map((byte) => (byte === undefined ? '??' : byte.toString(16).padStart(2, '0')))
              .join(''),
          })),
        }),
    ...(wish.files ? { files: new Moment(timeline).openFiles() } : {}),
    ...(wish.maps ? { maps: mapsOf(view).map(({ start, end, ...rest }) => ({ start: hex(start), end: hex(end), ...rest })) } : {}),
  };
}

/** Tells of the moment where the timeline is, for people. */
export function tellMoment(view: RecordingView, wish: MomentWish, answer: Answer): void {
  const { timeline } = view;
  const { pid, tid, pc } = timeline.replayer;
  answer.line(`step ${grouped(timeline.step)} of ${grouped(timeline.lastStep)}, process ${pid}, thread ${tid}`);
  const insn = view.insnAt(pc);
  answer.line(`${hex(pc)}${insn.place === '' ? '' : ` ${insn.place}`}${lineText(insn.line)}`);
  answer.line(`    ${insn.text === '' ? '(no code is mapped here)' : insn.text}`);
  answer.line('');
  tellRegisters(registersOf(view, wish.vectors), answer);
  answer.line('');
  view.frames().forEach((frame, i) => void answer.line(`#${i} ${placeText(frame)}${lineText(frame.line)}`));
  const { threads } = new Moment(timeline);
  if (threads.length > 1) {
    answer.line('');
    for (const thread of threads) {
      const place = view.symbols.placeOf(thread.pc, thread.pid);
      answer.line(`thread ${thread.tid} of process ${thread.pid}: ${hex(thread.pc)}${place === '' ? '' : ` ${place}`}${thread.tid === tid ? ', runs' : ''}`);
    }
  }
  for (const { address, length } of wish.memory) tellMemory(view, address, length, answer);
  if (wish.files) {
    answer.line('');
    for (const { descriptor, name } of new Moment(timeline).openFiles()) answer.line(`${descriptor} ${name}`);
  }
  if (!wish.maps) return;
  answer.line('');
  for (const { start, end, permission, name } of mapsOf(view)) answer.line(`${hex(start)}-${hex(end)} ${permission} ${name}`.trimEnd());
}

function tellRegisters(registers: readonly NamedValue[], answer: Answer): void {
  const narrow = registers.filter(({ bytes }) => bytes <= 8);
  for (let i = 0; i < narrow.length; i += COLUMNS) {
    const row = narrow.slice(i, i + COLUMNS).map(({ name, value, bytes }) => `${name.padEnd(4)} ${paddedHex(value, bytes)}`);
    answer.line(
      row
        .map((each) => each.padEnd(25))
        .join('')
        .trimEnd(),
    );
  }
  const nzcv = Number(registers.find(({ name }) => name === 'nzcv')?.value ?? 0n) >>> 28;
  answer.line(`flags ${FLAGS.map((flag, i) => ((nzcv >> (3 - i)) & 1 ? flag : '-')).join('')}`);
  for (const { name, value, bytes } of registers) if (bytes > 8) answer.line(`${name.padEnd(4)} ${paddedHex(value, bytes)}`);
}

function tellMemory(view: RecordingView, address: number, length: number, answer: Answer): void {
  answer.line('');
  const bytes = memoryAt(view, address, length);
  for (let i = 0; i < bytes.length; i += DUMP) {
    const row = bytes.slice(i, i + DUMP);
    const text = row.map((byte) => (byte !== undefined && byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const digits = row.map((byte) => (byte === undefined ? '??' : byte.toString(16).padStart(2, '0'))).join(' ');
    answer.line(`${hex(address + i)}  ${digits.padEnd(DUMP * 3)} ${text}`);
  }
}
