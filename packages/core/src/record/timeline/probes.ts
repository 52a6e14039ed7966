import { type Instrument, type LinearMemory, RING } from '../../engine/index.ts';
import { type Block, type IrBuffer, type IrBuilder, OP, OP_TABLE, type Register, type Value } from '../../ir/index.ts';
import { Copier } from '../../trace/copier.ts';
import { forEachInsn } from '../../trace/wish.ts';

/**
 * Cells that generated code compares with, so that another question needs no other code. Replays have no trace: its ring is free.
 *
 *     RING + 0    u64 first address that is looked for
 *     RING + 8    u64 bytes from there on; 0: none
 */
const LOW = RING;
const SPAN = RING + 8;

/** Addresses without their tag. */
export const UNTAGGED = 0x00ff_ffff_ffff_ffffn;

/** What is looked for: a callback comes before each instruction that may do it. */
export type Probe =
  /** Execution of an instruction. */
  | { readonly kind: 'execute'; readonly pcs: ReadonlySet<number> }
  /** An access to one of `bytes` bytes from `address` on. */
  | { readonly kind: 'access'; readonly address: number; readonly bytes: number; readonly reads: boolean; readonly writes: boolean }
  /** A write of a register; `flags` for N Z C V. */
  | { readonly kind: 'register'; readonly register: Register | 'flags' };

/** What the callback's number says. */
export const ProbeCall = { execute: 0, read: 1, write: 2, register: 3 } as const;

/** Sets the cells for a probe. */
export function armProbe(memory: LinearMemory, probe: Probe): void {
  if (probe.kind !== 'access') return;
  memory.view.setBigUint64(LOW, BigInt(probe.address), true);
  memory.view.setBigUint64(SPAN, BigInt(probe.bytes), true);
}

/** The code in which execution is looked for: the same whatever the addresses; who changes them drops the code there. */
export function executionPass(pcs: () => ReadonlySet<number>): Instrument {
  const isWanted = (from: IrBuffer, block: Block): boolean => {
    let any = false;
    forEachInsn(from, block, ({ pc }) => {
      any ||= pcs().has(pc);
    });
    return any;
  };
  return {
    wish: 'probe execution',
    wants: isWanted,
    instrument: (from, block, _, to) => {
      const places = new Set<number>();
      forEachInsn(from, block, ({ pc }, index) => {
        if (pcs().has(pc)) places.add(index);
      });
      return rewrite(from, block, to, (i) => {
        if (from.op[i] === OP.insn && places.has(from.imm[i])) to.callback(ProbeCall.execute, false);
      });
    },
  };
}

/** The code in which accesses, or writes of a register, are looked for. */
export function probePass(probe: Exclude<Probe, { kind: 'execute' }>): Instrument {
  if (probe.kind === 'register') return registerPass(probe.register);
  const { reads, writes } = probe;
  return {
    wish: `probe ${reads ? 'reads ' : ''}${writes ? 'writes' : ''}`,
    instrument: (from, block, _, to) =>
      rewrite(
        from,
        block,
        to,
        () => {},
        (i, copy) => {
          const { kind, bytes } = OP_TABLE[from.op[i]];
          if ((kind === 'store' && writes) || (kind === 'load' && reads))
            accessCallback(to, copy.value(from.a[i]), bytes, kind === 'store' ? ProbeCall.write : ProbeCall.read);
        },
      ),
  };
}

function registerPass(register: Register | 'flags'): Instrument {
  const isWrite = (from: IrBuffer, i: number): boolean =>
    register === 'flags' ? from.op[i] === OP.setFlags : from.op[i] === OP.setReg && from.imm[i] === register.index;
  const writes = (from: IrBuffer, block: Block): Set<number> => {
    const found = new Set<number>();
    let insn = 0;
    for (let i = block.start; i < block.end; i++) {
      if (from.op[i] === OP.insn) insn = from.imm[i];
      else if (isWrite(from, i)) found.add(insn);
    }
    return found;
  };
  return {
    wish: `probe register ${register === 'flags' ? register : register.name}`,
    wants: (from, block) => writes(from, block).size > 0,
    instrument: (from, block, _, to) => {
      const places = writes(from, block);
      return rewrite(from, block, to, (i) => {
        if (from.op[i] === OP.insn && places.has(from.imm[i])) to.callback(ProbeCall.register, false);
      });
    },
  };
}

/** Copies a block. @param behind what comes behind an op's copy @param before what comes before it, once its operands are there */
export function rewrite(from: IrBuffer, block: Block, to: IrBuilder, behind: (i: number) => void, before: (i: number, copy: Copier) => void = () => {}): Block {
  const copy = new Copier(from, to);
  const start = to.buffer.length;
  for (let i = block.start; i < block.end; i++) {
    before(i, copy);
    copy.op(i);
    behind(i);
  }
  return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
}

/** Calls back where an access of `bytes` bytes at `address` has one in common with those that are looked for. */
function accessCallback(to: IrBuilder, address: number, bytes: number, number: number): void {
  const untagged = to.i64_and(address as Value<'i64'>, to.i64_const(UNTAGGED));
  const above = to.i64_add(to.i64_sub(untagged, to.counterGet(LOW)), to.i64_const(BigInt(bytes - 1)));
  const reach = to.i64_add(to.counterGet(SPAN), to.i64_const(BigInt(bytes - 1)));
  to.callback(number, false, to.i64_lt_u(above, reach));
}
