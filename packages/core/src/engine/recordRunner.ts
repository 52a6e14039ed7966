import { AssertionError } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import type { Block, IrBuffer } from '../ir/index.ts';
import { dispatcherModule, lowerRegion, RUNTIME_NAMES, recordDriverModule, regionModule, Scratch } from '../wasm/index.ts';
import { vectorOptions } from './constantPool.ts';
import { HelperFunctions } from './helperFunctions.ts';
import { hostFeatures } from './hostFeatures.ts';
import { BOUNCE, Cell, COLD_CODE, createLinearMemory, type LinearMemory, RING, RING_END, SLOTS, SLOTS_END } from './linearMemory.ts';

/** Where a block's code finds the record of the block. */
export const RUN_RECORD = BOUNCE;
/** Blocks with larger records have no function. */
export const MOST_RUN_RECORD = 0xff00;
/** Where the records are that are run. */
const RECORDS = COLD_CODE;
const RECORDS_BYTES = 0x80_0000;
const PAGES = (RECORDS + RECORDS_BYTES + 0x1_0000) / 0x1_0000;
const BLOCK_COUNT = (SLOTS_END - SLOTS) / 8;
/** Functions that there may be: each takes a memory mapping in V8, of which Linux gives a process 65,530. */
const MOST_FUNCTIONS = 20_000;

const none = (): never => {
  throw new AssertionError('a block asks for what there is only where a guest runs');
};

/**
 * Runs blocks by records of theirs, as Wasm functions, on a linear memory that has CPU state, cells and ring, but no guest
 * memory: blocks must have neither loads nor stores, and nothing else that may end them early.
 */
export class RecordRunner {
  readonly memory: LinearMemory = createLinearMemory(PAGES);
  private readonly scratch = new Scratch();
  private readonly vectors = vectorOptions(this.memory, new Set(), hostFeatures());
  private readonly functions: Readonly<Record<string, unknown>>;
  private readonly blocks = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private count = 0;
  private readonly helpers: HelperFunctions;
  private readonly driver: { run(at: number, end: number, limit: number): number };

  constructor(private readonly guest: Guest) {
    const imports = [...RUNTIME_NAMES, 'lookup', 'learnSite', 'readMissSlow', 'writeMissSlow'];
    const env = Object.fromEntries(imports.map((name) => [name, none]));
    const { memory } = this.memory;
    const engine = new WebAssembly.Module(dispatcherModule(PAGES, true, 0, false, 0));
    this.functions = new WebAssembly.Instance(engine, { env: { ...env, memory, regions: this.blocks } }).exports;
    this.helpers = new HelperFunctions(this.memory, PAGES, this.vectors);
    const driver = new WebAssembly.Module(recordDriverModule(PAGES, { blocks: SLOTS, blockCount: BLOCK_COUNT, record: RUN_RECORD }));
    this.driver = new WebAssembly.Instance(driver, { env: { memory, blocks: this.blocks } }).exports as unknown as RecordRunner['driver'];
    this.memory.u32[Cell.ringLimit >> 2] = RING_END;
    this.emptyRing();
  }

  /** What blocks have put into the ring. */
  get written(): Uint8Array {
    return this.memory.bytes.subarray(RING, this.memory.u32[Cell.ringPointer >> 2]);
  }

  emptyRing(): void {
    this.memory.u32[Cell.ringPointer >> 2] = RING;
  }

  /** Makes a function of a block. @param recordBytes of the records that it is run by @returns false if there is no room for it */
  add(id: number, buffer: IrBuffer, block: Block, recordBytes: number): boolean {
    if (id >= BLOCK_COUNT || recordBytes > MOST_RUN_RECORD || this.count === MOST_FUNCTIONS) return false;
    const { guest, memory, functions, blocks, helpers } = this;
    // Without instructions it takes nothing off the budget.
    const whole: Block = { ...block, insns: 0, terminator: { kind: 'exit', next: 0 } };
    const lowered = lowerRegion(
      { buffer, blocks: [whole], layout: guest.state, localTargets: new Map(), entries: [] },
      {
        chain: false,
        ring: true,
        stackPointer: guest.state.get(guest.roles.stackPointer),
        disabled: new Set(),
        allocateSlot: none,
        stackSlot: 0,
        ...this.vectors,
        isLoopEntry: () => false,
        mayGuardFlags: () => false,
        learns: () => false,
        hasCallSites: false,
      },
      this.scratch,
    );
    const wasm = regionModule([lowered], PAGES, true);
    for (const helper of buffer.helpers) helpers.use(helper);
    const env = { ...functions, ...helpers.imports, memory: memory.memory, firstRegion: 0, linkPcs: 0 };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env });
    if (this.count === blocks.length) blocks.grow(blocks.length);
    blocks.set(this.count++, exports['0']);
    memory.u32.set([this.count, recordBytes], (SLOTS >> 2) + 2 * id);
    return true;
  }

  /** Forgets the function of a block. */
  remove(id: number): void {
    if (id < BLOCK_COUNT) this.memory.u32[(SLOTS >> 2) + 2 * id] = 0;
  }

  /** Puts records where `run` finds them, from `start` on as many as there is room for. @returns their bytes */
  place(records: Uint8Array, start: number): number {
    const piece = records.subarray(start, start + RECORDS_BYTES);
    this.memory.bytes.set(piece, RECORDS);
    return piece.length;
  }

  /**
   * Runs the records that `place` has put there.
   * @param at offset of the first, from where they were put
   * @param end offset behind the last
   * @param bytes written after which it stops
   * @returns offset of the record that it stopped at
   */
  run(at: number, end: number, bytes: number): number {
    return this.driver.run(RECORDS + at, RECORDS + end, RING + bytes) - RECORDS;
  }
}
