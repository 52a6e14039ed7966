import { Random } from './inputs/random.ts';

/** The loop of the first curve: a call, memory, branches and arithmetic; its argument is how often it goes round. */
export const LOOP = `#include <stdio.h>
#include <stdlib.h>
static unsigned cells[256];
__attribute__((noinline)) static unsigned mix(unsigned a, unsigned b) { return (a ^ b) * 2654435761u >> 3; }
int main(int argc, char **argv) {
  unsigned long count = strtoul(argv[1], 0, 10), i;
  unsigned sum = 1;
  for (i = 0; i < count; i++) {
    unsigned *cell = &cells[(i * 7) & 255];
    if (sum & 4) *cell += sum; else *cell ^= (unsigned)i;
    sum = mix(sum, *cell);
  }
  printf("%u\\n", sum);
  return 0;
}
`;

const STATEMENTS = [
  'a = a * %u + b;',
  'b ^= a >> %s;',
  'cells[(a + %u) & 255] += b;',
  'a += cells[(b ^ %u) & 255];',
  'b = (b << %s) - a + %uu;',
  'a ^= (a | %uu) - (b & %u);',
  'if (a & %t) b += %uu; else a -= %uu;',
];

function statement(random: Random): string {
  return random
    .pick(STATEMENTS)
    .replaceAll('%u', () => String(1 + random.below(60_000)))
    .replaceAll('%s', () => String(1 + random.below(30)))
    .replaceAll('%t', () => String(1 << random.below(8)));
}

/** Functions a source file: compilers take more than linear time for large ones. */
const FUNCTIONS_A_FILE = 2500;

/**
 * A program of many functions, no two alike, that calls each of them a few times. They lie in a section of their own,
 * whose bounds the linker knows, so that the program can print how many instructions it has.
 * @returns its source files
 */
export function distinctFunctions(count: number, passes: number): string[] {
  const random = new Random(99);
  const files: string[] = [];
  for (let start = 0; start < count; start += FUNCTIONS_A_FILE) {
    const end = Math.min(start + FUNCTIONS_A_FILE, count);
    const functions: string[] = [];
    const calls: string[] = [];
    for (let i = start; i < end; i++) {
      const body = Array.from({ length: 4 + random.below(6) }, () => statement(random)).join(' ');
      functions.push(`CODE static unsigned f${i}(unsigned a, unsigned b) { ${body} return a ^ b; }`);
      calls.push(`  sum += f${i}(sum, ${random.below(1000)});`);
    }
    // In parts: a caller of thousands of calls would be one huge function.
    const parts: string[] = [];
    for (let at = 0; at < calls.length; at += 50)
      parts.push(`CODE static unsigned part${at}(unsigned sum) {\n${calls.slice(at, at + 50).join('\n')}\n  return sum; }`);
    const all = calls.flatMap((_, at) => (at % 50 === 0 ? [`sum = part${at}(sum);`] : [])).join(' ');
    files.push(
      `#define CODE __attribute__((noinline, section("distinct")))\nextern unsigned cells[256];\n${functions.join('\n')}\n${parts.join('\n')}\nCODE unsigned file${start}(unsigned sum) { ${all} return sum; }\n`,
    );
  }
  const starts = files.map((_, i) => i * FUNCTIONS_A_FILE);
  files.push(`#include <stdio.h>
extern char __start_distinct[], __stop_distinct[];
unsigned cells[256];
${starts.map((start) => `unsigned file${start}(unsigned);`).join('\n')}
int main(void) {
  unsigned sum = 1;
  for (int pass = 0; pass < ${passes}; pass++) { ${starts.map((start) => `sum = file${start}(sum);`).join(' ')} }
  printf("%ld %u\\n", (__stop_distinct - __start_distinct) / 4, sum);
  return 0;
}
`);
  return files;
}
