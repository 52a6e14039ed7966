import type { Guest } from '../guest/index.ts';
import { type Block, type IrBuffer, OP, OP_TABLE } from '../ir/index.ts';
import type { MemoryOperand } from './api.ts';
import type { RowRegister } from './pass.ts';

/** What the IR of one instruction tells: the ops from `start` (its insn op) to `end`. */
export function readInsn(
  guest: Guest,
  from: IrBuffer,
  start: number,
  end: number,
  names: { readonly registerOf: (index: number) => RowRegister | undefined; readonly flags: RowRegister | undefined },
): { readonly reads: readonly string[]; readonly writes: readonly string[]; readonly accesses: readonly MemoryOperand[]; readonly hidesAccesses: boolean } {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const accesses: MemoryOperand[] = [];
  for (let op = start + 1; op < end; op++) {
    const number = from.op[op];
    const info = OP_TABLE[number];
    const register = number === OP.getReg || number === OP.setReg ? names.registerOf(from.imm[op]) : names.flags;
    if (info.kind === 'load' || info.kind === 'store') accesses.push({ store: info.kind === 'store', bytes: info.bytes, conditional: from.c[op] >= 0 });
    else if (register === undefined) continue;
    else if (number === OP.getReg || number === OP.flagTest || number === OP.getNzcv) {
      // What the instruction has written itself is no input.
      if (!writes.has(register.name)) reads.add(register.name);
    } else if (number === OP.setReg || number === OP.setFlags) writes.add(register.name);
  }
  return { reads: [...reads], writes: [...writes], accesses, hidesAccesses: guest.hidesAccesses?.(from.imm2[start]) ?? false };
}

/** The first op of each instruction of a block, and the block's end. */
export function insnStarts(from: IrBuffer, block: Block): readonly number[] {
  const starts: number[] = [];
  for (let op = block.start; op < block.end; op++) if (from.op[op] === OP.insn) starts.push(op);
  starts.push(block.end);
  return starts;
}
