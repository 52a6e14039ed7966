/** What V8 compiled with one of its compilers. */
export interface Compiled {
  readonly functions: number;
  /** Whole milliseconds of each function, rounded down: that is what V8 tells. */
  readonly seconds: number;
  /** Wasm of regions and their helpers, and the machine code made of it. */
  readonly wasmBytes: number;
  readonly codeBytes: number;
  /** Machine code of the engine's own modules: the dispatcher, the interpreter of cold code. */
  readonly ownCodeBytes: number;
}

const LINE = /Compiled function (0x[0-9a-f]+)#(\d+) using (\w+), took (\d+) ms and .*?bodysize (\d+) codesize (\d+)/g;

/** The interpreter's function has a higher number than any of a module of regions, which has as many as wait at most, and imports. */
const MANY = 200;

/** Reads what `--trace-wasm-compilation-times` printed. */
export function compilationsOf(text: string): { readonly baseline: Compiled; readonly optimised: Compiled } {
  const lines = [...text.matchAll(LINE)].map(([, module = '', index, compiler, ...numbers]) => ({ module, index: Number(index), compiler, numbers }));
  // What runs before any region does is the engine's: its modules up to the interpreter. They are there to the end, so that no other
  // gets their addresses.
  const interpreter = lines.findIndex(({ index }) => index >= MANY);
  const own = new Set(lines.slice(0, interpreter + 1).map(({ module }) => module));
  const sumOf = (name: string): Compiled => {
    const sum = { functions: 0, seconds: 0, wasmBytes: 0, codeBytes: 0, ownCodeBytes: 0 };
    for (const { module, compiler, numbers } of lines) {
      if (compiler !== name) continue;
      const [milliseconds = 0, wasm = 0, code = 0] = numbers.map(Number);
      sum.functions++;
      sum.seconds += milliseconds / 1000;
      if (own.has(module)) sum.ownCodeBytes += code;
      else {
        sum.wasmBytes += wasm;
        sum.codeBytes += code;
      }
    }
    return sum;
  };
  return { baseline: sumOf('Liftoff'), optimised: sumOf('TurboFan') };
}
