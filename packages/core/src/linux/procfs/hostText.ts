import type { ByteString } from '../byteString.ts';
import { byteString } from '../byteString.ts';
import { LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';

/** The text of a file of the host's; empty where it has none. */
export function hostText({ host }: LinuxProcess, path: string): string {
  try {
    return byteString(host.readFile(path as ByteString));
  } catch (error) {
    if (error instanceof LinuxError) return '';
    throw error;
  }
}
