// Writes what rows of instruction tables (guest/decode/pattern.ts) make of their patterns into the code that declares them, so that
// no run has to read patterns: `def(name, pattern, …)` becomes `def.compiled(name, pattern, mask, value, extract, …)`.

/** Fixed bits and fields of a pattern. */
function compile(pattern) {
  let [mask, value, bit] = [0, 0, 32];
  const fields = [];
  for (const token of pattern.split(' ').filter((each) => each !== '')) {
    const [name, width] = token.split(':');
    if (width !== undefined) {
      bit -= Number(width);
      fields.push({ name, shift: bit, width: Number(width) });
      continue;
    }
    for (const digit of token) {
      bit--;
      if (digit !== '-') mask |= 1 << bit;
      if (digit === '1') value |= 1 << bit;
    }
  }
  if (bit !== 0) throw new Error(`the pattern '${pattern}' is not 32 bits wide`);
  return { mask, value, fields };
}

/** The code of a field of `word`. */
function fieldCode({ name, shift, width }) {
  const shifted = `word>>>${shift}`;
  return `${name}:${shift + width === 32 ? shifted : `${shift === 0 ? 'word' : shifted}&${2 ** width - 1}`}`;
}

/** @param text of a TypeScript module */
export function compilePatterns(text) {
  // Rows with the same fields share a function.
  const functions = new Map();
  const compiled = text.replace(/\bdef\(\s*('[^'\n]+'),\s*'([-01a-zA-Z0-9_: ]+)',/g, (_, name, pattern) => {
    const { mask, value, fields } = compile(pattern);
    const code = fields.map(fieldCode).join();
    if (!functions.has(code)) functions.set(code, `extract${functions.size}`);
    return `def.compiled(${name},'${pattern}',${mask},${value},${functions.get(code)},`;
  });
  return [compiled, ...[...functions].map(([code, name]) => `function ${name}(word){return {${code}}}`)].join('\n');
}
