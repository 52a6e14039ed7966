import { assertUnreachable, hex32 } from '../../base/index.ts';
import { SIZE_OF } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import { type Access, type InsnShape, NOWHERE } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import type { TextOutput } from './textOutput.ts';

const STEP_WIDTH = 9;
const SYMBOL_WIDTH = 20;
const DISASSEMBLY_WIDTH = 32;

/**
 * The readable format, one line an instruction:
 *
 *     step  pc  opcode  symbol+offset  disassembly  inputs -> outputs  memory accesses
 *
 * The step is the number of instructions completed before. Registers that are read and written show their values
 * before on the left and after on the right of the arrow; flags are letters, upper case where set. Loads and stores
 * show size, address and datum. Events between instructions begin with `--`.
 */
export function createTextFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const templates: (LineTemplate | undefined)[] = [];
  return {
    looksAtState: false,
    insn(shape) {
      let template = templates[shape.index];
      if (template === undefined) {
        template = textTemplate(shape, context);
        templates[shape.index] = template;
      }
      // One reservation, so that output is handed on between lines only.
      out.reserve(32 + template.maxBytes);
      out.decimal(reader.step, STEP_WIDTH);
      template.write(out, reader.values);
    },
    event(event) {
      // Functions have their names in each line; who wants the files takes another format.
      if (event.kind === 'program' || event.kind === 'mapping') return;
      const text = eventText(event, reader, context);
      out.text(`${String(reader.step).padStart(STEP_WIDTH)}  -- ${text}\n`);
    },
    end: () => out.flush(),
  };
}

function textTemplate(shape: InsnShape, { state, disassemble }: FormatContext): LineTemplate {
  const builder = new TemplateBuilder();
  const symbol = shape.symbol === undefined ? '-' : `${shape.symbol}+0x${shape.symbolOffset.toString(16)}`;
  const disassembly = disassemble(shape.pc, shape.word).trimEnd();
  const hasValues = shape.inputs.length + shape.outputs.length + shape.accesses.length > 0 || shape.flagsIn !== NOWHERE || shape.flagsOut !== NOWHERE;
  builder.text(`  0x${shape.pc.toString(16).padStart(12, '0')}  ${hex32(shape.word)}  ${symbol.padEnd(SYMBOL_WIDTH)}  `);
  builder.text(hasValues ? disassembly.padEnd(DISASSEMBLY_WIDTH) : disassembly);
  const register = ({ register, at }: { register: number; at: number }): void => {
    const { name, type } = state.registers[register];
    builder.text(` ${name}=0x`).hex(at, SIZE_OF[type] >> 2);
  };
  shape.inputs.forEach(register);
  if (shape.flagsIn !== NOWHERE) builder.text(' nzcv=').flags(shape.flagsIn);
  if (shape.outputs.length > 0 || shape.flagsOut !== NOWHERE) builder.text(' ->');
  shape.outputs.forEach(register);
  if (shape.flagsOut !== NOWHERE) builder.text(' nzcv=').flags(shape.flagsOut);
  for (const access of shape.accesses) accessText(builder, access);
  return builder.text('\n').build();
}

function accessText(builder: TemplateBuilder, { store, bytes, address, datum, condition }: Access): void {
  builder.text(` ${store ? 'store' : 'load'}${bytes} [0x`).hex(address, 2);
  const whole = (b: TemplateBuilder): void => void (datum === NOWHERE ? b.text(']') : b.text(']=0x').hex(datum, Math.max(bytes >> 2, 1)));
  if (condition === NOWHERE) whole(builder);
  else builder.choose(condition, whole, (b) => b.text('] not done'));
}

function eventText(event: Exclude<TraceEvent, { kind: 'program' | 'mapping' }>, { layout, state }: TraceReader, { syscalls }: FormatContext): string {
  switch (event.kind) {
    case 'snapshot': {
      const registers = layout.registers.filter((r) => r.visible).map((r) => ({ name: r.name, value: hexWords(state, r.offset >> 2, SIZE_OF[r.type] >> 2) }));
      const nonZero = registers.filter(({ value }) => value !== '0').map(({ name, value }) => ` ${name}=0x${value}`);
      const flags = state[layout.flags.a.offset >> 2];
      const nzcv = Array.from('nzcv', (letter, i) => ((flags >>> (31 - i)) & 1 ? letter.toUpperCase() : letter)).join('');
      return `at 0x${event.pc.toString(16)}, registers other than 0:${nonZero.join('')} nzcv=${nzcv}`;
    }
    case 'syscall': {
      const args = event.args.map((arg) => `0x${arg.toString(16)}`);
      return `syscall ${event.number} ${syscalls.get(event.number) ?? 'unknown'}(${args.join(', ')})`;
    }
    case 'syscallResult': {
      const changes = event.changes.filter(({ register }) => layout.registers[register].visible);
      const texts = changes.map(({ register, words }) => ` ${layout.registers[register].name}=0x${hexWords(words, 0, words.length)}`);
      return `syscall returns 0x${event.result.toString(16)} to 0x${event.pc.toString(16)}, registers changed:${texts.length === 0 ? ' none' : texts.join('')}`;
    }
    case 'kernelWrite':
      return `kernel writes ${event.data.length} bytes [0x${event.address.toString(16)}]=${hexBytes(event.data)}`;
    case 'signal':
      return `signal ${event.signal} code ${event.code} address 0x${event.address.toString(16)} at 0x${event.pc.toString(16)}: ${event.text}`;
    case 'thread':
      return `thread ${event.tid} of process ${event.pid} goes on`;
    case 'exit':
      return `exit ${event.status}`;
    case 'pause':
      return `tracing stops before 0x${event.pc.toString(16)}`;
    case 'cut':
      return `${event.completed} instructions of a block`;
    case 'part':
      return `${event.wanted} instructions of a block`;
    case 'step':
      return `step ${event.step}`;
    default:
      return assertUnreachable(event);
  }
}

/** Words, the least significant at `at`, as one hexadecimal number. */
export function hexWords(words: ArrayLike<number>, at: number, count: number): string {
  let text = '';
  for (let i = count - 1; i >= 0; i--) text += hex32(words[at + i]);
  return text.replace(/^0+(?=.)/, '');
}

/** Bytes in memory order, two digits each. */
export function hexBytes(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += byte.toString(16).padStart(2, '0');
  return text;
}
