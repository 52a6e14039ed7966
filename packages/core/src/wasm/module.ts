import { ByteWriter } from '../base/index.ts';
import type { Ty } from '../ir/index.ts';
import type { FunctionBody } from './functionBody.ts';
import { VALUE_TYPE } from './opcodes.ts';

export interface FunctionType {
  readonly params: readonly Ty[];
  readonly results: readonly Ty[];
}

interface ImportedFunction {
  readonly name: string;
  readonly type: number;
}

/** Section numbers, WebAssembly Core Specification 5.5.2. */
const SECTION = { custom: 0, type: 1, import: 2, function: 3, table: 4, export: 7, element: 9, code: 10 } as const;

/**
 * Assembles a module: function imports from module `env`, the shared memory `env.memory`, functions, at most one
 * table of its own and one imported. Imports must all be declared before the first function is added.
 */
export class ModuleBuilder {
  private readonly types: string[] = [];
  readonly typeList: FunctionType[] = [];
  private readonly imports: ImportedFunction[] = [];
  private readonly importIndex = new Map<string, number>();
  private readonly functions: number[] = [];
  private readonly exports: { name: string; kind: number; index: number }[] = [];
  private readonly code = new ByteWriter(8192);
  private table: { readonly functions: readonly number[]; readonly grows: boolean } | undefined;
  private tableImport: string | undefined;
  private readonly globalImports: string[] = [];
  private readonly hints: { readonly index: number; readonly unlikely: readonly number[] }[] = [];

  /**
   * @param memoryPages of the imported memory; undefined: none is imported
   * @param mostPages to which it may grow
   */
  constructor(
    private readonly memoryPages: number | undefined,
    private readonly shared: boolean,
    private readonly mostPages = memoryPages ?? 0,
  ) {}

  type(params: readonly Ty[], results: readonly Ty[]): number {
    const key = `${params.join(',')}>${results.join(',')}`;
    let index = this.types.indexOf(key);
    if (index < 0) {
      index = this.types.push(key) - 1;
      this.typeList.push({ params, results });
    }
    return index;
  }

  /** Function index of the import `env.name`, declared on first use. */
  import(name: string, params: readonly Ty[], results: readonly Ty[]): number {
    let index = this.importIndex.get(name);
    if (index === undefined) {
      index = this.imports.push({ name, type: this.type(params, results) }) - 1;
      this.importIndex.set(name, index);
    }
    return index;
  }

  /** Index that the next added function will have. */
  get nextFunction(): number {
    return this.imports.length + this.functions.length;
  }

  /** Adds a function; `name` exports it. */
  add(type: number, body: FunctionBody, name?: string): number {
    this.functions.push(type);
    const { unlikely } = body.finish(this.code);
    return this.added(unlikely, name);
  }

  /**
   * Adds a function, exported as `name`.
   * @param code as FunctionBody.finish writes it
   * @param unlikely see there
   */
  addCode(type: number, code: Uint8Array, unlikely: readonly number[], name: string): number {
    this.functions.push(type);
    this.code.bytes(code);
    return this.added(unlikely, name);
  }

  private added(unlikely: readonly number[], name: string | undefined): number {
    const index = this.nextFunction - 1;
    if (unlikely.length > 0) this.hints.push({ index, unlikely });
    if (name !== undefined) this.exports.push({ name, kind: 0, index });
    return index;
  }

  /** Exports a function that has been added or imported. */
  export(name: string, index: number): void {
    this.exports.push({ name, kind: 0, index });
  }

  /** A table with `slots` slots that all hold function `fill`, exported as `table`. It comes behind the imported one. */
  privateTable(slots: number, fill: number): void {
    this.ownTable({ functions: new Array<number>(slots).fill(fill), grows: false });
  }

  /** A table with these functions, exported as `table`; others can be added to it. It comes behind the imported one. */
  functionTable(functions: readonly number[]): void {
    this.ownTable({ functions, grows: true });
  }

  private ownTable(table: NonNullable<ModuleBuilder['table']>): void {
    this.table = table;
    this.exports.push({ name: 'table', kind: 1, index: this.ownTableNumber });
  }

  private get ownTableNumber(): number {
    return this.tableImport === undefined ? 0 : 1;
  }

  /** Table 0 is `env.name`; before the module's own. */
  importTable(name: string): void {
    this.tableImport = name;
  }

  /** Index of the import `env.name`, a constant i32. */
  importGlobal(name: string): number {
    return this.globalImports.push(name) - 1;
  }

  /** @param name for profilers */
  finish(name?: string): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(this.code.length + 1024);
    out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, write: (w: ByteWriter) => void): void => {
      const w = new ByteWriter(256);
      write(w);
      out.byte(id);
      out.u32(w.length);
      out.append(w);
    };
    section(SECTION.type, (w) => {
      w.u32(this.typeList.length);
      for (const { params, results } of this.typeList) {
        w.byte(0x60);
        w.u32(params.length);
        for (const t of params) w.byte(VALUE_TYPE[t]);
        w.u32(results.length);
        for (const t of results) w.byte(VALUE_TYPE[t]);
      }
    });
    section(SECTION.import, (w) => {
      const pages = this.memoryPages;
      const others = [pages, this.tableImport].filter((each) => each !== undefined);
      w.u32(this.imports.length + others.length + this.globalImports.length);
      if (pages !== undefined) {
        w.utf8('env');
        w.utf8('memory');
        w.byte(2);
        w.byte(this.shared ? 3 : 1);
        w.u32(pages);
        w.u32(this.mostPages);
      }
      if (this.tableImport !== undefined) {
        w.utf8('env');
        w.utf8(this.tableImport);
        w.bytes([1, 0x70, 0, 0]);
      }
      for (const name of this.globalImports) {
        w.utf8('env');
        w.utf8(name);
        w.bytes([3, VALUE_TYPE.i32, 0]);
      }
      for (const { name, type } of this.imports) {
        w.utf8('env');
        w.utf8(name);
        w.byte(0);
        w.u32(type);
      }
    });
    section(SECTION.function, (w) => {
      w.u32(this.functions.length);
      for (const type of this.functions) w.u32(type);
    });
    const table = this.table;
    if (table !== undefined) {
      section(SECTION.table, (w) => {
        w.bytes([1, 0x70, table.grows ? 0 : 1]);
        w.u32(table.functions.length);
        if (!table.grows) w.u32(table.functions.length);
      });
    }
    section(SECTION.export, (w) => {
      w.u32(this.exports.length);
      for (const { name, kind, index } of this.exports) {
        w.utf8(name);
        w.byte(kind);
        w.u32(index);
      }
    });
    if (table !== undefined && table.functions.length > 0) {
      section(SECTION.element, (w) => {
        // Active, of a table that is named; function indices.
        w.bytes([1, 2, this.ownTableNumber]);
        w.byte(0x41);
        w.s32(0);
        w.bytes([0x0b, 0]);
        w.u32(table.functions.length);
        for (const fn of table.functions) w.u32(fn);
      });
    }
    if (this.hints.length > 0) {
      // Branch hinting proposal: function, then offset, size 1 and likelihood of each branch
      section(SECTION.custom, (w) => {
        w.utf8('metadata.code.branch_hint');
        w.u32(this.hints.length);
        for (const { index, unlikely } of this.hints) {
          w.u32(index);
          w.u32(unlikely.length);
          for (const offset of unlikely) {
            w.u32(offset);
            w.bytes([1, 0]);
          }
        }
      });
    }
    section(SECTION.code, (w) => {
      w.u32(this.functions.length);
      w.append(this.code);
    });
    if (name !== undefined) {
      section(SECTION.custom, (w) => {
        w.utf8('name');
        // The module's own name
        w.byte(0);
        w.u32(name.length + 1);
        w.utf8(name);
      });
    }
    return out.copy();
  }
}
