import { Random } from './random.ts';

function unit(i: number, random: Random): string {
  const fields = Array.from({ length: 2 + random.below(4) }, (_, k) => `\tf${k} ${random.pick(['int', 'uint32', 'string', '[]int', 'float64'])}`);
  const cases = Array.from(
    { length: 4 + random.below(8) },
    (_, k) => `\tcase ${k * 3 + random.below(3)}:\n\t\tn = n*${1 + random.below(9)} + ${random.below(100)}`,
  );
  return `type record${i} struct {
\tkey  int
\tnext *record${i}
${fields.join('\n')}
}

func (r *record${i}) Area(n int) int {
\tswitch n % ${12 + random.below(30)} {
${cases.join('\n')}
\tdefault:
\t\tn -= r.key
\t}
\tif r.next != nil && n > ${random.below(1000)} {
\t\treturn r.next.Area(n - 1)
\t}
\treturn n
}

func fill${i}(values map[string]int, names []string) (total int) {
\tfor k, name := range names {
\t\tif old, ok := values[name]; ok {
\t\t\ttotal += old * k
\t\t}
\t\tvalues[name+"${i}"] = total ^ ${random.below(1 << 20)}
\t}
\tdefer func() { total = apply([]int{total, ${random.below(99)}}, func(n int) int { return n + total })[0] }()
\tvar s shape = &record${i}{key: total}
\treturn s.Area(total)
}
`;
}

/** Go without imports. */
export function makeGo(units: number): string {
  const random = new Random(31);
  const head = `package main

type shape interface{ Area(n int) int }

func apply[T any](values []T, change func(T) T) []T {
\tresult := make([]T, 0, len(values))
\tfor _, value := range values {
\t\tresult = append(result, change(value))
\t}
\treturn result
}

func main() {
\tvalues := map[string]int{}
\tprintln(fill0(values, []string{"a", "b"}))
}
`;
  return `${head}\n${Array.from({ length: units }, (_, i) => unit(i, random)).join('\n')}`;
}
