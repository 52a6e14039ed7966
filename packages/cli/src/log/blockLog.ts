import {
  type BlockInfo,
  blockText,
  type CpuState,
  type Guest,
  type MachineHooks,
  printModule,
  QemuCpuDump,
  qemuBlockHead,
  qemuCflags,
  qemuInsnLine,
  qemuTraceLine,
  utf8Text,
} from '@everystep/core';
import type { Disassemble } from '../disassembly/disassembler.ts';
import { type AddressRange, inRanges, type LogItem } from '../options/index.ts';

/** What the log of blocks needs to know of the run. */
export interface BlockLogOptions {
  readonly guest: Guest;
  readonly items: ReadonlySet<LogItem>;
  /** -dfilter */
  readonly ranges: readonly AddressRange[] | undefined;
  readonly oneInsnPerBlock: boolean;
  readonly write: (text: string) => void;
  /** Name of the function around an address, or ''. */
  readonly nameAt: (address: number) => string;
  /** The CPU state at `entered`. */
  readonly cpu: () => CpuState;
  /** Needed for in_asm. */
  readonly disassemble: Disassemble | undefined;
}

/** The machine's hooks that write the log of blocks (in_asm, op, op_opt, out_asm, exec, cpu), each only where it is wanted. */
export function blockLogHooks(options: BlockLogOptions): MachineHooks {
  const { items, write, nameAt, guest } = options;
  const ranges = options.ranges;
  const wanted = (pc: number): boolean => ranges === undefined || inRanges(ranges, pc);
  const hooks: MachineHooks = {};

  const { disassemble } = options;
  if (items.has('in_asm') && disassemble !== undefined) {
    hooks.translated = (info) => {
      if (info.insns > 0 && wanted(info.pc)) write(inAsm(info, nameAt(info.pc), disassemble));
    };
  }
  if (items.has('op') || items.has('op_opt')) {
    hooks.ir = (stage, info, buffer, block) => {
      if (items.has(stage) && wanted(info.pc)) write(`${stage === 'op' ? 'OP:' : 'OP after optimization:'}\n${blockText(buffer, block, guest.state)}\n`);
    };
  }
  if (items.has('out_asm')) {
    hooks.compiled = (blocks, wasm) => {
      if (blocks.some((block) => wanted(block.pc))) write(`OUT: [size=${wasm.length}]\n${printModule(wasm)}\n`);
    };
  }
  if (items.has('exec') || items.has('cpu')) {
    const cflags = qemuCflags(items.has('nochain'), options.oneInsnPerBlock);
    const exec = items.has('exec');
    const dump = items.has('cpu') ? new QemuCpuDump(guest.state, items.has('fpu')) : undefined;
    hooks.entered = (info) => {
      if (info.insns === 0 || !wanted(info.pc)) return;
      if (exec) write(qemuTraceLine(info.id, info.pc, cflags, nameAt(info.pc)));
      if (dump !== undefined) write(utf8Text(dump.of(options.cpu(), info.pc)));
    };
  }
  return hooks;
}

function inAsm(info: BlockInfo, name: string, disassemble: Disassemble): string {
  let text = qemuBlockHead(name);
  for (let i = 0; i < info.insns; i++) {
    const pc = info.pc + 4 * i;
    const { mnemonic, operands } = disassemble(pc, info.words[i]);
    text += qemuInsnLine(pc, info.words[i], mnemonic, operands);
  }
  return `${text}\n`;
}
