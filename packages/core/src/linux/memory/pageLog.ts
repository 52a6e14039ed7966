import { type AddressSpace, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../engine/index.ts';

const hex16 = (n: number): string => n.toString(16).padStart(16, '0');

/** `rwx` as in `-d page`. */
export const protText = (prot: number): string =>
  `${(prot & PROT_READ) === 0 ? '-' : 'r'}${(prot & PROT_WRITE) === 0 ? '-' : 'w'}${(prot & PROT_EXEC) === 0 ? '-' : 'x'}`;

/** The list of mappings that `-d page` prints, in QEMU's format. Mappings of files are shown apart from anonymous ones. */
export function pageLayout(space: AddressSpace): string {
  const lines = ['start            end              size             prot'];
  let last: { start: number; end: number; prot: number; file: boolean } | undefined;
  const flush = (): void => {
    if (last !== undefined) lines.push(`${hex16(last.start)}-${hex16(last.end)} ${hex16(last.end - last.start)} ${protText(last.prot)}`);
  };
  for (const { start, end, prot, name } of space.mappings()) {
    const file = name.startsWith('/');
    if (last?.end === start && last.prot === prot && last.file === file) {
      last.end = end;
    } else {
      flush();
      last = { start, end, prot, file };
    }
  }
  flush();
  return `${lines.join('\n')}\n`;
}
