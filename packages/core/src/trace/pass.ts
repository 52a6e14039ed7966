import { assert } from '../base/index.ts';
import { type BlockInfo, type Instrument, RING_SLACK } from '../engine/index.ts';
import { type Block, type IrBuffer, type IrBuilder, NONE, OP, type Value } from '../ir/index.ts';
import { Copier } from './copier.ts';
import { type BlockLayout, type LayoutOptions, planBlock, STEP_OFFSET } from './layout.ts';
import { forEachInsn, type Wish } from './wish.ts';

export interface TracePassOptions extends LayoutOptions {
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
  let next = 0;
  const store = (): void => {
    const { register, value, slot } = stores[next++];
    const stored = register === undefined ? copy.value(value) : register === NONE ? to.getNzcv() : to.getReg(options.state.registers[register]);
    to.ringStore(stored as Value, slot.offset, slot.bytes);
  };
  for (let i = block.start; i < block.end; i++) {
    const isInsn = from.op[i] === OP.insn;
    const insn = from.imm[i];
    // All of an instruction is in the ring before the next one starts, which may fault.
    if (isInsn) while (next < stores.length && stores[next].insn < insn) store();
    copy.op(i);
    if (isInsn) while (next < stores.length && stores[next].insn === insn && stores[next].register !== undefined) store();
  }
  while (next < stores.length) store();
  if (traced) to.ringCommit(layout.recordBytes);
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
