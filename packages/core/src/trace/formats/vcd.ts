import { assert, globExpression } from '../../base/index.ts';
import { SIZE_OF } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import { type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * Registers as waveforms, in a value change dump (IEEE 1364-2005, 18) for GTKWave and Surfer. A nanosecond is an instruction: at
 * time N the registers are as they were after N instructions, and pc is where the next one is.
 */
export function createVcdFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  return new VcdFormatter(reader, context, out);
}

/** Without --reg. */
const DEFAULT_REGISTERS = ['pc', 'sp', 'x*', 'cpsr'];
/** What is watched as pc and flags, which are no registers of the state. */
const PC = -1;
const FLAGS = -2;

interface Variable {
  readonly name: string;
  readonly id: Uint8Array;
  readonly words: number;
  /** What was written last, the least significant word first. */
  readonly value: Int32Array;
  /** Word of the state; PC or FLAGS. */
  readonly stateWord: number;
}

class VcdFormatter implements TraceFormatter {
  private readonly variables: Variable[] = [];
  private readonly byRegister = new Map<number, Variable>();
  private readonly pc: Variable | undefined;
  private readonly flags: Variable | undefined;
  private time = -1;
  private hasHeader = false;
  private readonly pcWords = new Int32Array(2);

  constructor(
    private readonly reader: TraceReader,
    { state, gdbRegisters, settings }: FormatContext,
    private readonly out: TextOutput,
  ) {
    const globs = (settings.watchedRegisters.length === 0 ? DEFAULT_REGISTERS : settings.watchedRegisters).map((glob) => globExpression(glob.toLowerCase()));
    for (const { name, kind } of gdbRegisters) {
      if (!globs.some((glob) => glob.test(name))) continue;
      const register = kind === 'state' ? state.get(name) : undefined;
      const words = register === undefined ? (kind === 'pc' ? 2 : 1) : SIZE_OF[register.type] >> 2;
      const id = Uint8Array.from(identifier(this.variables.length), (c) => c.charCodeAt(0));
      const stateWord = register === undefined ? (kind === 'pc' ? PC : FLAGS) : register.offset >> 2;
      const variable = { name, id, words, value: new Int32Array(words), stateWord };
      this.variables.push(variable);
      if (register !== undefined) this.byRegister.set(register.index, variable);
      else if (kind === 'pc') this.pc = variable;
      else this.flags = variable;
    }
  }

  insn(shape: InsnShape): void {
    const { reader, byRegister } = this;
    const { values, step } = reader;
    if (!this.hasHeader) this.header(shape.pc);
    this.setPc(step, shape.pc);
    for (const { register, at } of shape.outputs) {
      const variable = byRegister.get(register);
      if (variable !== undefined) this.change(step + 1, variable, values, at);
    }
    if (shape.flagsOut !== NOWHERE && this.flags !== undefined) this.change(step + 1, this.flags, values, shape.flagsOut);
  }

  event(event: TraceEvent): void {
    const { reader } = this;
    switch (event.kind) {
      case 'snapshot':
        if (!this.hasHeader) return this.header(event.pc);
        for (const variable of this.variables) if (variable.stateWord >= 0) this.change(reader.step, variable, reader.state, variable.stateWord);
        if (this.flags !== undefined) this.change(reader.step, this.flags, reader.state, reader.layout.flags.a.offset >> 2);
        return this.setPc(reader.step, event.pc);
      case 'syscallResult':
        for (const { register, words } of event.changes) {
          const variable = this.byRegister.get(register);
          if (variable !== undefined) this.change(reader.step, variable, words, 0);
        }
        return this.setPc(reader.step, event.pc);
      case 'signal':
      case 'pause':
        if (this.hasHeader) this.setPc(reader.step, event.pc);
        return;
      default:
        return;
    }
  }

  end(): void {
    // The last time is the end of the picture.
    if (this.hasHeader) this.setTime(this.reader.step);
    this.out.flush();
  }

  private setPc(time: number, pc: number): void {
    if (this.pc === undefined) return;
    this.pcWords[0] = pc | 0;
    this.pcWords[1] = Math.floor(pc / 0x1_0000_0000);
    this.change(time, this.pc, this.pcWords, 0);
  }

  /** Declares the variables and gives their first values. */
  private header(pc: number): void {
    const { out, reader, variables } = this;
    this.hasHeader = true;
    out.text('$version everystep $end\n$timescale 1 ns $end\n$scope module cpu $end\n');
    for (const { name, id, words } of variables) out.text(`$var wire ${words * 32} ${String.fromCharCode(...id)} ${name} $end\n`);
    out.text('$upscope $end\n$enddefinitions $end\n');
    this.setTime(reader.step);
    out.text('$dumpvars\n');
    this.pcWords[0] = pc | 0;
    this.pcWords[1] = Math.floor(pc / 0x1_0000_0000);
    for (const variable of variables) {
      const { stateWord } = variable;
      if (stateWord === PC) this.write(variable, this.pcWords, 0);
      else this.write(variable, reader.state, stateWord === FLAGS ? reader.layout.flags.a.offset >> 2 : stateWord);
    }
    out.text('$end\n');
  }

  private setTime(time: number): void {
    const { out } = this;
    if (time === this.time) return;
    assert(time > this.time, `the trace goes back from step ${this.time} to ${time}`);
    this.time = time;
    out.reserve(24);
    out.byte(0x23);
    out.decimal(time);
    out.byte(10);
  }

  private change(time: number, variable: Variable, words: ArrayLike<number>, at: number): void {
    const { value } = variable;
    let differs = false;
    for (let i = 0; i < value.length; i++) if (value[i] !== (words[at + i] | 0)) differs = true;
    if (!differs) return;
    this.setTime(time);
    this.write(variable, words, at);
  }

  /** A value without leading zeros: those are understood. */
  private write({ id, words: count, value }: Variable, words: ArrayLike<number>, at: number): void {
    const { out } = this;
    for (let i = 0; i < count; i++) value[i] = words[at + i];
    out.reserve(count * 32 + id.length + 4);
    out.byte(0x62);
    let top = count - 1;
    while (top > 0 && value[top] === 0) top--;
    let bits = Math.max(32 - Math.clz32(value[top]), 1);
    for (let word = top; word >= 0; word--, bits = 32) for (let bit = bits - 1; bit >= 0; bit--) out.byte(48 + ((value[word] >>> bit) & 1));
    out.byte(32);
    for (let i = 0; i < id.length; i++) out.byte(id[i]);
    out.byte(10);
  }
}

/** A short name of characters from ! to ~. */
function identifier(number: number): string {
  const digit = String.fromCharCode(33 + (number % 94));
  return number < 94 ? digit : identifier(Math.floor(number / 94) - 1) + digit;
}
