import { COUNTER_FREQUENCY, type CpuModel, systemRegister } from './cpuModels.ts';

/** Names of the bits of AT_HWCAP (0 on) and AT_HWCAP2 (32 on), as Linux prints them in /proc/cpuinfo. */
const FEATURES = [
  ...'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc'.split(' '),
  ...'dcpop sha3 sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs sb paca pacg'.split(' '),
  ...'dcpodp sve2 sveaes svepmull svebitperm svesha3 svesm4 flagm2 frint svei8mm svef32mm svef64mm svebf16 i8mm bf16 dgh'.split(' '),
  ...'rng bti mte ecv afp rpres mte3'.split(' '),
];

const MIDR_EL1 = systemRegister(3, 0, 0, 0, 0);

const hex = (value: bigint, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** The lines of /proc/cpuinfo behind `processor`: what stands before the colon, and behind it. MIDR_EL1 tells who made the CPU. */
export function cpuInfo({ hwcap, hwcap2, constants }: CpuModel): readonly (readonly [name: string, value: string])[] {
  const bits = hwcap | (hwcap2 << 32n);
  const midr = constants.get(MIDR_EL1) ?? 0n;
  const features = FEATURES.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) !== 0n);
  return [
    ['BogoMIPS\t', ((2 * COUNTER_FREQUENCY) / 1_000_000).toFixed(2)],
    ['Features\t', features.join(' ')],
    ['CPU implementer\t', hex((midr >> 24n) & 0xffn, 2)],
    ['CPU architecture', '8'],
    ['CPU variant\t', hex((midr >> 20n) & 0xfn, 1)],
    ['CPU part\t', hex((midr >> 4n) & 0xfffn, 3)],
    ['CPU revision\t', `${midr & 0xfn}`],
  ];
}
