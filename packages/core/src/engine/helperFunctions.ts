import type { Helper } from '../ir/index.ts';
import { lowerHelper, type VectorOptions } from '../wasm/index.ts';
import type { LinearMemory } from './linearMemory.ts';

/** Helpers as functions that generated code imports as `helper:NAME`, each made when it is first wanted. */
export class HelperFunctions {
  private readonly functions = new Map<string, unknown>();

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

  private compile(helper: Helper): unknown {
    const { wasm, calls } = lowerHelper(helper, this.memoryPages, true, this.vectors);
    const env: Record<string, unknown> = { memory: this.memory.memory };
    for (const called of calls) env[`helper:${called.name}`] = this.provide(called);
    return new WebAssembly.Instance(new WebAssembly.Module(wasm), { env }).exports.helper;
  }
}
