import type { ElfSymbol, Machine } from '@everystep/core';

/** Most callers that are told. */
const MOST_FRAMES = 16;

/** Bits of an address of code that pointer authentication leaves alone. */
const ADDRESS_BITS = 48;

/** Where a call came from. */
export interface Caller {
  /** The address behind the call. */
  readonly pc: number;
  /** Function and offset, `main+0x1c`; '' if no symbol tells. */
  readonly place: string;
}

/** Whose functions are told: a run that goes on, or a moment of a recorded one. */
interface Symbolized {
  readonly symbols: { readonly tables: readonly { functionAt(address: number): Pick<ElfSymbol, 'name' | 'address'> | undefined }[] };
}

/** A stack that can be looked at. */
interface Stack extends Symbolized {
  readonly machine: Pick<Machine, 'cpu' | 'guest' | 'space'>;
}

const functionAt = ({ symbols }: Symbolized, address: number): Pick<ElfSymbol, 'name' | 'address'> | undefined =>
  symbols.tables.map((table) => table.functionAt(address)).find((found) => found !== undefined);

/**
 * Function and offset of an address, `main+0x1c`, or ''.
 * @param within an address in the function: a call that does not return may be its last instruction
 */
export function placeOf(run: Symbolized, address: number, within = address): string {
  const symbol = functionAt(run, within);
  return symbol === undefined ? '' : `${symbol.name}+0x${(address - symbol.address).toString(16)}`;
}

/** The frame record at the frame pointer: the caller's frame pointer, and where it goes on. */
function record({ machine }: Stack, framePointer: bigint): { readonly caller: bigint; readonly pc: number } | undefined {
  const { offset } = machine.guest.roles.frameRecord;
  const at = framePointer + BigInt(offset);
  if (at <= 0n || at % 8n !== 0n || at >= 1n << 52n) return undefined;
  const bytes = machine.space.kernelRead(Number(at), 16);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { caller: view.getBigUint64(0, true), pc: Number(BigInt.asUintN(ADDRESS_BITS, view.getBigUint64(8, true))) };
}

/**
 * Who called the function around `pc`, the nearest first, by the chain of frame records. It is as right as the program
 * keeps it: functions without a frame of their own are missing, but for the one that failed.
 */
export function callersOf(run: Stack, pc: number, most = MOST_FRAMES): readonly Caller[] {
  const { cpu, guest, space } = run.machine;
  const { roles } = guest;
  let framePointer = cpu.getByName(roles.frameRecord.pointer);
  const first = record(run, framePointer);
  const callers: number[] = [];
  // A function that has called nobody yet need not have a frame.
  const link = Number(BigInt.asUintN(ADDRESS_BITS, cpu.getByName(roles.linkRegister)));
  const linked = functionAt(run, link - 1);
  if (linked !== undefined && linked.address !== functionAt(run, pc)?.address && link !== first?.pc) callers.push(link);
  for (let next = first; next !== undefined && next.pc !== 0 && callers.length < most; next = record(run, framePointer)) {
    callers.push(next.pc);
    // The stack grows down, so that a caller's record lies above.
    if (next.caller <= framePointer) break;
    framePointer = next.caller;
  }
  const isSigreturn = (address: number): boolean => guest.linux.sigreturnCode.every((word, i) => space.fetch32(address + 4 * i) === word);
  return callers.map((each) => ({ pc: each, place: isSigreturn(each) ? 'signal handler' : placeOf(run, each, each - 1) }));
}
