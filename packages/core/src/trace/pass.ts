import { assert } from '../base/index.ts';
import { type BlockInfo, type Instrument, RING_SLACK } from '../engine/index.ts';
import { type Block, type IrBuffer, type IrBuilder, NONE, OP, OP_TABLE, type Value } from '../ir/index.ts';
import { Copier } from './copier.ts';
import { type BlockLayout, type LayoutOptions, planBlock, STEP_OFFSET } from './layout.ts';
import { type AddressSpan, forEachInsn, type Wish } from './wish.ts';

export interface TracePassOptions extends LayoutOptions {
  /** See Guest; default 0. */
  readonly ignoredTopBits?: number;
  /** Told of each block's layout when the block is translated; again, with equal contents, if it is translated again. */
  readonly define: (layout: BlockLayout) => void;
}

/** Makes the pass that adds trace code to blocks of which something is wanted. */
export function createTracePass(options: TracePassOptions): Instrument {
  const { wish } = options;
  return {
    wish: wish.key,
    ...(wish.isWhole ? {} : { wants: (from: IrBuffer, block: Block) => wantsAny(wish, from, block) }),
    mayBeCold: () => true,
    instrument: (from, block, info, to) => instrument(from, block, info, to, options),
  };
}

function wantsAny(wish: Wish, from: IrBuffer, block: Block): boolean {
  let any = false;
  forEachInsn(from, block, (place) => {
    any ||= wish.insn(place) !== undefined;
  });
  return any;
}

function instrument(from: IrBuffer, block: Block, info: BlockInfo, to: IrBuilder, options: TracePassOptions): Block {
  if (options.wish.level === 'count') return instrumentCount(from, block, info, to, options);
  const { layout, stores } = planBlock(from, block, info.id, options);
  assert(layout.recordBytes <= RING_SLACK, `the record of the block at ${block.pc} takes ${layout.recordBytes} bytes`);
  const copy = new Copier(from, to);
  const start = to.buffer.length;
  const traced = layout.insns.length > 0 && (layout.wanted > 0 || options.wish.isWhole);
  if (traced) {
    options.define(layout);
    to.ringReserve(info.id, layout.recordBytes);
    if (layout.hasStep) to.ringStep(STEP_OFFSET);
  }
  const accesses = options.wish.data === undefined ? undefined : new AccessTest(to, options.wish.data, options.ignoredTopBits ?? 0);
  let next = 0;
  let current = -1;
  const store = (): void => {
    const { register, value, slot } = stores[next++];
    const stored = register === undefined ? copy.value(value) : register === NONE ? to.getNzcv() : to.getReg(options.state.registers[register]);
    to.ringStore(stored as Value, slot.offset, slot.bytes);
  };
  for (let i = block.start; i < block.end; i++) {
    const isInsn = from.op[i] === OP.insn;
    const insn = from.imm[i];
    if (isInsn) current = insn;
    // All of an instruction is in the ring before the next one starts, which may fault.
    if (isInsn) while (next < stores.length && stores[next].insn < insn) store();
    copy.op(i);
    const { kind, bytes } = OP_TABLE[from.op[i] as number];
    if ((kind === 'load' || kind === 'store') && layout.insns[current]?.wanted === true) accesses?.add(copy.value(from.a[i]) as Value<'i64'>, bytes);
    if (isInsn) while (next < stores.length && stores[next].insn === insn && stores[next].register !== undefined) store();
  }
  while (next < stores.length) store();
  if (traced) to.ringCommit(layout.recordBytes, accesses?.any);
  return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
}

function instrumentCount(from: IrBuffer, block: Block, info: BlockInfo, to: IrBuilder, options: TracePassOptions): Block {
  const { layout } = planBlock(from, block, info.id, options);
  const copy = new Copier(from, to);
  const start = to.buffer.length;
  if (layout.wanted > 0) {
    options.define(layout);
    to.count(info.id, layout.wanted);
  }
  for (let i = block.start; i < block.end; i++) copy.op(i);
  return { ...block, start, end: to.buffer.length, terminator: copy.terminator(block.terminator) };
}

/** Adds code that tells whether a block's accesses reach some data. */
class AccessTest {
  /** 1 where one did, of those so far; undefined: there were none. */
  any: Value<'i32'> | undefined;

  constructor(
    private readonly to: IrBuilder,
    private readonly data: readonly AddressSpan[],
    private readonly ignoredTopBits: number,
  ) {}

  /** Adds an access of so many bytes. */
  add(address: Value<'i64'>, bytes: number): void {
    const { to, ignoredTopBits } = this;
    const bare = ignoredTopBits === 0 ? address : to.i64_and(address, to.i64_const((1n << BigInt(64 - ignoredTopBits)) - 1n));
    for (const { start, end } of this.data) {
      // The first address from which so many bytes reach the data.
      const first = Math.max(start - bytes + 1, 0);
      const reaches = to.i64_le_u(to.i64_sub(bare, to.i64_const(first)), to.i64_const(Math.min(end, Number.MAX_SAFE_INTEGER) - first));
      this.any = this.any === undefined ? reaches : to.i32_or(this.any, reaches);
    }
  }
}
