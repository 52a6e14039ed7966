import { type ByteString, byteString } from '../../linux/index.ts';

/** Two lower-case digits a byte. */
export function hexOf(bytes: Iterable<number>): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** @returns undefined where the text is not two digits a byte */
export function bytesOfHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** A string that was sent as hexadecimal digits. */
export function stringOfHex(text: string): ByteString | undefined {
  const bytes = bytesOfHex(text);
  return bytes === undefined ? undefined : byteString(bytes);
}

/** A number below 2^53, in hexadecimal digits. @returns undefined for anything else */
export function numberOfHex(text: string): number | undefined {
  if (!/^[0-9a-f]+$/i.test(text)) return undefined;
  const value = Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A value in memory order: the least significant byte first. */
export function littleEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

export function ofLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
