import { high32 } from '../../base/index.ts';
import type { TraceEvent } from '../events.ts';
import { type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import { hexBytes, hexWords } from './text.ts';
import { TextOutput } from './textOutput.ts';

/**
 * Text for the Tenet trace explorer (gaasedelen/tenet, tracers/README.md), one line an instruction:
 *
 *     x0=0x5,sp=0x5500800730,pc=0x400110,mr=0x550080073c:05000000
 *
 * A line has the instruction's pc and what the instruction before it did: the registers that it wrote, and its memory accesses,
 * bytes in memory order; so registers are as they are when the instruction at pc begins. The first line has all registers. Only
 * the 64-bit integer registers are shown: Tenet has room for 32, the link register being `lr`.
 */
export function createTenetFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new TenetFormatter(reader, context, out);
}

/** Bytes of memory accesses of one line that are kept at a time; longer ones go to the line after it. */
const MEMORY_BYTES = 0x4_0000;

interface Lines {
  readonly registers: LineTemplate;
  readonly memory: LineTemplate;
}

class TenetFormatter implements TraceFormatter {
  readonly looksAtState = false;
  private readonly lines: (Lines | undefined)[] = [];
  /** What comes behind the pc of the next line. */
  private readonly memory = new TextOutput((bytes) => this.overflow.push(bytes.slice()), MEMORY_BYTES);
  private overflow: Uint8Array[] = [];
  /** Something stands in the line already. */
  private isOpen = false;

  constructor(
    private readonly reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {}

  insn(shape: InsnShape): void {
    let lines = this.lines[shape.index];
    if (lines === undefined) {
      lines = this.linesOf(shape);
      this.lines[shape.index] = lines;
    }
    this.finish(shape.pc);
    lines.registers.write(this.out, this.reader.values);
    lines.memory.write(this.memory, this.reader.values);
    this.isOpen = true;
  }

  event(event: TraceEvent): void {
    switch (event.kind) {
      case 'snapshot': {
        const { state, layout } = this.reader;
        for (const { name, offset, type } of layout.registers) {
          if (this.isShown(name, type)) this.out.text(`${tenetName(name)}=0x${hexWords(state, offset >> 2, 2)},`);
        }
        return;
      }
      case 'syscallResult':
        for (const { register, words } of event.changes) {
          const { name, type } = this.context.state.registers[register];
          if (this.isShown(name, type)) this.out.text(`${tenetName(name)}=0x${hexWords(words, 0, words.length)},`);
        }
        return;
      case 'kernelWrite':
        return this.memory.text(`,mw=0x${event.address.toString(16)}:${hexBytes(event.data)}`);
      case 'signal':
      case 'pause':
        // The state before an instruction that is not in the trace.
        if (this.isOpen) this.finish(event.pc);
        this.isOpen = false;
        return;
      default:
        return;
    }
  }

  end(): void {
    this.out.flush();
  }

  /** Ends the line that has been begun: the instruction is at `pc`. */
  private finish(pc: number): void {
    const { out, memory } = this;
    out.reserve(32);
    out.byte(0x70);
    out.byte(0x63);
    out.byte(0x3d);
    out.byte(0x30);
    out.byte(0x78);
    const high = high32(pc);
    if (high !== 0) {
      out.hexTrimmed(high);
      out.hex32(pc | 0);
    } else out.hexTrimmed(pc);
    for (const bytes of this.overflow) out.bytes(bytes);
    if (this.overflow.length > 0) this.overflow = [];
    if (memory.position > 0) out.bytes(memory.buffer.subarray(0, memory.position));
    memory.position = 0;
    out.reserve(1);
    out.byte(10);
  }

  private isShown(name: string, type: string): boolean {
    return type === 'i64' && (name === 'sp' || /^x\d+$/.test(name));
  }

  private linesOf(shape: InsnShape): Lines {
    const registers = new TemplateBuilder();
    for (const { register, at } of shape.outputs) {
      const { name, type } = this.context.state.registers[register];
      if (this.isShown(name, type))
        registers
          .text(`${tenetName(name)}=0x`)
          .hex(at, 2)
          .text(',');
    }
    const memory = new TemplateBuilder();
    for (const { store, bytes, address, datum, condition } of shape.accesses) {
      const show = (b: TemplateBuilder): void => {
        b.text(`,m${store ? 'w' : 'r'}=0x`)
          .hex(address, 2)
          .text(':')
          .memoryBytes(datum, bytes);
      };
      if (condition === NOWHERE) show(memory);
      else memory.choose(condition, show);
    }
    return { registers: registers.build(), memory: memory.build() };
  }
}

const tenetName = (name: string): string => (name === 'x30' ? 'lr' : name);
