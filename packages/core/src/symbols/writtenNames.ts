import type { ElfSymbol } from '../linux/index.ts';

/** How names that compilers of C++ and Rust have mangled begin. */
const MANGLED = /^_[ZR]/;

/**
 * Functions by their names as they were written, with and without what stands in brackets behind them: `ns::f(int)`, `ns::f`.
 * Of several that have a name, it is the first.
 */
export function writtenNames(functions: readonly ElfSymbol[], demangle: (name: string) => string): ReadonlyMap<string, ElfSymbol> {
  const whole = new Map<string, ElfSymbol>();
  const short = new Map<string, ElfSymbol>();
  for (const symbol of functions) {
    if (!MANGLED.test(symbol.name)) continue;
    const name = demangle(symbol.name);
    if (!whole.has(name)) whole.set(name, symbol);
    const bare = withoutParameters(name);
    if (!short.has(bare)) short.set(bare, symbol);
  }
  return new Map([...short, ...whole]);
}

/** Without the brackets at the end, and a const behind them. */
function withoutParameters(name: string): string {
  const end = name.endsWith(' const') ? name.length - ' const'.length : name.length;
  if (name[end - 1] !== ')') return name;
  let depth = 0;
  for (let i = end - 1; i >= 0; i--) {
    if (name[i] === ')') depth++;
    else if (name[i] === '(' && --depth === 0) return name.slice(0, i);
  }
  return name;
}
