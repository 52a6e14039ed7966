import type { Register } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import type { BlockProgram } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type QemuBlock, QemuBlocks } from './qemuBlocks.ts';
import { QemuCpuDump, qemuBlockHead, qemuCflags, qemuInsnLine, qemuTraceLine, type RegisterSource } from './qemuText.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * QEMU's log of `-d in_asm,exec,cpu,fpu,nochain`, from a trace: a block's instructions where it first runs, and a line and the registers
 * each time that it does. As in the log of `everystep run`, the host address is a number of the block. Where the first instruction
 * of a block faults, that alone is shown of it: the trace has no more.
 */
export function createQemuLogFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new QemuLogFormatter(reader, context, out);
}

/** Numbers from here on are those of blocks of which the trace has nothing. */
const FAULTS = 0x100_0000;

class QemuLogFormatter implements TraceFormatter {
  readonly looksAtState = false;
  private readonly blocks: QemuBlocks;
  /** What is logged each time that a block runs, before the registers, of those that have run. */
  private readonly lines = new Map<QemuBlock, string>();
  /** Numbers of blocks of which the trace has nothing, by address. */
  private readonly faults = new Map<number, number>();
  private readonly showsCode: boolean;
  private readonly showsRuns: boolean;
  private readonly cpuDump: QemuCpuDump | undefined;
  private readonly cflags: string;
  private readonly registers: RegisterSource;
  /** A block that ends in an instruction that traps, and what comes behind that: the signal tells its word. */
  private held: { readonly code: string; readonly runs: string; readonly cpu: Uint8Array | undefined; readonly trapAt: number } | undefined;

  constructor(
    reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {
    const items = new Set(context.settings.traceItems);
    this.showsCode = items.has('in_asm');
    this.showsRuns = items.has('exec');
    this.cpuDump = items.has('cpu') ? new QemuCpuDump(context.state, items.has('fpu')) : undefined;
    this.cflags = qemuCflags(items.has('nochain'), false);
    this.registers = registersOf(reader);
    this.blocks = new QemuBlocks(context.disassemble);
  }

  define(definitions: Uint8Array): void {
    this.blocks.define(definitions);
  }

  block(program: BlockProgram, completed: number): void {
    const block = this.blocks.enter(program, completed);
    if (block === undefined) return;
    this.release();
    const { symbol = '', trapAt, insns, pc, number } = block;
    let line = this.lines.get(block);
    if (line === undefined) {
      line = this.showsRuns ? qemuTraceLine(number, pc, this.cflags, symbol) : '';
      this.lines.set(block, line);
      if (this.showsCode) {
        let code = qemuBlockHead(symbol);
        for (const insn of insns) code += this.line(insn.pc, insn.word);
        if (trapAt !== undefined) {
          this.held = { code, runs: line, cpu: this.cpuDump?.of(this.registers, pc).slice(), trapAt };
          return;
        }
        this.out.text(`${code}\n`);
      }
    }
    this.out.text(line);
    if (this.cpuDump !== undefined) this.out.bytes(this.cpuDump.of(this.registers, pc));
  }

  insn(): void {}

  event(event: TraceEvent): void {
    if (event.kind === 'thread' || event.kind === 'snapshot' || event.kind === 'signal') {
      const goesOn = event.kind === 'signal' && this.blocks.goesOnAt(event.pc);
      this.blocks.interrupt();
      if (event.kind === 'signal') this.signal(event.pc, event.word, goesOn);
    }
  }

  private signal(pc: number, word: number | undefined, goesOn: boolean): void {
    const { held, faults } = this;
    if (held?.trapAt === pc && word !== undefined) return this.release(this.line(pc, word));
    this.release();
    if (goesOn || word === undefined) return;
    const isNew = !faults.has(pc);
    if (isNew) faults.set(pc, FAULTS + faults.size);
    if (isNew && this.showsCode) this.out.text(`${qemuBlockHead('')}${this.line(pc, word)}\n`);
    if (this.showsRuns) this.out.text(qemuTraceLine(faults.get(pc) ?? 0, pc, this.cflags, ''));
    if (this.cpuDump !== undefined) this.out.bytes(this.cpuDump.of(this.registers, pc));
  }

  end(): void {
    this.release();
    this.out.flush();
  }

  /** @param last the line of the instruction that trapped, if it is known */
  private release(last = ''): void {
    const { held } = this;
    if (held === undefined) return;
    this.out.text(`${held.code}${last}\n${held.runs}`);
    if (held.cpu !== undefined) this.out.bytes(held.cpu);
    this.held = undefined;
  }

  private line(pc: number, word: number): string {
    const text = this.context.disassemble(pc, word);
    const blank = text.indexOf(' ');
    return qemuInsnLine(pc, word, text.slice(0, blank), text.slice(blank + 1));
  }
}

/** Registers as the reader has them. */
function registersOf({ state, layout }: TraceReader): RegisterSource {
  return {
    word: ({ offset }: Register, i: number) => state[(offset >> 2) + i],
    get nzcv() {
      return state[layout.flags.a.offset >> 2] >>> 28;
    },
  };
}
