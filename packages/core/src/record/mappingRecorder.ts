import type { ByteWriter } from '../base/index.ts';
import type { AddressSpace, MappingListener } from '../engine/index.ts';
import { Op } from './journal/entries.ts';

/** Has in the journal what is mapped where. @param ops where the next op goes @param numberOf number of an address space */
export function mappingRecorder(ops: () => ByteWriter, numberOf: (space: AddressSpace) => number): MappingListener {
  const range = (op: number, space: AddressSpace, start: number, length: number): ByteWriter => {
    const out = ops();
    out.byte(op);
    out.u32(numberOf(space));
    out.u53(start);
    out.u53(length);
    return out;
  };
  return {
    map(space, start, length, prot, name, shared) {
      const out = range(Op.map, space, start, length);
      out.u32(prot);
      out.byte(Number(shared));
      out.utf8(name);
    },
    mapSame(space, start, length, prot, name, other, address) {
      const out = range(Op.mapSame, space, start, length);
      out.u32(prot);
      out.utf8(name);
      out.u32(numberOf(other));
      out.u53(address);
    },
    unmap(space, start, length) {
      range(Op.unmap, space, start, length);
    },
    protect(space, start, length, prot) {
      range(Op.protect, space, start, length).u32(prot);
    },
  };
}
