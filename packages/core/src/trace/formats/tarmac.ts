import { SIZE_OF } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import { type Access, type At, type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Arm Tarmac, as ARM-software/tarmac-trace-utilities read it (its doc/index.rst, "Specification of the recognized Tarmac trace
 * format"): an instruction's line, then those of its memory accesses and registers, all at the time of its step + 1:
 *
 *     2 clk IT (2) 000000000040010c f81f0ffe O EL0t_n : str x30, [sp, #-0x10]!
 *     2 clk MW8 0000005500800750 00000000_00400104
 *     2 clk R SP 0000005500800750
 *
 * All registers stand at the start, and wherever the trace begins anew. What the kernel writes are MW lines behind its SVC; system
 * calls and signals are P and SIGNAL lines, which the tools show but do not interpret. Threads follow each other in one file.
 */
export function createTarmacFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new TarmacFormatter(reader, context, out);
}

/** A line of an instruction: what stands behind the time. Left out where the word at `condition` is 0. */
interface Line {
  readonly template: LineTemplate;
  readonly condition: At;
}

/** Lines of an instruction, and room for all of them with their times. */
interface Lines {
  readonly first: LineTemplate;
  readonly rest: readonly Line[];
  readonly maxBytes: number;
}

const TIME_BYTES = 20;
const CLK = Uint8Array.from(' clk ', (c) => c.charCodeAt(0));
const IT = Uint8Array.from('IT (', (c) => c.charCodeAt(0));

class TarmacFormatter implements TraceFormatter {
  readonly looksAtState = false;
  private readonly lines: (Lines | undefined)[] = [];
  private pc = 0;

  constructor(
    private readonly reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {}

  insn(shape: InsnShape): void {
    const { out, reader } = this;
    const { values } = reader;
    let lines = this.lines[shape.index];
    if (lines === undefined) {
      lines = this.linesOf(shape);
      this.lines[shape.index] = lines;
    }
    const time = reader.step + 1;
    this.pc = shape.pc;
    // One reservation, so that output is handed on between instructions only.
    out.reserve(lines.maxBytes);
    this.time(time);
    for (let i = 0; i < IT.length; i++) out.byte(IT[i]);
    out.decimal(time);
    lines.first.write(out, values);
    for (const { template, condition } of lines.rest) {
      if (condition !== NOWHERE && values[condition] === 0) continue;
      this.time(time);
      template.write(out, values);
    }
  }

  event(event: TraceEvent): void {
    switch (event.kind) {
      case 'snapshot':
        return this.allRegisters();
      case 'syscall': {
        const name = this.context.syscalls.get(event.number) ?? 'unknown';
        this.line(`E ${hex(this.pc, 8)} 00000011 CoreEvent_LOWER_64_SYNC`);
        return this.line(`P syscall ${event.number} ${name}(${event.args.map((arg) => `0x${arg.toString(16)}`).join(', ')})`);
      }
      case 'kernelWrite':
        return this.kernelWrite(event.address, event.data);
      case 'syscallResult':
        for (const { register, words } of event.changes) {
          const { name, visible } = this.context.state.registers[register];
          if (visible) this.line(`R ${tarmacName(name)} ${hexOf(words, 0, words.length)}`);
        }
        return;
      case 'signal':
        return this.line(`SIGNAL ${event.signal} code ${event.code} address 0x${event.address.toString(16)} at 0x${event.pc.toString(16)}`);
      case 'thread':
        return this.line(`P thread ${event.tid} of process ${event.pid} goes on`);
      case 'exit':
        return this.line(`P exit ${event.status}`);
      default:
        return;
    }
  }

  end(): void {
    this.out.flush();
  }

  private time(time: number): void {
    const { out } = this;
    out.decimal(time);
    for (let i = 0; i < CLK.length; i++) out.byte(CLK[i]);
  }

  /** A line at the time of the instruction before. */
  private line(text: string): void {
    this.out.text(`${this.reader.step} clk ${text}\n`);
  }

  private allRegisters(): void {
    const { state, layout } = this.reader;
    for (const { name, type, offset, visible } of layout.registers) {
      if (visible) this.line(`R ${tarmacName(name)} ${hexOf(state, offset >> 2, SIZE_OF[type] >> 2)}`);
    }
    this.line(`R cpsr ${hexOf(state, layout.flags.a.offset >> 2, 1)}`);
  }

  /** In pieces that do not straddle words, of sizes that the tools take. */
  private kernelWrite(address: number, data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      let size = 8;
      while ((address + at) % size !== 0 || at + size > data.length) size >>= 1;
      let digits = '';
      for (let i = size - 1; i >= 0; i--) digits += hex(data[at + i], 2);
      this.line(`MW${size} ${hex(address + at, 16)} ${size === 8 ? `${digits.slice(0, 8)}_${digits.slice(8)}` : digits}`);
      at += size;
    }
  }

  private linesOf(shape: InsnShape): Lines {
    const { context } = this;
    const first = new TemplateBuilder()
      .text(`) ${hex(shape.pc, 16)} ${hex(shape.word >>> 0, shape.bytes * 2)} O EL0t_n : ${context.disassemble(shape.pc, shape.word).trimEnd()}\n`)
      .build();
    const rest: Line[] = shape.accesses.map(accessLine);
    const register = (name: string, at: At, bytes: number): void => {
      rest.push({ template: new TemplateBuilder().text(`R ${name} `).hexFixed(at, bytes).text('\n').build(), condition: NOWHERE });
    };
    for (const { register: number, at } of shape.outputs) {
      const { name, type } = context.state.registers[number];
      register(tarmacName(name), at, SIZE_OF[type]);
    }
    if (shape.flagsOut !== NOWHERE) register('cpsr', shape.flagsOut, 4);
    const bytes = rest.reduce((sum, { template }) => sum + template.maxBytes + TIME_BYTES + CLK.length, first.maxBytes);
    return { first, rest, maxBytes: bytes + 2 * TIME_BYTES + CLK.length + IT.length };
  }
}

/** `MR8 address high_low`; 16 bytes are two words, the high one first. */
function accessLine({ store, bytes, address, datum, condition }: Access): Line {
  const builder = new TemplateBuilder()
    .text(`M${store ? 'W' : 'R'}${bytes} `)
    .hexFixed(address, 8)
    .text(' ');
  if (bytes === 16)
    builder
      .hexFixed(datum + 2, 8)
      .text(' ')
      .hexFixed(datum, 8);
  else if (bytes === 8)
    builder
      .hexFixed(datum + 1, 4)
      .text('_')
      .hexFixed(datum, 4);
  else builder.hexFixed(datum, bytes);
  return { template: builder.text('\n').build(), condition };
}

/** X30, SP, Q0, FPSR. */
const tarmacName = (name: string): string => name.replace(/^v(?=\d)/, 'q').toUpperCase();

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

function hexOf(words: ArrayLike<number>, at: number, count: number): string {
  let text = '';
  for (let i = count - 1; i >= 0; i--) text += hex(words[at + i] >>> 0, 8);
  return text;
}
