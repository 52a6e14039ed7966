import type { Helper } from '../ir/index.ts';
import { lowerHelper, reexportModule, type VectorOptions } from '../wasm/index.ts';
import type { LinearMemory } from './linearMemory.ts';

/** Helpers as functions, each made when it is first wanted. */
export class HelperFunctions {
  private readonly functions = new Map<string, unknown>();
  /** As imports of regions, by `helper:` and their names. */
  readonly imports: Record<string, unknown> = {};

  constructor(
    private readonly memory: LinearMemory,
    private readonly memoryPages: number,
    private readonly vectors: VectorOptions,
  ) {}

  /** The function of an IR helper or a host helper. */
  provide(helper: Helper): unknown {
    let fn: unknown = this.functions.get(helper.name);
    if (fn === undefined) {
      fn = helper.host ?? this.compile(helper);
      this.functions.set(helper.name, fn);
    }
    return fn;
  }

  /** Makes a helper one of the `imports`. */
  use(helper: Helper): void {
    this.imports[importName(helper.name)] ??= this.asWasm(helper);
  }

  /** Whether the helper with this name is one of the `imports`. */
  isUsed(name: string): boolean {
    return this.imports[importName(name)] !== undefined;
  }

  /** A function of JavaScript's would need a wrapper in each module that imports it. */
  private asWasm(helper: Helper): unknown {
    const fn = this.provide(helper);
    if (helper.host === undefined) return fn;
    return new WebAssembly.Instance(new WebAssembly.Module(reexportModule(helper.args, helper.result)), { env: { fn } }).exports.fn;
  }

  private compile(helper: Helper): unknown {
    const { wasm, calls } = lowerHelper(helper, this.memoryPages, true, this.vectors);
    const env: Record<string, unknown> = { memory: this.memory.memory };
    for (const called of calls) env[`helper:${called.name}`] = this.provide(called);
    return new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports.helper;
  }
}

const importName = (name: string): string => `helper:${name}`;
