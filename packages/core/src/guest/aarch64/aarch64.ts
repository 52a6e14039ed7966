import { FlagKind, packFlagKind } from '../../ir/index.ts';
import { Decoder } from '../decode/index.ts';
import type { Guest } from '../guest.ts';
import { cpuInfo } from './cpuInfo.ts';
import { type CpuModelName, cpuModel } from './cpuModels.ts';
import { gdbRegisters, gdbTarget, hidesAccesses } from './gdbTarget.ts';
import { insnClasses } from './insnClasses.ts';
import { linuxAbi } from './linuxAbi.ts';
import { rowGroups } from './rowGroups.ts';
import { signalFrames } from './signalFrame.ts';
import { layout, POINTER_KEYS } from './state.ts';
import { translateBlock } from './translate/translateBlock.ts';
import { describeTrap } from './traps.ts';

/** GNU_PROPERTY_AARCH64_FEATURE_1_AND and its bit GNU_PROPERTY_AARCH64_FEATURE_1_BTI (ELF for the Arm 64-bit Architecture). */
const FEATURE_BTI = { type: 0xc000_0000, mask: 1 };

/**
 * Makes the AArch64 guest.
 * @param cpu the model: which extensions there are, and what identification registers and AT_HWCAP say
 */
export function createAArch64(cpu: CpuModelName = 'max'): Guest {
  const model = cpuModel(cpu);
  const decoder = new Decoder(rowGroups, ({ options }) => options.feature === undefined || model.features.has(options.feature));
  const rowName = (word: number): string | undefined => decoder.decode(word)?.row.name;
  return {
    name: 'aarch64',
    elfMachine: 183,
    state: layout,
    roles: { stackPointer: 'sp', linkRegister: 'x30', threadPointer: 'tpidr_el0', frameRecord: { pointer: 'x29', offset: 0 }, stackBases: ['sp', 'x29'] },
    linux: {
      ...linuxAbi,
      signalFrames: signalFrames(model.fpcrMask),
      hwcap: model.hwcap,
      hwcap2: model.hwcap2,
      cpuInfo: cpuInfo(model),
      pointerKeys: model.features.has('FEAT_PAuth') ? POINTER_KEYS.map(({ low, high }) => [low.name, high.name] as const) : [],
      guardProperty: model.features.has('FEAT_BTI') ? FEATURE_BTI : undefined,
    },
    insnAlign: 4,
    ignoredTopBits: 8,
    translateBlock: (ir, request) => translateBlock(decoder, model, ir, request),
    describeTrap,
    initialRegisters: (_pc, sp) =>
      new Map([
        ['sp', BigInt(sp)],
        ['exclusiveAddress', -1n],
        // QEMU starts programs with Z set, Linux with all flags clear; no program can rely on either.
        [layout.flags.kind.name, BigInt(packFlagKind(FlagKind.NZCV, false, 0))],
        [layout.flags.a.name, 4n << 28n],
      ]),
    gdbRegisters,
    gdbTarget,
    hidesAccesses,
    rowName,
    insnClasses: (word) => insnClasses(word, rowName(word)),
  };
}
