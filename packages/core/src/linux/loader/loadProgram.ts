import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../engine/index.ts';
import type { Guest } from '../../guest/index.ts';
import { ascii, type ByteString, decodeText } from '../byteString.ts';
import { ElfFile } from '../elf/index.ts';
import type { HostIdentity } from '../host.ts';
import { pageLayout } from '../memory/pageLog.ts';
import { PAGE, type ProcessMemory } from '../memory/processMemory.ts';
import { type LoadedImage, mapImage, releaseBreakReserve } from './imageMapper.ts';
import { AuxType, type InitialStack, layOutStack } from './initialStack.ts';

/** Where QEMU's stack ends if nobody says otherwise, and the smallest it makes. */
export const DEFAULT_STACK_SIZE = 8 * 1024 * 1024;
const SMALLEST_STACK = 32 * PAGE;

/** What sysconf(_SC_CLK_TCK) gives on Linux. */
export const CLOCK_TICKS = 100;

export interface ProgramRecipe {
  readonly guest: Guest;
  /** The program as the user named it: messages and AT_EXECFN. */
  readonly filename: ByteString;
  /** Its absolute path: the name of its mappings. */
  readonly path: ByteString;
  readonly bytes: Uint8Array;
  readonly argv: readonly ByteString[];
  readonly environment: readonly ByteString[];
  /** In bytes. */
  readonly stackSize: number;
  /** The 16 bytes at AT_RANDOM. */
  readonly random: Uint8Array;
  readonly identity: HostIdentity;
  /** Reads the dynamic linker, whose path the program names. @throws UserError if it is not there */
  readonly readInterpreter: (path: ByteString) => { readonly path: ByteString; readonly bytes: Uint8Array };
}

/** A program in memory, ready to start. */
export interface LoadedProgram {
  readonly image: LoadedImage;
  readonly interpreter: LoadedImage | undefined;
  /** The path of the interpreter's file. */
  readonly interpreterPath: ByteString | undefined;
  readonly stack: InitialStack;
  /** Lowest address of the stack, and the first behind it. */
  readonly stackRange: readonly [low: number, high: number];
  /** Address of the code that signal handlers return to. */
  readonly sigreturn: number;
  /** Where execution starts. */
  readonly entry: number;
}

/**
 * Makes a process's memory out of a program, laid out as QEMU lays it out: image, stack, dynamic linker, and the page
 * with the code that signal handlers return to.
 * @throws UserError if the file is no program of this guest's, or does not fit
 */
export function loadProgram(memory: ProcessMemory, recipe: ProgramRecipe): LoadedProgram {
  const { guest } = recipe;
  const elf = new ElfFile(recipe.bytes, decodeText(recipe.filename));
  elf.checkLoadable(guest.elfMachine);
  const interpreterPath = elf.interpreter;
  const linker = interpreterPath === undefined ? undefined : recipe.readInterpreter(ascii(interpreterPath));

  const image = mapImage(memory, elf, { name: recipe.path, reserveBreak: true, guarded: linker === undefined && isGuarded(guest, elf) });
  const stackRange = mapStack(memory, elf, recipe.stackSize);
  let interpreter: LoadedImage | undefined;
  if (linker !== undefined) {
    const linkerElf = new ElfFile(linker.bytes, decodeText(linker.path));
    linkerElf.checkLoadable(guest.elfMachine);
    interpreter = mapImage(memory, linkerElf, { name: linker.path, reserveBreak: false, guarded: isGuarded(guest, linkerElf) });
  }
  const sigreturn = mapSigreturn(memory, elf, guest);
  const stack = layOutStack({
    top: stackRange[1],
    argv: recipe.argv,
    environment: recipe.environment,
    filename: recipe.filename,
    platform: ascii(guest.linux.platform),
    random: recipe.random,
    auxiliary: (place) => auxiliaryVector(recipe, image, interpreter, place),
  });
  if (stack.stackPointer < stackRange[0] || !memory.space.pokeBytes(stack.stackPointer, stack.bytes)) {
    throw elf.mistake('arguments and environment do not fit on the stack: give more with -s');
  }
  releaseBreakReserve(memory, image);
  memory.setBreak(image.end);
  const program = { image, interpreter, interpreterPath: linker?.path, stack, stackRange, sigreturn, entry: interpreter?.entry ?? image.entry };
  logProgram(memory, program);
  return program;
}

/** Whether the loader guards the file's code: a dynamically linked program's is its linker's business. */
function isGuarded({ linux: { guardProperty } }: Guest, elf: ElfFile): boolean {
  return guardProperty !== undefined && (elf.gnuProperty(guardProperty.type) & guardProperty.mask) !== 0;
}

/** The stack, with a guard page below. */
function mapStack(memory: ProcessMemory, elf: ElfFile, stackSize: number): readonly [number, number] {
  const size = Math.max(stackSize, SMALLEST_STACK);
  const guard = memory.findRoom(0, size + PAGE);
  if (guard === undefined || !memory.map(guard, size + PAGE, PROT_READ | PROT_WRITE, '[stack]')) {
    throw elf.mistake(`a stack of ${size} bytes does not fit into memory: give less with -s`);
  }
  memory.space.protect(guard, PAGE, 0);
  return [guard + PAGE, guard + PAGE + size];
}

function mapSigreturn(memory: ProcessMemory, elf: ElfFile, guest: Guest): number {
  const address = memory.findRoom(0, PAGE);
  if (address === undefined || !memory.map(address, PAGE, PROT_READ | PROT_WRITE)) throw elf.mistake('does not fit into memory');
  const code = new Uint8Array(4 * guest.linux.sigreturnCode.length);
  const view = new DataView(code.buffer);
  guest.linux.sigreturnCode.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  memory.space.pokeBytes(address, code);
  memory.space.protect(address, PAGE, PROT_READ | PROT_EXEC);
  return address;
}

/** In QEMU's order. */
function auxiliaryVector(
  { guest, identity }: ProgramRecipe,
  image: LoadedImage,
  interpreter: LoadedImage | undefined,
  place: { readonly random: number; readonly filename: number; readonly platform: number },
): (readonly [number, bigint])[] {
  return [
    [AuxType.programHeaders, BigInt(image.programHeaders)],
    [AuxType.programHeaderSize, 56n],
    [AuxType.programHeaderCount, BigInt(image.elf.programHeaders.length)],
    [AuxType.pageSize, BigInt(PAGE)],
    [AuxType.interpreterBase, BigInt(interpreter?.base ?? 0)],
    [AuxType.flags, 0n],
    [AuxType.entry, BigInt(image.entry)],
    [AuxType.userId, BigInt(identity.uid)],
    [AuxType.effectiveUserId, BigInt(identity.effectiveUid)],
    [AuxType.groupId, BigInt(identity.gid)],
    [AuxType.effectiveGroupId, BigInt(identity.effectiveGid)],
    [AuxType.hwcap, guest.linux.hwcap],
    [AuxType.clockTicks, BigInt(CLOCK_TICKS)],
    [AuxType.random, BigInt(place.random)],
    [AuxType.secure, 0n],
    [AuxType.execFilename, BigInt(place.filename)],
    [AuxType.hwcap2, guest.linux.hwcap2],
    [AuxType.platform, BigInt(place.platform)],
  ];
}

/** The rest of what `-d page` prints before the program starts. */
function logProgram(memory: ProcessMemory, { image, stack, entry }: LoadedProgram): void {
  const line = (name: string, value: number): string => `${name.padEnd(12)}0x${value.toString(16).padStart(16, '0')}\n`;
  memory.logText('guest_base  (nil)\n');
  memory.logText(`page layout changed following binary load\n${pageLayout(memory.space)}`);
  memory.logText(
    line('start_brk', 0) +
      line('end_code', image.endCode) +
      line('start_code', image.startCode) +
      line('start_data', image.startData) +
      line('end_data', image.endData) +
      line('start_stack', stack.stackPointer) +
      line('brk', image.end) +
      line('entry', entry) +
      line('argv_start', stack.argvStart) +
      line('env_start', stack.environmentStart) +
      line('auxv_start', stack.auxiliaryStart),
  );
}
