import { ExtendedLineOp, Form, LineContent, LineOp } from './constants.ts';
import { DwarfError, DwarfReader, stringAt } from './dwarfReader.ts';

/** Sections that line programs refer to. */
export interface LineSections {
  readonly line: Uint8Array;
  readonly lineStrings: Uint8Array | undefined;
  readonly strings: Uint8Array | undefined;
}

/** Told the rows of line programs, in their order. */
export interface LineVisitor {
  /** A file that rows to come refer to. @returns its number */
  file(path: string): number;
  row(address: number, file: number, line: number, isStatement: boolean): void;
  /** The rows since the last end are one ascending sequence up to `address`. */
  endSequence(address: number): void;
}

interface Header {
  readonly version: number;
  readonly minimumInsnLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly operandCounts: readonly number[];
  /** Numbers of the visitor, by the program's. */
  readonly files: number[];
  readonly directories: readonly string[];
}

/**
 * Runs all line programs of a `.debug_line` section (DWARF 5, section 6.2; versions 2 to 5).
 * @param compilationDirectory the directory of the unit whose line program begins at an offset of the section: versions
 * before 5 do not tell it
 * @throws DwarfError if a program is damaged; rows told before hold
 */
export function readLinePrograms(sections: LineSections, visitor: LineVisitor, compilationDirectory: (offset: number) => string): void {
  const units = new DwarfReader(sections.line);
  while (!units.atEnd) {
    const offset = units.position;
    const { length, is64 } = units.unitLength();
    const start = units.skip(length);
    const reader = new DwarfReader(sections.line, start, start + length);
    const version = reader.u16();
    if (version < 2 || version > 5) continue;
    runProgram(
      reader,
      readHeader(reader, version, is64, sections, visitor, () => compilationDirectory(offset)),
      visitor,
    );
  }
}

function readHeader(reader: DwarfReader, version: number, is64: boolean, sections: LineSections, visitor: LineVisitor, baseDirectory: () => string): Header {
  if (version >= 5) reader.skip(2);
  const headerLength = reader.offset(is64);
  const programStart = reader.position + headerLength;
  const minimumInsnLength = reader.u8();
  if (version >= 4) reader.skip(1);
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.s8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new DwarfError('the debugging information has an impossible line program');
  const operandCounts = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  const { directories, files } = version >= 5 ? readTables(reader, is64, sections) : readOldTables(reader, baseDirectory());
  reader.position = programStart;
  return {
    version,
    minimumInsnLength,
    defaultIsStatement,
    lineBase,
    lineRange,
    opcodeBase,
    operandCounts,
    directories,
    files: files.map((path) => visitor.file(path)),
  };
}

/** Tables up to version 4: files count from 1; directory 0 is the unit's. */
function readOldTables(reader: DwarfReader, baseDirectory: string): { directories: string[]; files: string[] } {
  const directories = [baseDirectory];
  for (let name = reader.string(); name !== ''; name = reader.string()) directories.push(joinPath(baseDirectory, name));
  const files = [''];
  for (let name = reader.string(); name !== ''; name = reader.string()) {
    const directory = directories[reader.uleb()] ?? '';
    reader.uleb();
    reader.uleb();
    files.push(joinPath(directory, name));
  }
  return { directories, files };
}

/** Tables of version 5, which say themselves what is in them; both count from 0. */
function readTables(reader: DwarfReader, is64: boolean, sections: LineSections): { directories: string[]; files: string[] } {
  const table = (): { path: string; directory: number }[] => {
    const format = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
    const length = reader.uleb();
    // Each entry takes at least a byte.
    if (length > reader.left || format.length === 0) {
      if (length === 0) return [];
      throw new DwarfError('the debugging information has an impossible line table');
    }
    return Array.from({ length }, () => {
      const entry = { path: '', directory: 0 };
      for (const { content, form } of format) {
        const value = readForm(reader, form, is64, sections);
        if (content === LineContent.path && typeof value === 'string') entry.path = value;
        else if (content === LineContent.directoryIndex && typeof value === 'number') entry.directory = value;
      }
      return entry;
    });
  };
  const directories = table().map(({ path }, i, all) => (i === 0 ? path : joinPath(all[0].path, path)));
  const files = table().map(({ path, directory }) => joinPath(directories[directory] ?? '', path));
  return { directories, files };
}

function readForm(reader: DwarfReader, form: number, is64: boolean, { strings, lineStrings }: LineSections): number | string | undefined {
  switch (form) {
    case Form.string:
      return reader.string();
    case Form.lineStrp:
      return stringAt(lineStrings, reader.offset(is64));
    case Form.strp:
      return stringAt(strings, reader.offset(is64));
    case Form.udata:
      return reader.uleb();
    case Form.data1:
    case Form.data2:
    case Form.data4:
    case Form.data8:
      return reader.fixed(form === Form.data1 ? 1 : form === Form.data2 ? 2 : form === Form.data4 ? 4 : 8);
    case Form.data16:
      reader.skip(16);
      return undefined;
    case Form.block:
      reader.skip(reader.uleb());
      return undefined;
    default:
      throw new DwarfError(`the debugging information has a line table with form ${form}`);
  }
}

function runProgram(reader: DwarfReader, header: Header, visitor: LineVisitor): void {
  const { minimumInsnLength, lineBase, lineRange, opcodeBase } = header;
  let address = 0;
  let file = 1;
  let line = 1;
  let isStatement = header.defaultIsStatement;
  const reset = (): void => {
    address = 0;
    file = 1;
    line = 1;
    isStatement = header.defaultIsStatement;
  };
  const row = (): void => visitor.row(address, header.files[file] ?? -1, line, isStatement);
  while (!reader.atEnd) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      address += Math.floor(adjusted / lineRange) * minimumInsnLength;
      line += lineBase + (adjusted % lineRange);
      row();
      continue;
    }
    switch (opcode) {
      case LineOp.extended: {
        const length = reader.uleb();
        const next = reader.position + length;
        const extended = length === 0 ? 0 : reader.u8();
        if (extended === ExtendedLineOp.endSequence) {
          visitor.endSequence(address);
          reset();
        } else if (extended === ExtendedLineOp.setAddress) address = reader.fixed(length - 1);
        else if (extended === ExtendedLineOp.defineFile) {
          const name = reader.string();
          header.files.push(visitor.file(joinPath(header.directories[reader.uleb()] ?? '', name)));
        }
        reader.position = next;
        break;
      }
      case LineOp.copy:
        row();
        break;
      case LineOp.advancePc:
        address += reader.uleb() * minimumInsnLength;
        break;
      case LineOp.advanceLine:
        line += reader.sleb();
        break;
      case LineOp.setFile:
        file = reader.uleb();
        break;
      case LineOp.setColumn:
        reader.uleb();
        break;
      case LineOp.negateStatement:
        isStatement = !isStatement;
        break;
      case LineOp.constAddPc:
        address += Math.floor((255 - opcodeBase) / lineRange) * minimumInsnLength;
        break;
      case LineOp.fixedAdvancePc:
        address += reader.u16();
        break;
      default:
        // DW_LNS_set_basic_block and what is newer than this reader: nothing that it tells of.
        for (let i = 0; i < (header.operandCounts[opcode - 1] ?? 0); i++) reader.uleb();
    }
  }
}

/** A path relative to a directory, without . and .. in it. */
export function joinPath(directory: string, path: string): string {
  const whole = path.startsWith('/') || directory === '' ? path : `${directory}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '.' || part === '') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !whole.startsWith('/')) parts.push(part);
  }
  return `${whole.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
