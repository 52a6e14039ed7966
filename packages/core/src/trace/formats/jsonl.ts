import { hex32 } from '../../base/index.ts';
import { SIZE_OF } from '../../ir/index.ts';
import type { TraceEvent } from '../events.ts';
import { type InsnShape, NOWHERE, type RegisterValue } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import { hexBytes, hexWords } from './text.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * One JSON object a line. Instructions:
 *
 *     {"step":4,"pc":"0x400110","symbol":"main","offset":16,"word":"0xb9400fe0","insn":"ldr w0, [sp, #0xc]",
 *      "in":{"sp":"0x5500800730"},"out":{"x0":"0x5"},"mem":[{"op":"load","address":"0x550080073c","size":4,"data":"0x5"}]}
 *
 * `step` and sizes are numbers, values are hexadecimal strings, nzcv is a string of one digit. `symbol` and `offset`
 * are left out where there is no symbol. A store that did not happen has `"done":false`. Events have `event` instead
 * of `pc`.
 */
export function createJsonlFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const templates: (LineTemplate | undefined)[] = [];
  return {
    looksAtState: false,
    insn(shape) {
      let template = templates[shape.index];
      if (template === undefined) {
        template = jsonTemplate(shape, context);
        templates[shape.index] = template;
      }
      // One reservation, so that output is handed on between lines only.
      out.reserve(32 + template.maxBytes);
      for (let i = 0; i < HEAD.length; i++) out.byte(HEAD[i]);
      out.decimal(reader.step);
      template.write(out, reader.values);
    },
    event: (event) => out.text(`${JSON.stringify({ step: reader.step, ...eventObject(event, reader, context) })}\n`),
    end: () => out.flush(),
  };
}

const HEAD = Uint8Array.from('{"step":', (character) => character.charCodeAt(0));

function jsonTemplate(shape: InsnShape, { state, disassemble }: FormatContext): LineTemplate {
  const builder = new TemplateBuilder();
  builder.text(`,"pc":"0x${shape.pc.toString(16)}"`);
  if (shape.symbol !== undefined) builder.text(`,"symbol":${JSON.stringify(shape.symbol)},"offset":${shape.symbolOffset}`);
  builder.text(`,"word":"0x${hex32(shape.word)}","insn":${JSON.stringify(disassemble(shape.pc, shape.word).trimEnd())}`);
  const registers = (name: string, list: readonly RegisterValue[], flags: number): void => {
    if (list.length === 0 && flags === NOWHERE) return;
    builder.text(`,"${name}":{`);
    list.forEach(({ register, at }, i) => {
      const { name, type } = state.registers[register];
      builder
        .text(`${i === 0 ? '' : ','}"${name}":"0x`)
        .hex(at, SIZE_OF[type] >> 2)
        .text('"');
    });
    if (flags !== NOWHERE)
      builder
        .text(`${list.length === 0 ? '' : ','}"nzcv":"0x`)
        .topDigit(flags)
        .text('"');
    builder.text('}');
  };
  registers('in', shape.inputs, shape.flagsIn);
  registers('out', shape.outputs, shape.flagsOut);
  if (shape.accesses.length > 0) {
    builder.text(',"mem":[');
    shape.accesses.forEach(({ store, bytes, address, datum, condition }, i) => {
      builder.text(`${i === 0 ? '' : ','}{"op":"${store ? 'store' : 'load'}","address":"0x`).hex(address, 2);
      builder.text(`","size":${bytes}`);
      if (datum !== NOWHERE)
        builder
          .text(',"data":"0x')
          .hex(datum, Math.max(bytes >> 2, 1))
          .text('"');
      if (condition !== NOWHERE)
        builder.choose(
          condition,
          () => undefined,
          (b) => b.text(',"done":false'),
        );
      builder.text('}');
    });
    builder.text(']');
  }
  return builder.text('}\n').build();
}

const hex = (n: number | bigint): string => `0x${n.toString(16)}`;

function eventObject(event: TraceEvent, { layout, state }: TraceReader, { syscalls }: FormatContext): object {
  switch (event.kind) {
    case 'snapshot': {
      const registers = layout.registers.filter((r) => r.visible).map((r) => [r.name, `0x${hexWords(state, r.offset >> 2, SIZE_OF[r.type] >> 2)}`]);
      const nzcv = hex(state[layout.flags.a.offset >> 2] >>> 28);
      return { event: 'snapshot', at: hex(event.pc), registers: { ...Object.fromEntries(registers), nzcv } };
    }
    case 'syscall':
      return { event: 'syscall', number: event.number, name: syscalls.get(event.number), args: event.args.map(hex) };
    case 'syscallResult': {
      const changes = event.changes.filter(({ register }) => layout.registers[register].visible);
      const registers = Object.fromEntries(changes.map(({ register, words }) => [layout.registers[register].name, `0x${hexWords(words, 0, words.length)}`]));
      return { event: 'syscallResult', result: hex(event.result), next: hex(event.pc), registers };
    }
    case 'kernelWrite':
      return { event: 'kernelWrite', address: hex(event.address), size: event.data.length, bytes: hexBytes(event.data) };
    case 'signal':
      return {
        event: 'signal',
        signal: event.signal,
        code: event.code,
        address: hex(event.address),
        at: hex(event.pc),
        word: event.word === undefined ? undefined : hex(event.word),
        text: event.text,
      };
    case 'thread':
      return { event: 'thread', pid: event.pid, tid: event.tid };
    case 'program':
      return { event: 'program', pid: event.pid, tid: event.tid, path: event.path };
    case 'mapping': {
      const { pid, path, buildId } = event;
      return { event: 'mapping', pid, start: hex(event.start), end: hex(event.end), offset: hex(event.offset), path, buildId };
    }
    case 'exit':
      return { event: 'exit', status: event.status };
    case 'pause':
      return { event: 'pause', at: hex(event.pc) };
    case 'cut':
    case 'part':
    case 'step':
      return { event: event.kind };
  }
}
