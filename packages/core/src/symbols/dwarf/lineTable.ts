import { upperBoundOf } from '../../base/index.ts';
import { DwarfError } from './dwarfReader.ts';
import { type LineSections, type LineVisitor, readLinePrograms } from './lineProgram.ts';

/** A line of source. */
export interface SourceLine {
  readonly path: string;
  /** From 1; 0: the code belongs to no line. */
  readonly line: number;
}

/** A row of a line table: code from `address` to `end` belongs to a line. */
export interface LineRow extends SourceLine {
  readonly address: number;
  readonly end: number;
  /** Where a debugger would stop for the line. */
  readonly isStatement: boolean;
}

/** The end of a sequence has this for its file. */
const END = -2;

/** Which line of source each instruction of a file comes from. Addresses are the file's. */
export class LineTable {
  private readonly paths: readonly string[];
  /** In ascending order. */
  private readonly addresses: Float64Array;
  private readonly files: Int32Array;
  private readonly lines: Int32Array;
  private readonly statements: Uint8Array;

  /**
   * @param isCode whether an address is in the file's code: the linker leaves line programs of what it dropped
   * @param compilationDirectory see readLinePrograms
   */
  constructor(sections: LineSections, isCode: (address: number) => boolean, compilationDirectory: (offset: number) => string) {
    const collector = new RowCollector(isCode);
    try {
      readLinePrograms(sections, collector, compilationDirectory);
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
    }
    const { addresses, files, lines, statements, paths } = collector;
    const order = collector.order();
    this.paths = paths;
    this.addresses = Float64Array.from(order, (i) => addresses[i]);
    this.files = Int32Array.from(order, (i) => files[i]);
    this.lines = Int32Array.from(order, (i) => lines[i]);
    this.statements = Uint8Array.from(order, (i) => statements[i]);
  }

  /** The line that the instruction at an address comes from. */
  at(address: number): SourceLine | undefined {
    const row = this.rowAt(address);
    return row < 0 || this.files[row] < 0 ? undefined : { path: this.paths[this.files[row]], line: this.lines[row] };
  }

  /**
   * Calls `visit` for each row, in ascending order of address. Where several lines begin at one address, all rows but the
   * last are empty.
   */
  forEachRow(visit: (row: LineRow) => void): void {
    const { addresses, files, lines, statements, paths } = this;
    for (let i = 0; i + 1 < addresses.length; i++) {
      if (files[i] < 0) continue;
      visit({ address: addresses[i], end: addresses[i + 1], path: paths[files[i]], line: lines[i], isStatement: statements[i] !== 0 });
    }
  }

  /** Index of the last row at or before an address, or -1. */
  private rowAt(address: number): number {
    return upperBoundOf(this.addresses, address) - 1;
  }
}

class RowCollector implements LineVisitor {
  readonly paths: string[] = [];
  readonly addresses: number[] = [];
  readonly files: number[] = [];
  readonly lines: number[] = [];
  readonly statements: number[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly sequences: { readonly start: number; readonly end: number }[] = [];
  private start = 0;

  constructor(private readonly isCode: (address: number) => boolean) {}

  file(path: string): number {
    let number = this.numbers.get(path);
    if (number === undefined) {
      number = this.paths.push(path) - 1;
      this.numbers.set(path, number);
    }
    return number;
  }

  row(address: number, file: number, line: number, isStatement: boolean): void {
    this.addresses.push(address);
    this.files.push(file);
    this.lines.push(line);
    this.statements.push(Number(isStatement));
  }

  endSequence(address: number): void {
    const { start, addresses } = this;
    if (addresses.length > start && this.isCode(addresses[start])) {
      this.row(address, END, 0, false);
      this.sequences.push({ start, end: addresses.length });
    } else {
      for (const list of [addresses, this.files, this.lines, this.statements]) list.length = start;
    }
    this.start = addresses.length;
  }

  /** Indexes of rows, sequences in ascending order of address. */
  order(): number[] {
    const { addresses } = this;
    const sorted = [...this.sequences].sort((a, b) => addresses[a.start] - addresses[b.start]);
    return sorted.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));
  }
}
