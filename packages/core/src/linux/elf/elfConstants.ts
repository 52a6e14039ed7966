/** Numbers of the ELF-64 object file format (System V gABI, chapters 4 and 5) that the loader and the symbol reader use. */

/** e_type */
export const ElfType = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

/** p_type */
export const SegmentType = { load: 1, dynamic: 2, interpreter: 3, note: 4, programHeaders: 6, tls: 7, gnuStack: 0x6474e551, gnuProperty: 0x6474e553 } as const;

/** p_flags */
export const SegmentFlag = { execute: 1, write: 2, read: 4 } as const;

/** sh_type */
export const SectionType = { symbolTable: 2, stringTable: 3, relocations: 4, dynamic: 6, note: 7, noBits: 8, dynamicSymbols: 11 } as const;

/** Low four bits of st_info. */
export const SymbolType = { none: 0, object: 1, function: 2, section: 3, file: 4, tls: 6, indirectFunction: 10 } as const;

/** d_tag of an entry of the dynamic section: the shared object's own name, as an offset in the section's string table. */
export const DYNAMIC_SONAME = 14;

/** st_shndx of a symbol that is defined elsewhere, and the first of the numbers that name no section. */
export const SECTION_UNDEFINED = 0;
export const SECTION_RESERVED = 0xff00;

/** n_type of the note of a PT_GNU_PROPERTY segment. */
export const NOTE_GNU_PROPERTY = 5;

/** n_type of the note with a file's build-id. */
export const NOTE_GNU_BUILD_ID = 3;

export const HEADER_SIZE = 64;
export const PROGRAM_HEADER_SIZE = 56;
export const SECTION_HEADER_SIZE = 64;
export const SYMBOL_SIZE = 24;

/** Names of the e_machine values that a user may hold in hand by mistake. */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [2, 'SPARC'],
  [3, 'x86 (i386)'],
  [4, 'Motorola 68000'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, '64-bit PowerPC'],
  [22, 'IBM S/390'],
  [40, 'Arm (32-bit)'],
  [42, 'SuperH'],
  [43, 'SPARC V9'],
  [50, 'IA-64'],
  [62, 'x86-64'],
  [183, 'AArch64'],
  [243, 'RISC-V'],
  [247, 'BPF'],
  [258, 'LoongArch'],
]);

/** The machine's name for messages, or its number. */
export const machineName = (machine: number): string => MACHINES.get(machine) ?? `machine number ${machine}`;
