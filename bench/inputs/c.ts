import { Random } from './random.ts';

const EXPRESSIONS = ['a + b * %', 'a ^ (b >> 3) ^ %', '(a - %) * (b | 1)', 'a & 255 ? b / ((a & 255) + 1) : b + %', 'a < b ? a + % : b - a', 'mix(a, b + %)'];

function expression(random: Random): string {
  return random.pick(EXPRESSIONS).replace('%', String(random.below(4096)));
}

/** A function with a loop, one with a switch, one that walks a list: what compilers meet in programs. */
function group(i: number, random: Random): string {
  const cases = Array.from({ length: 6 + random.below(10) }, (_, k) => `    case ${k * (1 + random.below(3)) + k}: a = ${expression(random)}; break;`);
  const distinct = [...new Map(cases.map((line) => [line.split(':')[0], line])).values()];
  return `struct record${i} { struct record${i} *next; unsigned key, count[${2 + random.below(6)}]; double weight; char name[${8 + random.below(24)}]; };

static unsigned step${i}(unsigned a, unsigned b) {
  switch (a % ${8 + random.below(24)}) {
${distinct.join('\n')}
    default: b = ${expression(random)};
  }
  return ${expression(random)};
}

unsigned loop${i}(const unsigned *values, unsigned length, unsigned b) {
  unsigned a = ${random.below(1000)};
  for (unsigned i = 0; i < length; i++) {
    a = ${expression(random).replace('b', 'values[i]')};
    if (a % ${3 + random.below(20)} == 0) b += step${i}(a, values[i]);
    for (unsigned j = i; j + ${1 + random.below(3)} < length && values[j] > a; j++) b ^= values[j] << ${random.below(8)};
  }
  return ${expression(random)};
}

struct record${i} *find${i}(struct record${i} *list, const char *name, double *weight) {
  struct record${i} *best = 0;
  for (struct record${i} *r = list; r; r = r->next) {
    unsigned k = 0;
    while (r->name[k] && r->name[k] == name[k]) k++;
    if (name[k] == 0 && r->name[k] == 0) return r;
    *weight += r->weight * ${random.below(100)}.${random.below(100)} + r->count[r->key & 1];
    if (!best || best->weight < r->weight) best = r;
  }
  return best;
}
`;
}

/** C that needs no preprocessor. */
export function makeC(groups: number): string {
  const random = new Random(777);
  const head = 'static inline unsigned mix(unsigned a, unsigned b) { a ^= b * 2654435761u; return a << 7 | a >> 25; }\n\n';
  return head + Array.from({ length: groups }, (_, i) => group(i, random)).join('\n');
}
