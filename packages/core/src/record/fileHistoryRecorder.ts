import type { ByteWriter } from '../base/index.ts';
import { decodeText, type LinuxProcess, type MappedRange, type SyscallCall, type SyscallResult } from '../linux/index.ts';
import { writeProgram } from './fileHistory.ts';
import { Op } from './journal/entries.ts';

/** MAP_ANONYMOUS */
const ANONYMOUS = 0x20;

/** Calls that may change what their process has mapped. */
const OF_MEMORY: ReadonlySet<string> = new Set(['execve', 'execveat', 'mremap', 'shmat', 'shmdt', 'mmap', 'munmap', 'mprotect']);
/** Linux's numbers of calls are below it. */
const NUMBERS = 1024;

/** What the journal has been told of a process. */
interface Told {
  readonly image: object;
  readonly parts: readonly MappedRange[];
}

/** Has in the journal which files processes have mapped where: what their code is called, and what a trace tells of it, depends on that. */
export class FileHistoryRecorder {
  private readonly told = new Map<number, Told>();
  /** By number of a call: 1 if it may change what its process has mapped. */
  private readonly isOfMemory = new Uint8Array(NUMBERS);

  /** @param ops where the next op goes @param calls names of calls by number */
  constructor(
    private readonly ops: () => ByteWriter,
    calls: ReadonlyMap<number, string>,
  ) {
    for (const [number, name] of calls) if (OF_MEMORY.has(name)) this.isOfMemory[number] = 1;
  }

  /** Tells of a process if nothing has been told of it yet. */
  of(process: LinuxProcess): void {
    if (!this.told.has(process.pid)) this.tell(process);
  }

  /** Whether a system call, given by its number, may change what its process has mapped: then `behind` is to be called. */
  concerns(number: number): boolean {
    return this.isOfMemory[number] === 1;
  }

  /** Behind such a call of a process's. */
  behind(process: LinuxProcess, number: number, result: SyscallResult): void {
    if (typeof result === 'string' || result >= 0) this.behindMemoryCall(process.describeCall(number), result);
  }

  private behindMemoryCall({ name, process, given }: SyscallCall, result: SyscallResult): void {
    const touches = (start: number, length: number): boolean =>
      (this.told.get(process.pid)?.parts ?? []).some((part) => start < part.end && part.start < start + length);
    switch (name) {
      case 'execve':
      case 'execveat':
      case 'mremap':
      case 'shmat':
      case 'shmdt':
        return this.tell(process);
      case 'mmap':
        // Whatever was there is there no more.
        if ((given.int(3) & ANONYMOUS) === 0 || touches(Number(result), given.size(1))) this.tell(process);
        return;
      case 'munmap':
      case 'mprotect':
        if (touches(given.address(0), given.size(1))) this.tell(process);
        return;
      default:
        return;
    }
  }

  private tell(process: LinuxProcess): void {
    const { pid, program: image } = process;
    const parts = process.mappings.ranges().filter(({ inode, name }) => inode !== 0n || name.startsWith('/'));
    const known = this.told.get(pid);
    if (known?.image === image && known.parts.length === parts.length && known.parts.every((part, i) => isSame(part, parts[i]))) return;
    this.told.set(pid, { image, parts });
    const ops = this.ops();
    ops.byte(Op.files);
    const recorded = parts.map(({ start, end, offset, prot, inode, name }) => ({ start, end, offset, prot, isFile: inode !== 0n, name }));
    writeProgram(ops, { pid, path: decodeText(process.programPath), parts: recorded }, known?.image !== image);
  }
}

const isSame = (a: MappedRange, b: MappedRange): boolean =>
  a.start === b.start && a.end === b.end && a.offset === b.offset && a.prot === b.prot && a.name === b.name;
