import { Random } from './random.ts';

const BODY = [
  '\tadd\tw%d, w%n, w%m',
  '\tsub\tx%d, x%n, #%i',
  '\tldr\tx%d, [sp, %s]',
  '\tstr\tw%d, [sp, %s]',
  '\tmadd\tx%d, x%n, x%m, x%n',
  '\teor\tw%d, w%n, w%m, lsr #7',
  '\tubfx\tx%d, x%n, #3, #9',
  '\tmov\tw%d, #%i',
  '\tfmul\td%d, d%n, d%m',
  '\tldp\tx%d, x%n, [sp, 16]',
  '\tcsel\tw%d, w%n, w%m, lt',
];

function instruction(random: Random): string {
  const d = random.below(14);
  // A pair cannot load the same register twice.
  const n = (d + 1 + random.below(13)) % 14;
  return random
    .pick(BODY)
    .replaceAll('%d', String(d))
    .replaceAll('%n', String(n))
    .replaceAll('%m', String(random.below(14)))
    .replaceAll('%i', String(random.below(4096)))
    .replaceAll('%s', String(random.below(12) * 8));
}

/** As a compiler writes a function: blocks with local labels, a string, a call, information for unwinding. */
function routine(i: number, routines: number, random: Random): string {
  const lines = [`\t.align\t2`, `\t.global\tf${i}`, `\t.type\tf${i}, %function`, `f${i}:`, `.LFB${i}:`, '\t.cfi_startproc'];
  lines.push('\tstp\tx29, x30, [sp, -128]!', '\t.cfi_def_cfa_offset 128', '\t.cfi_offset 29, -128', '\t.cfi_offset 30, -120');
  const blocks = 3 + random.below(6);
  for (let block = 0; block < blocks; block++) {
    lines.push(`.L${i}_${block}:`);
    for (let k = 4 + random.below(12); k > 0; k--) lines.push(instruction(random));
    const target = `.L${i}_${random.below(blocks)}`;
    lines.push(...random.pick([[`\tcbz\tw${random.below(14)}, ${target}`], [`\tcmp\tx1, x2`, `\tb.ne\t${target}`], [`\ttbnz\tx3, #5, ${target}`]]));
  }
  lines.push(`\tadrp\tx0, .LC${i}`, `\tadd\tx0, x0, :lo12:.LC${i}`, `\tbl\tf${random.below(routines)}`);
  lines.push('\tldp\tx29, x30, [sp], 128', '\t.cfi_restore 30', '\t.cfi_restore 29', '\t.cfi_def_cfa_offset 0', '\tret', '\t.cfi_endproc', `.LFE${i}:`);
  lines.push(
    `\t.size\tf${i}, .-f${i}`,
    '\t.section\t.rodata.str1.8,"aMS",@progbits,1',
    '\t.align\t3',
    `.LC${i}:`,
    `\t.string\t"message ${i} of ${random.below(1000)}\\n"`,
  );
  lines.push('\t.text');
  return lines.join('\n');
}

/** Assembly of AArch64, in GNU's syntax. */
export function makeAssembly(routines: number): string {
  const random = new Random(4242);
  return `\t.arch armv8-a\n\t.file\t"generated.c"\n\t.text\n${Array.from({ length: routines }, (_, i) => routine(i, routines, random)).join('\n')}\n`;
}
