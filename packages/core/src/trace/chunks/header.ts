import { UserError } from '../../base/index.ts';
import { StateLayout, type Ty } from '../../ir/index.ts';
import type { TraceLevel } from '../wish.ts';

/** Why a trace ended. */
export const END_REASONS = ['exit', 'limit', 'interrupted', 'fault'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What a chunk file's header says. */
export interface TraceHeader {
  /** Guest.name. */
  readonly guest: string;
  readonly cpu: string;
  /** The program's file. */
  readonly program: string;
  readonly argv: readonly string[];
  /** How much there is of each instruction. */
  readonly level: TraceLevel;
  /** True if records stand on their own: only some instructions of the blocks are in the trace. */
  readonly filtered: boolean;
  /** The state layout, in order. */
  readonly registers: readonly { readonly name: string; readonly type: Ty; readonly offset: number; readonly visible: boolean }[];
}

/** Totals of a trace. */
export interface TraceTotals {
  /** Instructions completed since the start of the machine. */
  readonly step: number;
  /** Instructions in records. */
  readonly insns: number;
  /** Traced instructions. */
  readonly wanted: number;
}

export const describeState = (state: StateLayout): TraceHeader['registers'] =>
  state.registers.map(({ name, type, offset, visible }) => ({ name, type, offset, visible }));

/** The state layout that a header describes. @throws UserError if this version would lay it out in another way */
export function stateOf(header: TraceHeader): StateLayout {
  const state = new StateLayout();
  for (const { name, type, offset, visible } of header.registers) {
    const register = state.registers.find((known) => known.name === name) ?? state.add(name, type, visible);
    if (register.offset !== offset)
      throw new UserError(`the trace has register ${name} at byte ${offset} of the CPU state, where this version has byte ${register.offset}`);
  }
  return state;
}
