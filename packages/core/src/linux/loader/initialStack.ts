import { type ByteString, bytesOf } from '../byteString.ts';

/** Entry types of the auxiliary vector (Linux's include/uapi/linux/auxvec.h). */
export const AuxType = {
  null: 0,
  programHeaders: 3,
  programHeaderSize: 4,
  programHeaderCount: 5,
  pageSize: 6,
  interpreterBase: 7,
  flags: 8,
  entry: 9,
  userId: 11,
  effectiveUserId: 12,
  groupId: 13,
  effectiveGroupId: 14,
  platform: 15,
  hwcap: 16,
  clockTicks: 17,
  secure: 23,
  random: 25,
  hwcap2: 26,
  execFilename: 31,
} as const;

export interface InitialStackRecipe {
  /** First address behind the stack. */
  readonly top: number;
  readonly argv: readonly ByteString[];
  readonly environment: readonly ByteString[];
  /** AT_EXECFN. */
  readonly filename: ByteString;
  readonly platform: ByteString;
  /** The 16 bytes at AT_RANDOM. */
  readonly random: Uint8Array;
  /** The auxiliary vector in its order, without its end; `place` tells the addresses of what lies on the stack. */
  readonly auxiliary: (place: {
    readonly random: number;
    readonly filename: number;
    readonly platform: number;
  }) => readonly (readonly [type: number, value: bigint])[];
}

export interface InitialStack {
  /** The stack pointer at the program's start. */
  readonly stackPointer: number;
  /** What lies from there on. */
  readonly bytes: Uint8Array;
  /** Addresses for `-d page`. */
  readonly argvStart: number;
  readonly environmentStart: number;
  readonly auxiliaryStart: number;
  /** The auxiliary vector as it stands there, for /proc/self/auxv. */
  readonly auxiliaryBytes: Uint8Array;
}

const alignDown = (n: number, to: number): number => n - (n % to);

/**
 * Lays out what a new process finds on its stack, byte for byte as QEMU does. From high addresses to low:
 *
 *     top - 8    end of the strings: file name, environment, arguments (each group in ascending order)
 *                platform string
 *                16 random bytes, aligned to 16
 *                auxiliary vector, environment pointers, argument pointers, argument count
 *     sp         aligned to 16
 */
export function layOutStack(recipe: InitialStackRecipe): InitialStack {
  let at = recipe.top - 8;
  const strings: { readonly address: number; readonly text: ByteString }[] = [];
  const push = (text: ByteString): number => {
    at -= text.length + 1;
    strings.push({ address: at, text });
    return at;
  };
  const pushAll = (texts: readonly ByteString[]): number[] => texts.map((_, i) => push(texts[texts.length - 1 - i])).reverse();

  const filename = push(recipe.filename);
  const environment = pushAll(recipe.environment);
  const argv = pushAll(recipe.argv);
  at -= (recipe.platform.length + 1 + 7) & -8;
  const platform = at;
  strings.push({ address: platform, text: recipe.platform });
  const random = alignDown(at, 16) - 16;

  const auxiliary = [...recipe.auxiliary({ random, filename, platform }), [AuxType.null, 0n] as const];
  const pointers = [argv.length, ...argv, 0, ...environment, 0];
  const stackPointer = alignDown(random - 8 * (pointers.length + 2 * auxiliary.length), 16);

  const bytes = new Uint8Array(recipe.top - stackPointer);
  const view = new DataView(bytes.buffer);
  pointers.forEach((value, i) => {
    view.setBigUint64(8 * i, BigInt(value), true);
  });
  const auxiliaryOffset = 8 * pointers.length;
  auxiliary.forEach(([type, value], i) => {
    view.setBigUint64(auxiliaryOffset + 16 * i, BigInt(type), true);
    view.setBigUint64(auxiliaryOffset + 16 * i + 8, value, true);
  });
  bytes.set(recipe.random, random - stackPointer);
  for (const { address, text } of strings) bytes.set(bytesOf(text), address - stackPointer);
  return {
    stackPointer,
    bytes,
    argvStart: stackPointer + 8,
    environmentStart: stackPointer + 8 * (argv.length + 2),
    auxiliaryStart: stackPointer + auxiliaryOffset,
    auxiliaryBytes: bytes.slice(auxiliaryOffset, auxiliaryOffset + 16 * auxiliary.length),
  };
}
