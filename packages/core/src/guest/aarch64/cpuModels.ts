import { assert } from '../../base/index.ts';

/** A CPU as programs see it: which extensions it has, and what its identification registers read. */
export interface CpuModel {
  /** The name that `-cpu` takes. */
  readonly name: string;
  /** Architecture extensions by the manual's names (FEAT_LSE); rows of other extensions are undefined instructions. */
  readonly features: ReadonlySet<string>;
  /** Registers that read as a constant, by `systemRegister`. Those of the identification space that are missing read as zero. */
  readonly constants: ReadonlyMap<number, bigint>;
  /** Bytes that DC ZVA clears. */
  readonly zeroBlockBytes: number;
  /** Bits of FPCR that can be set. */
  readonly fpcrMask: number;
  /** AT_HWCAP and AT_HWCAP2. */
  readonly hwcap: bigint;
  readonly hwcap2: bigint;
}

/** Number of a system register: the op0, op1, CRn, CRm and op2 fields of MRS and MSR in one, as in S<op0>_<op1>_C<n>_C<m>_<op2>. */
export const systemRegister = (op0: number, op1: number, crn: number, crm: number, op2: number): number =>
  (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;

/** Of CNTFRQ_EL0, in Hz. */
export const COUNTER_FREQUENCY = 62_500_000;

const MIDR_EL1 = systemRegister(3, 0, 0, 0, 0);
const MPIDR_EL1 = systemRegister(3, 0, 0, 0, 5);
const ID_AA64PFR0_EL1 = systemRegister(3, 0, 0, 4, 0);
const ID_AA64PFR1_EL1 = systemRegister(3, 0, 0, 4, 1);
const ID_AA64DFR0_EL1 = systemRegister(3, 0, 0, 5, 0);
const ID_AA64ISAR0_EL1 = systemRegister(3, 0, 0, 6, 0);
const ID_AA64ISAR1_EL1 = systemRegister(3, 0, 0, 6, 1);
const ID_AA64MMFR0_EL1 = systemRegister(3, 0, 0, 7, 0);
const CTR_EL0 = systemRegister(3, 3, 0, 0, 1);
const DCZID_EL0 = systemRegister(3, 3, 0, 0, 7);
const CNTFRQ_EL0 = systemRegister(3, 3, 14, 0, 0);
const PMUSERENR_EL0 = systemRegister(3, 3, 9, 14, 0);
const MDCCSR_EL0 = systemRegister(2, 3, 0, 1, 0);

/** How an extension is announced: a 4-bit field of an identification register, and a bit of AT_HWCAP (0..31) or AT_HWCAP2 (32..63). */
interface Announcement {
  readonly register: number;
  readonly shift: number;
  readonly value: number;
  readonly hwcaps: readonly number[];
}

const announce = (register: number, shift: number, value: number, ...hwcaps: number[]): Announcement => ({ register, shift, value, hwcaps });

/** Arm ARM D19.2 (fields) and Linux's arch/arm64/include/uapi/asm/hwcap.h (bits). Where two share a field, the larger value implies the other. */
const ANNOUNCEMENTS: Readonly<Record<string, readonly Announcement[]>> = {
  FEAT_AES: [announce(ID_AA64ISAR0_EL1, 4, 1, 3)],
  FEAT_PMULL: [announce(ID_AA64ISAR0_EL1, 4, 2, 4)],
  FEAT_SHA1: [announce(ID_AA64ISAR0_EL1, 8, 1, 5)],
  FEAT_SHA256: [announce(ID_AA64ISAR0_EL1, 12, 1, 6)],
  FEAT_SHA512: [announce(ID_AA64ISAR0_EL1, 12, 2, 21)],
  FEAT_CRC32: [announce(ID_AA64ISAR0_EL1, 16, 1, 7)],
  FEAT_LSE: [announce(ID_AA64ISAR0_EL1, 20, 2, 8)],
  FEAT_RDM: [announce(ID_AA64ISAR0_EL1, 28, 1, 12)],
  FEAT_SHA3: [announce(ID_AA64ISAR0_EL1, 32, 1, 17)],
  FEAT_SM3: [announce(ID_AA64ISAR0_EL1, 36, 1, 18)],
  FEAT_SM4: [announce(ID_AA64ISAR0_EL1, 40, 1, 19)],
  FEAT_DotProd: [announce(ID_AA64ISAR0_EL1, 44, 1, 20)],
  FEAT_FHM: [announce(ID_AA64ISAR0_EL1, 48, 1, 23)],
  FEAT_FlagM: [announce(ID_AA64ISAR0_EL1, 52, 1, 27)],
  FEAT_FlagM2: [announce(ID_AA64ISAR0_EL1, 52, 2, 32 + 7)],
  FEAT_RNG: [announce(ID_AA64ISAR0_EL1, 60, 1, 32 + 16)],
  FEAT_DPB: [announce(ID_AA64ISAR1_EL1, 0, 1, 16)],
  FEAT_DPB2: [announce(ID_AA64ISAR1_EL1, 0, 2, 32)],
  FEAT_JSCVT: [announce(ID_AA64ISAR1_EL1, 12, 1, 13)],
  FEAT_FCMA: [announce(ID_AA64ISAR1_EL1, 16, 1, 14)],
  FEAT_LOR: [],
  FEAT_LRCPC: [announce(ID_AA64ISAR1_EL1, 20, 1, 15)],
  FEAT_LRCPC2: [announce(ID_AA64ISAR1_EL1, 20, 2, 26)],
  FEAT_FRINTTS: [announce(ID_AA64ISAR1_EL1, 32, 1, 32 + 8)],
  FEAT_SB: [announce(ID_AA64ISAR1_EL1, 36, 1, 29)],
  FEAT_BF16: [announce(ID_AA64ISAR1_EL1, 44, 1, 32 + 14)],
  FEAT_I8MM: [announce(ID_AA64ISAR1_EL1, 52, 1, 32 + 13)],
  FEAT_PAuth: [announce(ID_AA64ISAR1_EL1, 4, 1, 30), announce(ID_AA64ISAR1_EL1, 24, 1, 31)],
  FEAT_DGH: [announce(ID_AA64ISAR1_EL1, 48, 1)],
  FEAT_BTI: [announce(ID_AA64PFR1_EL1, 0, 1, 32 + 17)],
  // QEMU 7.2 announces these three in the registers alone.
  FEAT_SSBS: [announce(ID_AA64PFR1_EL1, 4, 1)],
  FEAT_SSBS2: [announce(ID_AA64PFR1_EL1, 4, 2)],
  FEAT_DIT: [announce(ID_AA64PFR0_EL1, 48, 1)],
  FEAT_FP16: [announce(ID_AA64PFR0_EL1, 16, 1, 9), announce(ID_AA64PFR0_EL1, 20, 1, 10)],
};

/** HWCAP_FP, HWCAP_ASIMD, HWCAP_CPUID */
const BASE_HWCAP = 0x803n;

const ARMV8_0_FEATURES = ['FEAT_CRC32', 'FEAT_AES', 'FEAT_PMULL', 'FEAT_SHA1', 'FEAT_SHA256'];
/** Armv8.2, as far as both Cortex-A76 and Neoverse N1 have it. */
const ARMV8_2_FEATURES = [...ARMV8_0_FEATURES, 'FEAT_LSE', 'FEAT_RDM', 'FEAT_LOR', 'FEAT_FP16', 'FEAT_DotProd', 'FEAT_LRCPC', 'FEAT_DPB', 'FEAT_SSBS'];
/** Extensions of which programs see a register's field alone, and no instruction. */
export const FEATURES_WITHOUT_ROWS = ['FEAT_SSBS2'];
/** Every extension that everystep implements. */
export const IMPLEMENTED_FEATURES = Object.keys(ANNOUNCEMENTS);

interface ModelRow {
  readonly midr: bigint;
  /** Cache lines and the like. */
  readonly ctr: bigint;
  /** log2 of the bytes that DC ZVA clears. */
  readonly zeroBlock: number;
  readonly features: readonly string[];
}

const armv8_0 = (midr: bigint, ctr = 0x8444c004n): ModelRow => ({ midr, ctr, zeroBlock: 6, features: ARMV8_0_FEATURES });

/** Each as in QEMU 7.2. */
const MODELS = {
  max: { midr: 0xf0510n, ctr: 0x80038003n, zeroBlock: 9, features: IMPLEMENTED_FEATURES },
  'cortex-a53': armv8_0(0x410fd034n, 0x84448004n),
  'cortex-a57': armv8_0(0x411fd070n),
  'cortex-a72': armv8_0(0x410fd083n),
  'cortex-a76': { midr: 0x414fd0b1n, ctr: 0x8444c004n, zeroBlock: 6, features: ARMV8_2_FEATURES },
  'neoverse-n1': { midr: 0x414fd0c1n, ctr: 0x8444c004n, zeroBlock: 6, features: [...ARMV8_2_FEATURES, 'FEAT_SSBS2'] },
} as const satisfies Readonly<Record<string, ModelRow>>;

export type CpuModelName = keyof typeof MODELS;
/** Names that `cpuModel` knows. */
export const CPU_MODEL_NAMES = Object.keys(MODELS) as readonly CpuModelName[];

/** A CPU model, reading as QEMU's of the same name does, except that `max` has what everystep implements, not more. */
export function cpuModel(name: CpuModelName): CpuModel {
  const model: ModelRow = MODELS[name];
  const features = new Set(model.features);
  const constants = new Map<number, bigint>([
    [MIDR_EL1, model.midr],
    [MPIDR_EL1, 0x80000000n],
    // EL0 and EL1 in AArch64 only
    [ID_AA64PFR0_EL1, 0x11n],
    [ID_AA64DFR0_EL1, 0x6n],
    // Linux hides the granule sizes from user mode
    [ID_AA64MMFR0_EL1, 0xff000000n],
    [CTR_EL0, model.ctr],
    [DCZID_EL0, BigInt(model.zeroBlock - 2)],
    [CNTFRQ_EL0, BigInt(COUNTER_FREQUENCY)],
    [PMUSERENR_EL0, 0n],
    [MDCCSR_EL0, 0n],
  ]);
  let hwcaps = BASE_HWCAP;
  for (const feature of features) {
    const announcements = ANNOUNCEMENTS[feature];
    assert(announcements !== undefined, `${feature} is not in the table of announcements`);
    for (const { register, shift, value, hwcaps: bits } of announcements) {
      const old = constants.get(register) ?? 0n;
      const field = (old >> BigInt(shift)) & 15n;
      const wanted = field > BigInt(value) ? field : BigInt(value);
      constants.set(register, (old & ~(15n << BigInt(shift))) | (wanted << BigInt(shift)));
      for (const bit of bits) hwcaps |= 1n << BigInt(bit);
    }
  }
  return {
    name,
    features,
    constants,
    zeroBlockBytes: 1 << model.zeroBlock,
    fpcrMask: features.has('FEAT_FP16') ? 0x07ff0000 : 0x07f70000,
    hwcap: hwcaps & 0xffffffffn,
    hwcap2: hwcaps >> 32n,
  };
}
