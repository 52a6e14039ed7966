import type { PluginApi, PluginSyscall, PluginThread } from '@everystep/core';

/** An open file, shared by all descriptors that are copies of one. */
interface InputFile {
  readonly name: string;
  position: number;
  /** A program or library: no input. */
  isProgram: boolean;
}

/** Bytes that a system call has put into memory, or that it has mapped. */
export interface InputBytes {
  readonly file: string;
  /** In the file. */
  readonly offset: number;
  readonly address: number;
  readonly length: number;
  readonly isMapped: boolean;
}

const F_DUPFD = 0;
const F_DUPFD_CLOEXEC = 1030;
const PROT_EXEC = 4;
/** ELF's first four bytes. */
const ELF_MAGIC = 0x464c457f;
const MAP_ANONYMOUS = 0x20;
const AT_PATH = 1;

/** Follows which files descriptors stand for, and says what system calls read of them. */
export class InputFiles {
  private readonly descriptors = new Map<number, Map<number, InputFile>>();

  constructor(private readonly api: PluginApi) {}

  /** A process is a copy of another. */
  fork(from: number, to: number): void {
    this.descriptors.set(to, new Map(this.of(from)));
  }

  /** @returns what a call has read; empty for other calls @param result of the call */
  read({ pid }: PluginThread, { name, args }: PluginSyscall, result: number): readonly InputBytes[] {
    const files = this.of(pid);
    const [first, second, third, fourth, fifth, sixth] = args.map(Number);
    if (result < 0) return [];
    switch (name) {
      case 'openat':
        files.set(result, { name: this.text(args[AT_PATH]), position: 0, isProgram: false });
        return [];
      case 'close':
        files.delete(first);
        return [];
      case 'dup':
      case 'dup3':
        this.copy(files, first, result);
        return [];
      case 'fcntl':
        if (second === F_DUPFD || second === F_DUPFD_CLOEXEC) this.copy(files, first, result);
        return [];
      case 'lseek': {
        const file = files.get(first);
        if (file !== undefined) file.position = result;
        return [];
      }
      case 'read':
      case 'recvfrom':
        return this.from(this.fileOf(files, first), undefined, [[second, result]]);
      case 'pread64':
        return this.from(this.fileOf(files, first), fourth, [[second, result]]);
      case 'readv':
        return this.from(this.fileOf(files, first), undefined, this.vector(second, third, result));
      case 'preadv':
        return this.from(this.fileOf(files, first), fourth, this.vector(second, third, result));
      case 'mmap': {
        const file = files.get(fifth);
        if (file === undefined || file.isProgram || (third & PROT_EXEC) !== 0 || (fourth & MAP_ANONYMOUS) !== 0) return [];
        return [{ file: file.name, offset: sixth, address: result, length: second, isMapped: true }];
      }
      default:
        return [];
    }
  }

  /** @param at where in the file; undefined: where the last read ended */
  private from(file: InputFile, at: number | undefined, pieces: readonly (readonly [address: number, length: number])[]): InputBytes[] {
    let offset = at ?? file.position;
    const [start] = pieces[0] ?? [0];
    if (offset === 0) file.isProgram = this.isElf(start);
    const found = pieces.map(([address, length]): InputBytes => {
      const bytes = { file: file.name, offset, address, length, isMapped: false };
      offset += length;
      return bytes;
    });
    if (at === undefined) file.position = offset;
    return file.isProgram ? [] : found;
  }

  /** The parts of an array of struct iovec that `total` bytes fill. */
  private vector(address: number, count: number, total: number): (readonly [number, number])[] {
    const pieces: (readonly [number, number])[] = [];
    let left = total;
    for (let i = 0; i < count && left > 0; i++) {
      const bytes = this.api.readMemory(address + 16 * i, 16);
      if (bytes === undefined) break;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const length = Math.min(left, Number(view.getBigUint64(8, true)));
      pieces.push([Number(view.getBigUint64(0, true)), length]);
      left -= length;
    }
    return pieces;
  }

  private isElf(address: number): boolean {
    const bytes = this.api.readMemory(address, 4);
    return bytes !== undefined && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === ELF_MAGIC;
  }

  private copy(files: Map<number, InputFile>, from: number, to: number): void {
    files.set(to, this.fileOf(files, from));
  }

  private fileOf(files: Map<number, InputFile>, descriptor: number): InputFile {
    const known = files.get(descriptor) ?? { name: descriptor === 0 ? 'stdin' : `descriptor ${descriptor}`, position: 0, isProgram: false };
    files.set(descriptor, known);
    return known;
  }

  private of(pid: number): Map<number, InputFile> {
    const known = this.descriptors.get(pid) ?? new Map<number, InputFile>();
    this.descriptors.set(pid, known);
    return known;
  }

  private text(address: bigint): string {
    return readText(this.api, Number(address)) ?? '';
  }
}

/** Text in guest memory up to its zero byte, a character a byte. */
export function readText(api: PluginApi, address: number): string | undefined {
  let text = '';
  for (let at = address; ; at++) {
    const byte = api.readMemory(at, 1);
    if (byte === undefined) return undefined;
    if (byte[0] === 0) return text;
    text += String.fromCharCode(byte[0]);
  }
}
