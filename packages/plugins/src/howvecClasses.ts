/** A class of A64 encodings, as QEMU's howvec names it; `option` is what `count` takes. */
export interface InsnClass {
  readonly name: string;
  readonly option: string;
  readonly mask: number;
  readonly pattern: number;
  /** Not counted unless asked for. */
  readonly quiet?: boolean;
}

const row = (name: string, option: string, mask: number, pattern: number): InsnClass => ({ name, option, mask, pattern });

/** In order: the first that matches counts. Masks and patterns are those of the Arm ARM's encoding groups (C4.1). */
export const A64_CLASSES: readonly InsnClass[] = [
  { ...row('  UDEF', 'udef', 0xffff0000, 0x00000000), quiet: true },
  row('  SVE', 'sve', 0x1e000000, 0x04000000),
  row('Reserved', 'res', 0x1e000000, 0x00000000),
  row('  PCrel addr', 'pcrel', 0x1f000000, 0x10000000),
  row('  Add/Sub (imm,tags)', 'asit', 0x1f800000, 0x11800000),
  row('  Add/Sub (imm)', 'asi', 0x1f000000, 0x11000000),
  row('  Logical (imm)', 'logi', 0x1f800000, 0x12000000),
  row('  Move Wide (imm)', 'movwi', 0x1f800000, 0x12800000),
  row('  Bitfield', 'bitf', 0x1f800000, 0x13000000),
  row('  Extract', 'extr', 0x1f800000, 0x13800000),
  row('Data Proc Imm', 'dpri', 0x1c000000, 0x10000000),
  row('  Cond Branch (imm)', 'cndb', 0xfe000000, 0x54000000),
  row('  Exception Gen', 'excp', 0xff000000, 0xd4000000),
  { ...row('    NOP', 'nop', 0xffffffff, 0xd503201f), quiet: true },
  row('  Hints', 'hint', 0xfffff000, 0xd5032000),
  row('  Barriers', 'barr', 0xfffff000, 0xd5033000),
  row('  PSTATE', 'psta', 0xfff8f000, 0xd5004000),
  row('  System Insn', 'sins', 0xffd80000, 0xd5080000),
  row('  System Reg', 'sreg', 0xffd00000, 0xd5100000),
  row('  Branch (reg)', 'breg', 0xfe000000, 0xd6000000),
  row('  Branch (imm)', 'bimm', 0x7c000000, 0x14000000),
  row('  Cmp & Branch', 'cmpb', 0x7e000000, 0x34000000),
  row('  Tst & Branch', 'tstb', 0x7e000000, 0x36000000),
  row('Branches', 'branch', 0x1c000000, 0x14000000),
  row('  AdvSimd ldstmult', 'advlsm', 0xbfbf0000, 0x0c000000),
  row('  AdvSimd ldstmult++', 'advlsmp', 0xbfb00000, 0x0c800000),
  row('  AdvSimd ldst', 'advlss', 0xbf9f0000, 0x0d000000),
  row('  AdvSimd ldst++', 'advlssp', 0xbf800000, 0x0d800000),
  row('  ldst excl', 'ldstx', 0x3f000000, 0x08000000),
  row('    Prefetch', 'prfm', 0xff000000, 0xd8000000),
  row('  Load Reg (lit)', 'ldlit', 0x1b000000, 0x18000000),
  row('  ldst noalloc pair', 'ldstnap', 0x3b800000, 0x28000000),
  row('  ldst pair', 'ldstp', 0x38000000, 0x28000000),
  row('  ldst reg', 'ldstr', 0x3b200000, 0x38000000),
  row('  Atomic ldst', 'atomic', 0x3b200c00, 0x38200000),
  row('  ldst reg (reg off)', 'ldstro', 0x3b200b00, 0x38200800),
  row('  ldst reg (pac)', 'ldstpa', 0x3b200200, 0x38200800),
  row('  ldst reg (imm)', 'ldsti', 0x3b000000, 0x39000000),
  row('Loads & Stores', 'ldst', 0x0a000000, 0x08000000),
  row('Data Proc Reg', 'dprr', 0x0e000000, 0x0a000000),
  row('Scalar FP ', 'fpsimd', 0x0e000000, 0x0e000000),
  row('Unclassified', 'unclas', 0x00000000, 0x00000000),
];
