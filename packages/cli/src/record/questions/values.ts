import { type Register, type Replayer, registersOf } from '@everystep/core';

/** A number of the guest's, as JSON and people get it: exact, whatever its width. */
export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** With all digits of so many bytes. */
export const paddedHex = (value: number | bigint, bytes: number): string => `0x${value.toString(16).padStart(2 * bytes, '0')}`;

/** Little-endian bytes as a number. */
export function unsignedOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return value;
}

/** Bytes as people read them: a number up to 8 bytes and at 16, else one after the other. */
export function bytesText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'not mapped';
  if ([1, 2, 4, 8, 16].includes(bytes.length)) return hex(unsignedOf(bytes));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** A thread's register, now; `flags`: N Z C V in bits 31 to 28. */
export function registerText(replayer: Replayer, tid: number, register: Register | 'flags'): string {
  const cpu = registersOf(replayer, tid);
  if (cpu === undefined) return 'gone';
  return hex(register === 'flags' ? BigInt(cpu.nzcv) << 28n : cpu.get(register));
}

/** `main+0x1c`, or the address. */
export const placeText = ({ pc, place }: { readonly pc: number; readonly place: string }): string => (place === '' ? hex(pc) : place);

/** ` at sum.c:12`, or ''. */
export function lineText(line: { readonly path: string; readonly line: number } | undefined): string {
  return line === undefined ? '' : ` at ${line.path.slice(line.path.lastIndexOf('/') + 1)}:${line.line}`;
}

/** What JSON says of an instruction or a frame. */
export function placeJson({
  pc,
  place,
  line,
}: {
  readonly pc: number;
  readonly place: string;
  readonly line: { readonly path: string; readonly line: number } | undefined;
}): object {
  return { pc: hex(pc), ...(place === '' ? {} : { place }), ...(line === undefined ? {} : { file: line.path, line: line.line }) };
}
