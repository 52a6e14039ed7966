import { type Brand, utf8Bytes } from '../base/index.ts';

/**
 * A string of bytes, as Linux has for paths, arguments and environment: each character is one byte (0 to 255), whatever
 * the encoding. Ordinary strings would not bring every file name back unchanged.
 */
export type ByteString = Brand<string, 'ByteString'>;

/** Characters that one call of fromCharCode takes without danger to the stack. */
const CHUNK = 4096;

export function byteString(bytes: Uint8Array): ByteString {
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes) as ByteString;
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text as ByteString;
}

/** The bytes, without a NUL at the end. */
export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The UTF-8 bytes of an ordinary string. */
export const encodeText = (text: string): ByteString => byteString(Uint8Array.from(utf8Bytes(text)));

/** A string with ASCII characters only, as it stands. */
export const ascii = (text: string): ByteString => text as ByteString;

/** For messages: the bytes as UTF-8 where they are that, else each byte as one character. */
export function decodeText(text: ByteString): string {
  try {
    return decodeURIComponent(text.replace(/[%\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`));
  } catch {
    return text;
  }
}
