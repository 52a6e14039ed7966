import type { ByteString } from '../byteString.ts';
import { LinuxError } from '../errno.ts';
import type { Host, HostStat } from '../host.ts';
import type { LoadedImage } from '../loader/imageMapper.ts';
import type { LoadedProgram } from '../loader/loadProgram.ts';
import type { FileMappings } from './fileMappings.ts';
import { pageDown, pageUp } from './processMemory.ts';

/** Notes which parts of their files a program and its dynamic linker show in memory, for /proc/self/maps. */
export function noteImages(mappings: FileMappings, host: Host, program: LoadedProgram, path: ByteString): void {
  noteImage(mappings, host, program.image, path);
  if (program.interpreter !== undefined) noteImage(mappings, host, program.interpreter, program.interpreterPath ?? path);
}

function noteImage(mappings: FileMappings, host: Host, { elf, bias }: LoadedImage, path: ByteString): void {
  const stat = statOf(host, path);
  for (const { address, offset, fileSize } of elf.loadSegments) {
    const start = pageDown(bias + address);
    const end = pageUp(bias + address + fileSize);
    if (fileSize > 0) mappings.noteProgram(start, end, pageDown(offset), path, stat);
  }
}

function statOf(host: Host, path: ByteString): HostStat | undefined {
  try {
    return host.statPath(path, true);
  } catch (error) {
    if (error instanceof LinuxError) return undefined;
    throw error;
  }
}
