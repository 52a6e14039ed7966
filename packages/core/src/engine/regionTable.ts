import type { TranslatedRegion } from './codeCache.ts';
import type { LinearMemory } from './linearMemory.ts';
import type { MachineHooks } from './seams.ts';
import type { EngineStatistics } from './statistics.ts';

/** Regions that have been instantiated, by their index in the global table, through which all code finds them. */
export class RegionTable {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private end = 0;
  private readonly free: number[] = [];
  /** Indices of regions that have been forgotten, but may still be running. */
  private readonly forgotten: number[] = [];
  private readonly regions: (TranslatedRegion | undefined)[] = [];

  constructor(
    private readonly memory: LinearMemory,
    private readonly statistics: EngineStatistics,
    private readonly hooks: MachineHooks,
  ) {}

  /** A free place. */
  newIndex(): number {
    const index = this.free.pop() ?? this.end++;
    if (index === this.table.length) this.table.grow(this.table.length);
    return index;
  }

  /**
   * Instantiates a region's module.
   * @param functions the engine's functions that regions call (wasm/lower/runtime.ts)
   */
  install(
    made: Pick<TranslatedRegion, 'pc' | 'entries' | 'blocks' | 'links' | 'source'>,
    wasm: Uint8Array<ArrayBuffer>,
    functions: WebAssembly.Table,
  ): TranslatedRegion {
    const { statistics } = this;
    if (statistics.regions++ === 0) this.hooks.regionsBegin?.();
    statistics.regionBlocks += made.blocks.length;
    for (const { insns } of made.blocks) statistics.regionInsns += insns;
    statistics.wasmBytes += wasm.length;
    const index = this.newIndex();
    const env = { memory: this.memory.memory, functions, self: index };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
    const table = exports.table as WebAssembly.Table | undefined;
    this.table.set(index, exports.region);
    const translated = { ...made, index, run: exports.region, table, stub: table?.get(0), incoming: [] };
    this.regions[index] = translated;
    return translated;
  }

  /** The region with an index; it may have been forgotten while it runs. */
  at(index: number): TranslatedRegion {
    return this.regions[index] as TranslatedRegion;
  }

  /** Nothing leads to a region any more, so that V8 can collect its module once its last frame has returned. */
  forget({ index }: TranslatedRegion): void {
    this.statistics.regionsForgotten++;
    this.table.set(index, null);
    this.forgotten.push(index);
  }

  /** No region is running. */
  freeForgotten(): void {
    if (this.forgotten.length === 0) return;
    for (const index of this.forgotten) this.regions[index] = undefined;
    this.free.push(...this.forgotten);
    this.forgotten.length = 0;
  }
}
