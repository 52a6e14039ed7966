import { type Register, SIZE_OF } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import type { BlockProgram } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type QemuBlock, QemuBlocks } from './qemuBlocks.ts';
import { type QemuCpuDump, qemuBlockHead, qemuCflags, qemuCpuDump, qemuInsnLine, qemuTraceLine, type RegisterSource } from './qemuText.ts';
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
  /** Blocks whose code has been shown. */
  private readonly shown = new Set<QemuBlock>();
  /** Numbers of blocks of which the trace has nothing, by address. */
  private readonly faults = new Map<number, number>();
  private readonly showsCode: boolean;
  private readonly showsRuns: boolean;
  private readonly cpuDump: QemuCpuDump | undefined;
  private readonly showsFpu: boolean;
  private readonly cflags: string;
  private readonly registers: RegisterSource;
  /** A block that ends in an instruction that traps, and what comes behind that: the signal tells its word. */
  private held: { readonly code: string; readonly runs: string; readonly trapAt: number } | undefined;

  constructor(
    reader: TraceReader,
    private readonly context: FormatContext,
    private readonly out: TextOutput,
  ) {
    const items = new Set(context.settings.traceItems);
    this.showsCode = items.has('in_asm');
    this.showsRuns = items.has('exec');
    this.cpuDump = items.has('cpu') ? qemuCpuDump(context.state) : undefined;
    this.showsFpu = items.has('fpu');
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
    const runs = this.runs(number, pc, symbol);
    if (this.shown.has(block) || !this.showsCode) return this.out.text(runs);
    this.shown.add(block);
    let code = qemuBlockHead(symbol);
    for (const insn of insns) code += this.line(insn.pc, insn.word);
    if (trapAt !== undefined) this.held = { code, runs, trapAt };
    else this.out.text(`${code}\n${runs}`);
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
    if (held?.trapAt === pc && word !== undefined) {
      this.out.text(`${held.code}${this.line(pc, word)}\n${held.runs}`);
      this.held = undefined;
      return;
    }
    this.release();
    if (goesOn || word === undefined) return;
    const isNew = !faults.has(pc);
    if (isNew) faults.set(pc, FAULTS + faults.size);
    const runs = this.runs(faults.get(pc) ?? 0, pc, '');
    this.out.text(isNew && this.showsCode ? `${qemuBlockHead('')}${this.line(pc, word)}\n${runs}` : runs);
  }

  end(): void {
    this.release();
    this.out.flush();
  }

  private release(): void {
    if (this.held !== undefined) this.out.text(`${this.held.code}\n${this.held.runs}`);
    this.held = undefined;
  }

  /** What is logged each time that a block runs. */
  private runs(number: number, pc: number, name: string): string {
    const text = this.showsRuns ? qemuTraceLine(number, pc, this.cflags, name) : '';
    return this.cpuDump === undefined ? text : text + this.cpuDump(this.registers, pc, this.showsFpu);
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
    get({ offset, type }: Register): bigint {
      let value = 0n;
      for (let i = (SIZE_OF[type] >> 2) - 1; i >= 0; i--) value = (value << 32n) | BigInt(state[(offset >> 2) + i] >>> 0);
      return value;
    },
    get nzcv() {
      return state[layout.flags.a.offset >> 2] >>> 28;
    },
  };
}
