import type { Machine } from '../../engine/index.ts';

/** Words that are looked at, at the most: argv and envp may be long. */
const MOST_WORDS = 1 << 20;
const WORD = 8;

/** The auxiliary vector behind argv and envp on the stack of a program that has not run yet, AT_NULL included (System V ABI, process initialization). */
export function readAuxiliaryVector({ guest, cpu, space }: Machine): Uint8Array {
  const start = Number(cpu.getByName(guest.roles.stackPointer));
  const word = (index: number): bigint | undefined => {
    const bytes = space.kernelRead(start + index * WORD, WORD);
    return bytes && new DataView(bytes.buffer).getBigUint64(0, true);
  };
  // argc, argv and its end, envp and its end.
  let index = 1 + Number(word(0) ?? 0n) + 1;
  while (index < MOST_WORDS && (word(index) ?? 0n) !== 0n) index++;
  const first = index + 1;
  let end = first;
  while (end < MOST_WORDS && (word(end) ?? 0n) !== 0n) end += 2;
  return space.kernelRead(start + first * WORD, (end + 2 - first) * WORD) ?? new Uint8Array();
}
