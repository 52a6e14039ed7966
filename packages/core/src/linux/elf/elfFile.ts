import { fromHalves, UserError } from '../../base/index.ts';
import {
  DYNAMIC_SONAME,
  ElfType,
  HEADER_SIZE,
  machineName,
  NOTE_GNU_PROPERTY,
  PROGRAM_HEADER_SIZE,
  SECTION_HEADER_SIZE,
  SectionType,
  SegmentType,
} from './elfConstants.ts';

/** One entry of the program header table. Offsets, addresses and sizes in bytes. */
export interface ProgramHeader {
  readonly type: number;
  /** SegmentFlag bits. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

/** One entry of the section header table. Offsets, addresses and sizes in bytes. */
export interface SectionHeader {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the related section: a symbol table's string table. */
  readonly link: number;
  readonly entrySize: number;
}

/** Bytes of a note before its descriptor, with the name GNU. */
const NOTE_HEADER = 16;

/** Bytes of an entry of the dynamic section: tag and value. */
const DYNAMIC_ENTRY = 16;

/** First address that no user program may use: 48 bits on AArch64 with 4 KiB pages and four levels. */
const ADDRESS_SPACE_END = 2 ** 48;

/** A 64-bit little-endian ELF file, read with every bound checked (System V gABI, chapter 4). */
export class ElfFile {
  readonly type: number;
  readonly machine: number;
  readonly entry: number;
  /** Offset of the program header table in the file. */
  readonly programHeaderOffset: number;
  readonly programHeaders: readonly ProgramHeader[];
  /** Empty where the file has no section headers, or not all of them. */
  readonly sections: readonly SectionHeader[];
  private readonly view: DataView;

  /**
   * @param bytes the whole file
   * @param name what messages call the file
   * @throws UserError if this is no ELF file, not a 64-bit little-endian one, or ends inside its headers
   */
  constructor(
    readonly bytes: Uint8Array,
    readonly name: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < 4 || this.view.getUint32(0, false) !== 0x7f454c46) {
      throw this.mistake(bytes.length === 0 ? 'is empty' : `is not an ELF file${bytes[0] === 0x23 && bytes[1] === 0x21 ? ', but a script' : ''}`);
    }
    if (bytes.length < 16) throw this.truncated('the ELF header');
    if (bytes[4] === 1) throw this.mistake('is a 32-bit ELF file; everystep runs 64-bit programs');
    if (bytes[5] === 2) throw this.mistake('is a big-endian ELF file; everystep runs little-endian programs');
    if (bytes[4] !== 2 || bytes[5] !== 1) throw this.mistake(`is not a valid ELF file: class ${bytes[4]}, data encoding ${bytes[5]}`);
    if (bytes.length < HEADER_SIZE) throw this.truncated('the ELF header');
    this.type = this.view.getUint16(16, true);
    this.machine = this.view.getUint16(18, true);
    this.entry = this.u64(24);
    this.programHeaderOffset = this.u64(32);
    this.programHeaders = this.readProgramHeaders();
    this.sections = this.readSections();
  }

  /** A message about this file. */
  mistake(text: string): UserError {
    return new UserError(`${this.name}: ${text}`);
  }

  private truncated(inside: string): UserError {
    return this.mistake(`is truncated: the file ends after ${this.bytes.length} bytes, inside ${inside}`);
  }

  /** A 64-bit word as a number; what is above 2^53 loses low bits, but stays large. */
  private u64(at: number): number {
    return fromHalves(this.view.getUint32(at, true), this.view.getUint32(at + 4, true));
  }

  private readProgramHeaders(): ProgramHeader[] {
    const count = this.view.getUint16(56, true);
    if (count > 0 && this.view.getUint16(54, true) !== PROGRAM_HEADER_SIZE) {
      throw this.mistake(`is not a valid ELF file: its program headers have ${this.view.getUint16(54, true)} bytes instead of ${PROGRAM_HEADER_SIZE}`);
    }
    if (this.programHeaderOffset + count * PROGRAM_HEADER_SIZE > this.bytes.length) throw this.truncated('the program header table');
    return Array.from({ length: count }, (_, i) => {
      const at = this.programHeaderOffset + i * PROGRAM_HEADER_SIZE;
      return {
        type: this.view.getUint32(at, true),
        flags: this.view.getUint32(at + 4, true),
        offset: this.u64(at + 8),
        address: this.u64(at + 16),
        fileSize: this.u64(at + 32),
        memorySize: this.u64(at + 40),
        align: this.u64(at + 48),
      };
    });
  }

  /** A file runs without section headers, so a missing or cut table is no mistake. */
  private readSections(): SectionHeader[] {
    const table = this.u64(40);
    const count = this.view.getUint16(60, true);
    if (count === 0 || this.view.getUint16(58, true) !== SECTION_HEADER_SIZE || table + count * SECTION_HEADER_SIZE > this.bytes.length) return [];
    const sections = Array.from({ length: count }, (_, i) => {
      const at = table + i * SECTION_HEADER_SIZE;
      return {
        nameOffset: this.view.getUint32(at, true),
        type: this.view.getUint32(at + 4, true),
        flags: this.u64(at + 8),
        address: this.u64(at + 16),
        offset: this.u64(at + 24),
        size: this.u64(at + 32),
        link: this.view.getUint32(at + 40, true),
        entrySize: this.u64(at + 56),
      };
    });
    const names = sections[this.view.getUint16(62, true)];
    return sections.map(({ nameOffset, ...section }) => ({ ...section, name: names === undefined ? '' : this.string(names.offset, names.size, nameOffset) }));
  }

  /** The NUL-terminated string at `offset` of a string table; empty where that lies outside the table or the file. */
  string(table: number, size: number, offset: number): string {
    const limit = Math.min(table + size, this.bytes.length);
    let text = '';
    for (let at = table + offset; at < limit && this.bytes[at] !== 0; at++) text += String.fromCharCode(this.bytes[at]);
    return text;
  }

  /** Segments of type PT_LOAD that take memory, in the table's order. */
  get loadSegments(): readonly ProgramHeader[] {
    return this.programHeaders.filter((p) => p.type === SegmentType.load && p.memorySize > 0);
  }

  /** The path of the dynamic linker that the program wants, if it is dynamically linked. */
  get interpreter(): string | undefined {
    const header = this.programHeaders.find((p) => p.type === SegmentType.interpreter);
    if (header === undefined) return undefined;
    if (header.offset + header.fileSize > this.bytes.length) throw this.truncated("the dynamic linker's name");
    return this.string(header.offset, header.fileSize, 0);
  }

  /** The name by which programs ask for a shared object (DT_SONAME), `libz.so.1`; '' where it has none. */
  get soname(): string {
    const dynamic = this.sections.find((s) => s.type === SectionType.dynamic);
    const strings = dynamic && this.sections[dynamic.link];
    if (dynamic === undefined || strings === undefined) return '';
    const end = Math.min(dynamic.offset + dynamic.size, this.bytes.length);
    for (let at = dynamic.offset; at + DYNAMIC_ENTRY <= end; at += DYNAMIC_ENTRY) {
      if (this.u64(at) === DYNAMIC_SONAME) return this.string(strings.offset, strings.size, this.u64(at + 8));
    }
    return '';
  }

  /**
   * A 32-bit property of the file's PT_GNU_PROPERTY segment (Linux Extensions to gABI, chapter 2.1.7): its bits; 0 where
   * there is none, or the note is damaged.
   */
  gnuProperty(type: number): number {
    const header = this.programHeaders.find((p) => p.type === SegmentType.gnuProperty);
    if (header === undefined || header.fileSize < NOTE_HEADER || header.offset + header.fileSize > this.bytes.length) return 0;
    const word = (at: number): number => this.view.getUint32(header.offset + at, true);
    // The name is GNU and a NUL.
    if (word(0) !== 4 || word(8) !== NOTE_GNU_PROPERTY || word(12) !== 0x554e47) return 0;
    const end = Math.min(NOTE_HEADER + word(4), header.fileSize);
    for (let at = NOTE_HEADER; at + 12 <= end; ) {
      const size = word(at + 4);
      if (word(at) === type) return size === 4 ? word(at + 8) : 0;
      at += 8 + Math.ceil(size / 8) * 8;
    }
    return 0;
  }

  /**
   * Checks that this is a program that a process of `machine` can be made of.
   * @throws UserError that says why not
   */
  checkLoadable(machine: number): void {
    if (this.machine !== machine) throw this.mistake(`is for ${machineName(this.machine)}, not for ${machineName(machine)}`);
    if (this.type === ElfType.relocatable) throw this.mistake('is a relocatable object file, not a program: link it first');
    if (this.type === ElfType.core) throw this.mistake('is a core dump, not a program');
    if (this.type !== ElfType.executable && this.type !== ElfType.shared) throw this.mistake(`is not a program: ELF type ${this.type}`);
    const segments = this.loadSegments;
    if (segments.length === 0) throw this.mistake('is not a program: it has no segment to load');
    if (this.entry >= ADDRESS_SPACE_END) throw this.mistake(`its entry point 0x${this.entry.toString(16)} lies outside the address space`);
    for (const segment of segments) {
      const where = `segment ${this.programHeaders.indexOf(segment)}`;
      const end = segment.address + segment.memorySize;
      if (!Number.isSafeInteger(end) || end > ADDRESS_SPACE_END) {
        throw this.mistake(`${where} at 0x${segment.address.toString(16)} lies outside the address space`);
      }
      if (segment.fileSize > segment.memorySize) throw this.mistake(`is not a valid ELF file: ${where} is larger in the file than in memory`);
      // A segment with nothing in the file has an offset all the same, possibly behind the file's end.
      if (segment.fileSize > 0 && segment.offset + segment.fileSize > this.bytes.length)
        throw this.truncated(`${where} (it needs ${segment.offset + segment.fileSize} bytes)`);
      if ((segment.offset - segment.address) % 4096 !== 0) {
        throw this.mistake(`is not a valid ELF file: address and file offset of ${where} differ within a page`);
      }
    }
  }
}
