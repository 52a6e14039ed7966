import type { AddressSpace } from '../engine/index.ts';

const PAGE = 4096;

/** The bytes from an address on, up to the first that is not mapped: none if that is the first. */
export function presentPart(space: AddressSpace, address: number, length: number): Uint8Array {
  const whole = space.peek(address, length);
  if (whole !== undefined) return whole;
  let end = address;
  for (;;) {
    const next = Math.min(end - (end % PAGE) + PAGE, address + length);
    if (next <= end || space.peek(end, next - end) === undefined) break;
    end = next;
  }
  return space.peek(address, end - address) ?? new Uint8Array();
}
