import { hex32 } from '../../base/index.ts';
import { SIZE_OF } from '../../ir/index.ts';
import { type InsnShape, NOWHERE, type RegisterValue } from '../program.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { type LineTemplate, TemplateBuilder } from './template.ts';
import type { TextOutput } from './textOutput.ts';

/**
 * The commit log of the RISC-V simulator Spike (riscv-isa-sim, execute.cc, `--log-commits`), one line an instruction:
 *
 *     core   0: 0 0x0000000000010150 (0x00812583) x11 0x0000000000000000 mem 0x0000004000800778
 *
 * privilege level (0: user), pc, instruction word of as many digits as it has; the registers written, by their number; then loads
 * (`mem` and the address) and stores (`mem`, address and datum). Of other guests the registers have their own names, flags are
 * written as `nzcv` and a digit, and AArch64's SP has number 31. Only instructions that complete are logged; system calls and what
 * the kernel writes are not.
 */
export function createSpikeFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const templates: (LineTemplate | undefined)[] = [];
  return {
    looksAtState: false,
    insn(shape) {
      let template = templates[shape.index];
      if (template === undefined) {
        template = lineOf(shape, context);
        templates[shape.index] = template;
      }
      template.write(out, reader.values);
    },
    event: () => undefined,
    end: () => out.flush(),
  };
}

function lineOf(shape: InsnShape, { state }: FormatContext): LineTemplate {
  const builder = new TemplateBuilder();
  const word = hex32(shape.word).slice(-2 * shape.bytes);
  builder.text(`core   0: 0 0x${shape.pc.toString(16).padStart(16, '0')} (0x${word})`);
  const name = ({ register }: RegisterValue): string => state.registers[register].name;
  const outputs = [...shape.outputs].sort((a, b) => orderOf(name(a)) - orderOf(name(b)));
  for (const output of outputs) builder.text(` ${name(output).padEnd(3)} 0x`).hexFixed(output.at, SIZE_OF[state.registers[output.register].type]);
  if (shape.flagsOut !== NOWHERE) builder.text(' nzcv 0x').topDigit(shape.flagsOut);
  for (const store of [false, true]) {
    for (const access of shape.accesses) {
      if (access.store !== store) continue;
      const show = (b: TemplateBuilder): void => {
        b.text(' mem 0x').hexFixed(access.address, 8);
        if (store) b.text(' 0x').hexFixed(access.datum, access.bytes);
      };
      if (access.condition === NOWHERE) show(builder);
      else builder.choose(access.condition, show);
    }
  }
  return builder.text('\n').build();
}

/** As Spike orders them: by number, integer registers before the others of that number. Registers without a number come last. */
function orderOf(name: string): number {
  if (name === 'sp') return 31 * 2;
  const [, letter, number] = /^([a-z])(\d+)$/.exec(name) ?? [];
  return number === undefined ? 1000 : Number(number) * 2 + Number(letter !== 'x');
}
