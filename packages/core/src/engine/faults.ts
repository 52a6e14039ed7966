import { assert } from '../base/index.ts';
import type { Guest } from '../guest/index.ts';
import { IrBuffer, IrBuilder } from '../ir/index.ts';
import { EVENT_WILD } from '../wasm/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import { Cell } from './linearMemory.ts';
import type { RunEvent } from './seams.ts';

export type FaultEvent = Extract<RunEvent, { kind: 'fault' }>;

/** Addresses from here on are no GuestAddress: nothing is mapped there. */
export const ADDRESS_LIMIT = 1n << 53n;

const SIGBUS = 7;
const BUS_ADRALN = 1;
const SIGSEGV = 11;
const SEGV_MAPERR = 1;
const SEGV_ACCERR = 2;

const segvCode = (space: AddressSpace, address: bigint): number =>
  address < ADDRESS_LIMIT && space.protAt(Number(address)) !== undefined ? SEGV_ACCERR : SEGV_MAPERR;

/** What a trap terminator means to Linux. `address` is the trap's pc, all 64 bits. */
export function trapEvent(guest: Guest, space: AddressSpace, trap: { readonly code: number; readonly argument: number }, address: bigint): FaultEvent {
  const { signal, code, text } = guest.describeTrap(trap.code, trap.argument);
  return { kind: 'fault', signal, code: signal === SIGSEGV ? segvCode(space, address) : code, address, pc: Number(address), text };
}

/** The trap whose code, argument and pc are in their cells. */
export function trapInCells(guest: Guest, space: AddressSpace, view: DataView): FaultEvent {
  const trap = { code: view.getInt32(Cell.trapCode, true), argument: view.getInt32(Cell.trapArgument, true) };
  return trapEvent(guest, space, trap, view.getBigUint64(Cell.pc, true));
}

/** An address of an access or branch, 64 bits, without the top bits that the guest ignores; they are not ignored where the bit below them is set. */
export function untagged(guest: Guest, address: bigint): bigint {
  const bits = 64 - guest.ignoredTopBits;
  return guest.ignoredTopBits > 0 && ((address >> BigInt(bits - 1)) & 1n) === 0n ? BigInt.asUintN(bits, address) : address;
}

/** What an access of the instruction at `pc`, that must be aligned and is not, means to Linux; as for other faults, the address is told without its tag. */
export function misalignedEvent(guest: Guest, address: bigint, pc: number): FaultEvent {
  return {
    kind: 'fault',
    signal: SIGBUS,
    code: BUS_ADRALN,
    address: untagged(guest, address),
    pc,
    text: 'misaligned address',
  };
}

/** What a load or store of the instruction at `pc`, that faults at `address`, means to Linux. */
export function accessEvent(space: AddressSpace, address: bigint, pc: number): FaultEvent {
  const code = segvCode(space, address);
  return { kind: 'fault', signal: SIGSEGV, code, address, pc, text: code === SEGV_ACCERR ? 'access not permitted' : 'address not mapped' };
}

/**
 * What it means that control went to `pc`, at or above 2^53. Only the guest knows what comes first there, a failed
 * fetch or a misaligned pc, so it is asked about an address with the same low bits and no code.
 */
export function wildPcEvent(guest: Guest, space: AddressSpace, pc: bigint): FaultEvent {
  const ir = new IrBuilder(new IrBuffer(16));
  guest.translateBlock(ir, { pc: Number(pc & 0xffn), maxInsns: 1, fetch: () => undefined });
  const { terminator } = ir;
  assert(terminator?.kind === 'trap', 'a block without code is not a trap');
  return trapEvent(guest, space, terminator, pc);
}

/** Control went to an address, given by its halves, beyond 2^53, where there is no memory. @returns what makes the dispatcher leave */
export function leaveWild(view: DataView, lo: number, hi: number): number {
  view.setInt32(Cell.pc, lo, true);
  view.setInt32(Cell.pc + 4, hi, true);
  view.setInt32(Cell.event, EVENT_WILD, true);
  return -1;
}
