import { PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import { type ElfFile, ElfType, type ProgramHeader, SegmentFlag } from '../elf/index.ts';
import { type ProcessMemory, pageDown, pageUp } from '../memory/processMemory.ts';

/** Address space kept free behind a program while its stack and linker find their places, so that the break can grow. */
const BREAK_RESERVE = 32 * 1024 * 1024;

/** An ELF file in memory. */
export interface LoadedImage {
  readonly elf: ElfFile;
  /** What was added to the file's addresses. */
  readonly bias: number;
  readonly entry: number;
  /** Where the program header table is in memory. */
  readonly programHeaders: number;
  /** Lowest address of the image. */
  readonly base: number;
  /** First address behind the last segment. */
  readonly end: number;
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
}

export interface MapImageOptions {
  /** The name of the mappings: the file's path. */
  readonly name: string;
  /** Whether the break follows the image. */
  readonly reserveBreak: boolean;
  /** Whether its code is guarded, see BranchTargets. */
  readonly guarded: boolean;
}

function protection(flags: number): number {
  return (
    ((flags & SegmentFlag.read) === 0 ? 0 : PROT_READ) |
    ((flags & SegmentFlag.write) === 0 ? 0 : PROT_WRITE) |
    ((flags & SegmentFlag.execute) === 0 ? 0 : PROT_EXEC)
  );
}

/** The addresses, as the file has them, from its image's first byte to behind its last. */
export function imageExtent({ loadSegments }: ElfFile): { readonly low: number; readonly high: number } {
  return {
    // From where the file's first byte would be, as the program headers must be reachable.
    low: Math.min(...loadSegments.map((s) => (s.address >= s.offset ? s.address - s.offset : pageDown(s.address)))),
    high: Math.max(...loadSegments.map((s) => s.address + s.memorySize)),
  };
}

/**
 * Maps a program's segments: at their addresses, or, where the program is position-independent, where there is room.
 * @throws UserError if there is no room
 */
export function mapImage(memory: ProcessMemory, elf: ElfFile, { name, reserveBreak, guarded }: MapImageOptions): LoadedImage {
  const segments = elf.loadSegments;
  const { low, high } = imageExtent(elf);
  const size = pageUp(high) - pageDown(low) + (reserveBreak ? BREAK_RESERVE : 0);
  let bias = 0;
  if (elf.type === ElfType.shared) {
    const room = reserveBreak || pageDown(low) !== 0 ? memory.findRoom(pageDown(low), size) : memory.findLibraryRoom(name, size);
    if (room === undefined) throw elf.mistake('does not fit into the address space');
    bias = room - pageDown(low);
  } else if (!memory.space.isFree(pageDown(low), size)) {
    throw elf.mistake('does not fit into the address space: its addresses are taken');
  }
  if (!memory.map(bias + pageDown(low), size, 0)) throw elf.mistake('does not fit into memory');
  for (const segment of segments) mapSegment(memory, elf, segment, bias, name, guarded ? PROT_GUARDED : 0);
  return describeImage(elf, bias, low, high);
}

/** Gives the room kept for the break back. */
export function releaseBreakReserve(memory: ProcessMemory, image: LoadedImage): void {
  memory.space.unmap(pageUp(image.end), BREAK_RESERVE);
}

/** Maps whole pages of the file, as mmap does, so that what is around the segment in its first and last page is there too. */
function mapSegment(memory: ProcessMemory, elf: ElfFile, segment: ProgramHeader, bias: number, name: string, guard: number): void {
  const address = bias + segment.address;
  const start = pageDown(address);
  const prot = protection(segment.flags) | guard;
  const fileEnd = segment.fileSize === 0 ? start : pageUp(address + segment.fileSize);
  const end = pageUp(address + segment.memorySize);
  if (fileEnd > start) {
    const offset = segment.offset - (address - start);
    const bytes = elf.bytes.subarray(offset, Math.min(offset + fileEnd - start, elf.bytes.length));
    const mapped = memory.space.map(start, fileEnd - start, prot, name) && memory.space.pokeBytes(start, bytes);
    if (!mapped) throw elf.mistake(`does not fit into memory: a segment of ${segment.memorySize} bytes`);
    memory.logLayout('mmap');
    const data = address + segment.fileSize;
    if (segment.memorySize > segment.fileSize && data < fileEnd) memory.space.pokeBytes(data, new Uint8Array(fileEnd - data));
  }
  if (end === fileEnd) return;
  const mapped = fileEnd === start ? memory.map(start, end - start, prot) : memory.space.map(fileEnd, end - fileEnd, prot);
  if (!mapped) throw elf.mistake(`does not fit into memory: a segment of ${segment.memorySize} bytes`);
}

function describeImage(elf: ElfFile, bias: number, low: number, high: number): LoadedImage {
  const code = elf.loadSegments.filter((s) => (s.flags & SegmentFlag.execute) !== 0);
  const data = elf.loadSegments.filter((s) => (s.flags & SegmentFlag.write) !== 0);
  const startOf = (list: readonly ProgramHeader[]): number => bias + Math.min(...list.map((s) => s.address));
  const endOf = (list: readonly ProgramHeader[]): number => bias + Math.max(...list.map((s) => s.address + s.fileSize));
  const endCode = code.length === 0 ? 0 : endOf(code);
  return {
    elf,
    bias,
    entry: elf.entry + bias,
    programHeaders: bias + low + elf.programHeaderOffset,
    base: bias + low,
    end: bias + high,
    startCode: code.length === 0 ? 0 : startOf(code),
    endCode,
    startData: data.length === 0 ? endCode : startOf(data),
    endData: data.length === 0 ? endCode : endOf(data),
  };
}
