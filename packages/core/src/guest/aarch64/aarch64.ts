import { FlagKind, type IrBuilder, packFlagKind } from '../../ir/index.ts';
import { Decoder } from '../decode/index.ts';
import type { Guest, TranslatedBlock, TranslateRequest } from '../guest.ts';
import { cpuInfo } from './cpuInfo.ts';
import { type CpuModel, type CpuModelName, cpuModel } from './cpuModels.ts';
import { gdbRegisters, hidesAccesses } from './gdbTarget.ts';
import { linuxAbi } from './linuxAbi.ts';
import { rows } from './rows.ts';
import { signalFrames } from './signalFrame.ts';
import { layout, POINTER_KEYS } from './state.ts';
import { enterBlock } from './translate/branchTarget.ts';
import { A64Translator } from './translate/translator.ts';
import { describeTrap, Trap } from './traps.ts';

/** GNU_PROPERTY_AARCH64_FEATURE_1_AND and its bit GNU_PROPERTY_AARCH64_FEATURE_1_BTI (ELF for the Arm 64-bit Architecture). */
const FEATURE_BTI = { type: 0xc000_0000, mask: 1 };

/**
 * Makes the AArch64 guest.
 * @param cpu the model: which extensions there are, and what identification registers and AT_HWCAP say
 */
export function createAArch64(cpu: CpuModelName = 'max'): Guest {
  const implemented = rows.flatMap((row) => row.options.feature ?? []);
  const model = cpuModel(cpu, implemented);
  const decoder = new Decoder(rows.filter(({ options }) => options.feature === undefined || model.features.has(options.feature)));
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
    hidesAccesses,
    rowName: (word) => decoder.decode(word)?.row.name,
  };
}

/** A block ends at a branch, an exception, an instruction that synchronises context, the page's end or `maxInsns`, as QEMU's do. */
function translateBlock(decoder: Decoder<A64Translator>, model: CpuModel, ir: IrBuilder, request: TranslateRequest): TranslatedBlock {
  const { pc, maxInsns, fetch } = request;
  const t = new A64Translator(ir, model);
  ir.terminator = undefined;
  t.pc = pc;
  t.branchTargets = request.branchTargets ?? 'free';
  if (pc % 4 !== 0) {
    // As QEMU does, which looks for the page first.
    t.trap(fetch(pc - (pc % 4)) === undefined ? Trap.fetch : Trap.alignment);
    return { insns: 0, bytes: 0 };
  }
  let insns = 0;
  for (;;) {
    const word = fetch(t.pc);
    if (word === undefined) {
      if (insns === 0) t.trap(Trap.fetch);
      else ir.end({ kind: 'jump', target: t.pc });
      break;
    }
    t.word = word;
    ir.insn(insns++, word);
    if (insns === 1) enterBlock(t);
    const decoded = decoder.decode(word);
    if (decoded === undefined) t.undefined();
    else decoded.row.translate(t, decoded.fields);
    if (ir.terminator !== undefined) break;
    t.pc += 4;
    if (insns === maxInsns || t.pc % 4096 === 0) {
      ir.end({ kind: 'jump', target: t.pc });
      break;
    }
  }
  return { insns, bytes: insns * 4 };
}
