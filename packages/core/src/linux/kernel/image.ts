import type { AddressSpace, Machine } from '../../engine/index.ts';
import type { ByteString } from '../byteString.ts';
import type { LoadedProgram } from '../loader/loadProgram.ts';
import type { FileMappings } from '../memory/fileMappings.ts';
import type { ProcessMemory } from '../memory/processMemory.ts';

/** What an exec replaces. */
export interface ImageParts {
  readonly space: AddressSpace;
  readonly memory: ProcessMemory;
  readonly mappings: FileMappings;
  readonly program: LoadedProgram;
  /** The program's absolute path on the host. */
  readonly programPath: ByteString;
  readonly argv: readonly ByteString[];
  readonly environment: readonly ByteString[];
}

/** A program in memory (Linux's mm_struct). A child made by vfork has its parent's. */
export class Image {
  /** Processes that have it. */
  private users = 1;

  constructor(readonly parts: ImageParts) {}

  share(): this {
    this.users++;
    return this;
  }

  /** A copy for a forked process. */
  fork(machine: Machine): Image {
    const space = machine.forkSpace();
    const { memory, mappings } = this.parts;
    return new Image({ ...this.parts, space, memory: memory.fork(space), mappings: mappings.fork(space) });
  }

  /** One process has it no longer. @returns true if nobody has: its address space can be released */
  leave(): boolean {
    if (--this.users > 0) return false;
    this.parts.mappings.writeBackAll();
    return true;
  }

  get isShared(): boolean {
    return this.users > 1;
  }
}
