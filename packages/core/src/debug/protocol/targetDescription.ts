import { assert } from '../../base/index.ts';
import type { GdbRegister, Guest } from '../../guest/index.ts';

/** A register as packets have it. */
export interface WireRegister {
  /** In `Guest.gdbRegisters`, and in packets. */
  readonly number: number;
  readonly bytes: number;
}

/** What gdb is told of a guest's registers. */
export interface TargetDescription {
  /** target.xml (gdb's manual, appendix G). */
  readonly xml: string;
  readonly registers: readonly WireRegister[];
  /** Those that each stop reply has. */
  readonly expedited: readonly WireRegister[];
  /** The program counter's number. */
  readonly pc: number;
}

/** @throws AssertionError for a guest that gdb cannot debug */
export function describeTarget(guest: Guest): TargetDescription {
  const { gdbTarget: target, gdbRegisters = [] } = guest;
  assert(target !== undefined, `gdb cannot debug ${guest.name}`);
  const described = target.features.flatMap(({ registers }) => registers);
  assert(described.length === gdbRegisters.length, 'every register is described');
  const registers = described.map(({ bits }, number) => ({ number, bytes: bits / 8 }));
  const numberOf = (wanted: (register: GdbRegister) => boolean): number => gdbRegisters.findIndex(wanted);
  let number = 0;
  const features = target.features.map(({ name, types = '', registers: own }) => {
    const rows = own.map((each) => `<reg name="${each.name}" bitsize="${each.bits}" type="${each.type}" regnum="${number++}"/>`);
    return `<feature name="${name}">${types}${rows.join('')}</feature>`;
  });
  const head = `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd">`;
  return {
    xml: `${head}<target><architecture>${target.architecture}</architecture><osabi>GNU/Linux</osabi>${features.join('')}</target>`,
    registers,
    expedited: target.expedited.map((wanted) => registers[numberOf(({ name }) => name === wanted)]),
    pc: numberOf(({ kind }) => kind === 'pc'),
  };
}
