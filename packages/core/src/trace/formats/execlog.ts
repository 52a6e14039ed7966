import { hex32 } from '../../base/index.ts';
import { type Register, SIZE_OF } from '../../ir/index.ts';
import type { RegisterChange, TraceEvent } from '../events.ts';
import { type Access, type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { globExpression } from './globs.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * The lines of QEMU's execlog plugin (contrib/plugins/execlog.c, 7.2; register changes as since 9.0):
 *
 *     0, 0x4000e4, 0xf94007e1, "ldr x1, [sp, #8]", load, 0x5500800748, x1 -> 0x0000000000000001
 *
 * As there, a 16-byte access is two of 8 bytes, a store-exclusive that succeeds is a load and a store, opcodes are not
 * padded, a register is told of only where it is watched and its value has changed, and an instruction that faults has
 * a line too. System calls are not shown; the registers that they change count for their instruction.
 */
export function createExeclogFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new ExeclogFormatter(reader, context, out);
}

/** One watched register that an instruction writes. */
interface Watched {
  /** Position in the gdb target's order. */
  readonly rank: number;
  readonly label: Uint8Array;
  /** Words in reader.values. */
  readonly at: number;
  /** Words in reader.state. */
  readonly stateWord: number;
  readonly words: number;
}

interface Line {
  readonly template: LineTemplate;
  readonly beforePc: readonly Watched[];
  readonly behindPc: readonly Watched[];
}

class ExeclogFormatter implements TraceFormatter {
  private readonly lines: (Line | undefined)[] = [];
  /** The line of the last instruction still lacks its end. */
  private isOpen = false;
  /** What goes behind the program counter of the open line, where that is watched. */
  private tail = '';
  /** Rank of each watched register of the state, by index. */
  private readonly rankOf = new Map<number, number>();
  private flagsRank = -1;
  private pcRank = -1;

  constructor(
    private readonly reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {
    const globs = context.settings.watchedRegisters.map(globExpression);
    context.gdbRegisters.forEach(({ name, kind }, rank) => {
      if (!globs.some((glob) => glob.test(name))) return;
      if (kind === 'flags') this.flagsRank = rank;
      else if (kind === 'pc') this.pcRank = rank;
      else this.rankOf.set(context.state.get(name).index, rank);
    });
  }

  insn(shape: InsnShape): void {
    const { out, reader } = this;
    this.close(shape.pc);
    let line = this.lines[shape.index];
    if (line === undefined) {
      line = this.lineOf(shape);
      this.lines[shape.index] = line;
    }
    line.template.write(out, reader.values);
    for (const watched of line.beforePc) if (this.hasChanged(watched)) this.writeChange(watched);
    for (const watched of line.behindPc) {
      if (this.hasChanged(watched)) this.tail += changeText(this.nameOf(watched.rank), reader.values, watched.at, watched.words);
    }
    this.isOpen = true;
  }

  event(event: TraceEvent): void {
    if (event.kind === 'syscallResult') this.addChanges(event.changes);
    else if (event.kind === 'signal' && event.word !== undefined) {
      this.close(event.pc);
      this.out.text(`0, 0x${event.pc.toString(16)}, 0x${event.word.toString(16)}, "${this.context.disassemble(event.pc, event.word)}"`);
      this.isOpen = true;
    }
  }

  end(): void {
    if (this.isOpen) this.out.text('\n');
    this.out.flush();
  }

  /** Ends the open line: the next instruction is at `pc`. */
  private close(pc: number): void {
    if (!this.isOpen) return;
    if (this.pcRank >= 0) this.out.text(`, ${this.nameOf(this.pcRank)} -> 0x${pc.toString(16).padStart(16, '0')}${this.tail}`);
    this.tail = '';
    this.out.reserve(1);
    this.out.byte(10);
    this.isOpen = false;
  }

  private addChanges(changes: readonly RegisterChange[]): void {
    const watched = changes.flatMap(({ register, words }) => {
      const rank = this.rankOf.get(register);
      return rank === undefined ? [] : [{ rank, words }];
    });
    watched.sort((a, b) => a.rank - b.rank);
    for (const { rank, words } of watched) {
      const text = changeText(this.nameOf(rank), words, 0, words.length);
      if (this.pcRank >= 0 && rank > this.pcRank) this.tail += text;
      else this.out.text(text);
    }
  }

  private hasChanged({ at, stateWord, words }: Watched): boolean {
    const { values, state } = this.reader;
    for (let i = 0; i < words; i++) if (values[at + i] !== state[stateWord + i]) return true;
    return false;
  }

  private writeChange({ label, at, words }: Watched): void {
    const { out, reader } = this;
    out.reserve(label.length + words * 8);
    for (let i = 0; i < label.length; i++) out.byte(label[i]);
    for (let i = words - 1; i >= 0; i--) out.hex32(reader.values[at + i]);
  }

  private nameOf(rank: number): string {
    return this.context.gdbRegisters[rank].name;
  }

  private lineOf(shape: InsnShape): Line {
    const { context, flagsRank, pcRank } = this;
    const builder = new TemplateBuilder().text(`0, 0x${shape.pc.toString(16)}, 0x${shape.word.toString(16)}, "${context.disassemble(shape.pc, shape.word)}"`);
    const accesses = context.hidesAccesses(shape.word) ? [] : shape.accesses;
    for (const access of accesses) {
      // The conditional store of a compare-and-swap is shown wherever there was a load: QEMU stores in any case.
      const load = accesses.find(({ store }) => !store);
      accessText(builder, access, load === undefined ? access.condition : load.condition);
    }
    const watched: Watched[] = [];
    const add = (rank: number, at: number, register: Register, words: number): void => {
      const label = Uint8Array.from(`, ${this.nameOf(rank)} -> 0x`, (character) => character.charCodeAt(0));
      watched.push({ rank, label, at, stateWord: register.offset >> 2, words });
    };
    for (const { register, at } of shape.outputs) {
      const rank = this.rankOf.get(register);
      const declared = context.state.registers[register];
      if (rank !== undefined) add(rank, at, declared, SIZE_OF[declared.type] >> 2);
    }
    if (shape.flagsOut !== NOWHERE && flagsRank >= 0) add(flagsRank, shape.flagsOut, context.state.flags.a, 1);
    watched.sort((a, b) => a.rank - b.rank);
    const isBefore = ({ rank }: Watched): boolean => pcRank < 0 || rank < pcRank;
    return { template: builder.build(), beforePc: watched.filter(isBefore), behindPc: watched.filter((w) => !isBefore(w)) };
  }
}

/** @param condition the access is shown where this is not 0, or always if it is NOWHERE */
function accessText(builder: TemplateBuilder, { store, bytes, address }: Access, condition: number): void {
  const show = (b: TemplateBuilder): void => {
    for (let at = 0; at < bytes; at += 8) b.text(`, ${store ? 'store' : 'load'}, 0x`).address(address, at);
  };
  if (condition === NOWHERE) show(builder);
  else builder.choose(condition, show);
}

const changeText = (name: string, words: ArrayLike<number>, at: number, count: number): string => {
  let digits = '';
  for (let i = count - 1; i >= 0; i--) digits += hex32(words[at + i]);
  return `, ${name} -> 0x${digits}`;
};
