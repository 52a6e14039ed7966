import type { Helper } from '../ir/index.ts';
import { lowerHelper, reexportModule, type VectorOptions } from '../wasm/index.ts';
import type { LinearMemory } from './linearMemory.ts';

/** Helpers as functions, each made when it is first wanted. */
export class HelperFunctions {
  private readonly functions = new Map<string, unknown>();
  private readonly indices = new Map<string, number>();
  private readonly names = new Map<number, string>();

  /** @param table of the functions that regions call: helpers' are added to it */
  constructor(
    private readonly memory: LinearMemory,
    private readonly memoryPages: number,
    private readonly vectors: VectorOptions,
    private readonly table: () => WebAssembly.Table,
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

  /** Index of a helper's function in the table. */
  indexOf(helper: Helper): number {
    const { name } = helper;
    let index = this.indices.get(name);
    if (index === undefined) {
      index = this.table().grow(1);
      this.table().set(index, this.asWasm(helper));
      this.indices.set(name, index);
      this.names.set(index, name);
    }
    return index;
  }

  /** The index of the helper with this name, if it is in the table. */
  known(name: string): number | undefined {
    return this.indices.get(name);
  }

  /** The name of the helper with an index. */
  nameOf(index: number): string {
    return this.names.get(index) as string;
  }

  /** Tables take no functions of JavaScript's. */
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
