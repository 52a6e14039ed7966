import type { AddressSpace } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import { type ByteString, decodeText } from '../byteString.ts';
import { drawPointerKeys, type FillRandom } from '../cpuRandom.ts';
import type { Host, HostIdentity } from '../host.ts';
import { loadProgram } from '../loader/loadProgram.ts';
import { FileMappings } from '../memory/fileMappings.ts';
import type { LibraryPlaces } from '../memory/libraryPlaces.ts';
import type { MappedFiles } from '../memory/mappedFile.ts';
import { noteImages } from '../memory/noteImages.ts';
import { ProcessMemory } from '../memory/processMemory.ts';
import { Image } from './image.ts';
import type { Kernel } from './kernel.ts';
import { type ProgramFile, readLinker } from './programFile.ts';

/** What a program is started with. */
export interface ImageRecipe {
  readonly guest: Guest;
  readonly host: Host;
  readonly file: ProgramFile;
  readonly environment: readonly ByteString[];
  readonly stackSize: number;
  readonly identity: HostIdentity;
  readonly sysroot: ByteString | undefined;
  readonly cpuRandom: FillRandom;
  readonly mapped: MappedFiles;
  /** Where libraries go; undefined: as QEMU has them. */
  readonly libraries?: LibraryPlaces;
  /** `-d page` */
  readonly log?: ((text: string) => void) | undefined;
}

/**
 * Loads a program into an empty address space.
 * @throws UserError if the file is no program of the guest's, or does not fit
 */
export function loadImage(space: AddressSpace, recipe: ImageRecipe): Image {
  const { guest, host, file, environment, stackSize, identity, sysroot, cpuRandom, log } = recipe;
  const memory = new ProcessMemory(space, guest.linux.mmapBase, log, recipe.libraries);
  const random = new Uint8Array(16);
  cpuRandom(random);
  const program = loadProgram(memory, {
    guest,
    filename: file.named,
    path: file.path,
    bytes: file.bytes,
    argv: file.argv,
    environment,
    stackSize,
    random,
    identity,
    readInterpreter: (path) => readLinker(host, sysroot, decodeText(file.named), path),
  });
  const mappings = new FileMappings(space, recipe.mapped);
  noteImages(mappings, host, program, file.path);
  return new Image({ space, memory, mappings, program, programPath: file.path, argv: file.argv, environment });
}

/** Sets the registers to a program's start. Its address space must be the machine's. */
export function enterImage({ machine }: Pick<Kernel, 'machine'>, guest: Guest, image: Image, cpuRandom: FillRandom): void {
  const { program } = image.parts;
  machine.cpu.clear();
  for (const [name, value] of guest.initialRegisters(program.entry, program.stack.stackPointer)) machine.cpu.setByName(name, value);
  drawPointerKeys(machine.cpu, guest.linux.pointerKeys, cpuRandom);
  machine.pc = program.entry;
}
