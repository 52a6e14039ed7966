import type { GdbRegister, GdbRegisterDescription, GdbTarget } from '../guest.ts';
import { SP, V, X } from './state.ts';

const named = (name: string): GdbRegister => ({ name, kind: 'state' });

/** In the order of QEMU's gdb-xml: core, then floating point, then system registers. */
export const gdbRegisters: readonly GdbRegister[] = [
  ...[...X, SP].map(({ name }) => named(name)),
  { name: 'pc', kind: 'pc' },
  { name: 'cpsr', kind: 'flags' },
  ...V.map(({ name }) => named(name)),
  named('fpsr'),
  named('fpcr'),
  named('tpidr_el0'),
];

const described = (name: string, bits: number, type: string): GdbRegisterDescription => ({ name, bits, type });

/** Bits of PSTATE that user mode sees, by name. */
const FLAGS = { N: 31, Z: 30, C: 29, V: 28 } as const;

/** The views of a vector register: for each width of its lanes, the union's name and the lanes' types, floating-point ones first. */
const LANES = [
  { bits: 64, name: 'd', types: { f: 'ieee_double', u: 'uint64', s: 'int64' } },
  { bits: 32, name: 's', types: { f: 'ieee_single', u: 'uint32', s: 'int32' } },
  { bits: 16, name: 'h', types: { f: 'ieee_half', u: 'uint16', s: 'int16' } },
  { bits: 8, name: 'b', types: { u: 'uint8', s: 'int8' } },
  { bits: 128, name: 'q', types: { u: 'uint128', s: 'int128' } },
] as const;

function vectorTypes(): string {
  const field = (name: string, type: string): string => `<field name="${name}" type="${type}"/>`;
  const lanes = LANES.map(({ bits, name, types }) => {
    const views = Object.entries(types).map(([kind, type]) => ({ kind, type, id: `v${128 / bits}${name}${kind}` }));
    const vectors = views.map(({ id, type }) => `<vector id="${id}" type="${type}" count="${128 / bits}"/>`).join('');
    return `${vectors}<union id="vn${name}">${views.map(({ kind, id }) => field(kind, id)).join('')}</union>`;
  });
  return `${lanes.join('')}<union id="aarch64v">${LANES.map(({ name }) => field(name, `vn${name}`)).join('')}</union>`;
}

function flagTypes(): string {
  const fields = Object.entries(FLAGS).map(([name, bit]) => `<field name="${name}" start="${bit}" end="${bit}"/>`);
  return `<flags id="cpsr_flags" size="4">${fields.join('')}</flags>`;
}

/** The features that gdb knows of AArch64 (its manual, G.5.1), with the registers in the order of `gdbRegisters`. */
export const gdbTarget: GdbTarget = {
  architecture: 'aarch64',
  features: [
    {
      name: 'org.gnu.gdb.aarch64.core',
      types: flagTypes(),
      registers: [
        ...X.map(({ name }) => described(name, 64, 'int')),
        described('sp', 64, 'data_ptr'),
        described('pc', 64, 'code_ptr'),
        described('cpsr', 32, 'cpsr_flags'),
      ],
    },
    {
      name: 'org.gnu.gdb.aarch64.fpu',
      types: vectorTypes(),
      registers: [...V.map(({ name }) => described(name, 128, 'aarch64v')), described('fpsr', 32, 'int'), described('fpcr', 32, 'int')],
    },
    { name: 'org.gnu.gdb.aarch64.tls', registers: [described('tpidr', 64, 'data_ptr')] },
  ],
  expedited: ['x29', 'sp', 'pc'],
};

/** DC ZVA, Xt: QEMU clears the block in a helper function. */
export const hidesAccesses = (word: number): boolean => (word & ~31) === (0xd50b_7420 | 0);
