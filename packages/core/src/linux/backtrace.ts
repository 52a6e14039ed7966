import type { Machine } from '../engine/index.ts';

/** Bits of an address of code that pointer authentication leaves alone. */
const ADDRESS_BITS = 48;

type Stack = Pick<Machine, 'cpu' | 'guest' | 'space'>;

/** The frame record at the frame pointer: the caller's frame pointer, and where it goes on. */
function record({ guest, space }: Stack, framePointer: bigint): { readonly caller: bigint; readonly pc: number } | undefined {
  const { offset } = guest.roles.frameRecord;
  const at = framePointer + BigInt(offset);
  if (at <= 0n || at % 8n !== 0n || at >= 1n << 52n) return undefined;
  const bytes = space.kernelRead(Number(at), 16);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { caller: view.getBigUint64(0, true), pc: Number(BigInt.asUintN(ADDRESS_BITS, view.getBigUint64(8, true))) };
}

/**
 * Addresses behind the calls that led to `pc`, the nearest first, by the chain of frame records. It is as right as the program
 * keeps it: functions without a frame of their own are missing, but for the one at `pc`, where symbols tell.
 * @param most of them
 * @param functionAt where the function around an address begins; undefined: no symbol tells
 */
export function callersOf(stack: Stack, pc: number, most: number, functionAt: (address: number) => number | undefined = () => undefined): readonly number[] {
  const { cpu, guest } = stack;
  const { roles } = guest;
  let framePointer = cpu.getByName(roles.frameRecord.pointer);
  const first = record(stack, framePointer);
  const callers: number[] = [];
  // A function that has called nobody yet need not have a frame.
  const link = Number(BigInt.asUintN(ADDRESS_BITS, cpu.getByName(roles.linkRegister)));
  const linked = functionAt(link - 1);
  if (linked !== undefined && linked !== functionAt(pc) && link !== first?.pc) callers.push(link);
  for (let next = first; next !== undefined && next.pc !== 0 && callers.length < most; next = record(stack, framePointer)) {
    callers.push(next.pc);
    // The stack grows down, so that a caller's record lies above.
    if (next.caller <= framePointer) break;
    framePointer = next.caller;
  }
  return callers;
}
