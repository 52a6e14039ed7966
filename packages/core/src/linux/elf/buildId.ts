import { NOTE_GNU_BUILD_ID, SectionType, SegmentType } from './elfConstants.ts';
import type { ElfFile } from './elfFile.ts';

/** Name and descriptor of a note begin at a multiple of this. */
const ALIGNMENT = 4;
const NOTE_HEADER = 12;
/** "GNU" and a NUL, as a little-endian word. */
const GNU = 0x55_4e47;

/** The build-id that the linker gave a file, in hexadecimal; '' where there is none (System V gABI, chapter 5, Note Section). */
export function buildIdOf({ bytes, sections, programHeaders }: ElfFile): string {
  const noted = [
    // A file with debugging information alone has the sections, and segments that are somewhere else.
    ...sections.filter((s) => s.type === SectionType.note).map(({ offset, size }) => ({ offset, size })),
    ...programHeaders.filter((p) => p.type === SegmentType.note).map(({ offset, fileSize }) => ({ offset, size: fileSize })),
  ];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const { offset, size } of noted) {
    const end = Math.min(offset + size, bytes.length);
    for (let at = offset; at + NOTE_HEADER <= end; ) {
      const nameSize = view.getUint32(at, true);
      const descriptorSize = view.getUint32(at + 4, true);
      const name = at + NOTE_HEADER;
      const descriptor = name + padded(nameSize);
      if (descriptor + descriptorSize > end) break;
      if (view.getUint32(at + 8, true) === NOTE_GNU_BUILD_ID && nameSize === 4 && view.getUint32(name, true) === GNU) {
        return Array.from(bytes.subarray(descriptor, descriptor + descriptorSize), (byte) => byte.toString(16).padStart(2, '0')).join('');
      }
      at = descriptor + padded(descriptorSize);
    }
  }
  return '';
}

const padded = (n: number): number => Math.ceil(n / ALIGNMENT) * ALIGNMENT;
