import type { BlockProgram } from './program.ts';
import { programCaller, programModule, READER_PAGES, RECORDS_AT, RECORDS_BYTES, VALUES_AT, VALUES_WORDS } from './programCode.ts';

/** A function takes a memory mapping in V8, of which Linux gives a process 65,530. */
const MOST_FUNCTIONS = 10_000;
/** Words of a program that is worth a function. */
const MOST_CODE = 0x2000;

interface Exports {
  run(program: number, part: number, record: number): void;
}

/** Functions of Wasm for programs that run often, and the memory that they work on. */
export class ProgramFunctions {
  private readonly memory = new WebAssembly.Memory({ initial: READER_PAGES, maximum: READER_PAGES });
  readonly state = new Int32Array(this.memory.buffer, 0, VALUES_AT >> 2);
  readonly values = new Int32Array(this.memory.buffer, VALUES_AT, VALUES_WORDS);
  private readonly records = new Uint8Array(this.memory.buffer, RECORDS_AT, RECORDS_BYTES);
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
  private count = 0;
  private isStopped = false;
  /** Runs one part of a program: see programModule. */
  readonly run: Exports['run'];

  constructor(private readonly flagsWord: number) {
    const env = { memory: this.memory, programs: this.table };
    this.run = (new WebAssembly.Instance(new WebAssembly.Module(programCaller()), { env }).exports as unknown as Exports).run;
  }

  /** These records are read next. @returns false if there is no room for them */
  place(records: Uint8Array): boolean {
    if (this.isStopped || records.length > RECORDS_BYTES) return false;
    this.records.set(records);
    return true;
  }

  /** Makes a function of a program, if it is worth it. @param isWhole see programModule */
  compile(program: BlockProgram, isWhole: boolean): void {
    if (this.isStopped || program.isPartial || program.code.length > MOST_CODE || this.count === MOST_FUNCTIONS) return;
    const wasm = programModule(program, this.flagsWord, isWhole);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory: this.memory } });
    if (this.count === this.table.length) this.table.grow(this.table.length);
    this.table.set(this.count, exports.program);
    program.function = this.count++;
    program.isWhole = isWhole;
  }

  /** Values are elsewhere from now on. */
  stop(): void {
    this.isStopped = true;
  }
}

/** Where functions find the record at a word of those that were placed. */
export const placeOf = (word: number): number => RECORDS_AT + 4 * word;
