import { type BlockInfo, blockText, type CpuState, type Guest, type MachineHooks, printModule } from '@everystep/core';
import type { Disassemble } from '../disassembly/disassembler.ts';
import { type AddressRange, inRanges, type LogItem } from '../options/index.ts';
import { cpuDump } from './cpuDump.ts';

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

// The middle of a `Trace` line. QEMU shows there the host address of the block's code, then cs_base, pc, flags and
// cflags. everystep has no host addresses: it shows a number that is the block's own. cs_base and flags are the mode bits
// that QEMU has for a user program on a CPU of Armv8.0.
const HOST_CODE = 0x7f00_0000_0000;
const HOST_CODE_SIZE = 0x100;
const CS_BASE = '0000000000001001';
const FLAGS = '00000001';

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** QEMU's cflags: 0x200 says that the block is not chained, the low bits how many instructions it may have. */
function cflags(items: ReadonlySet<LogItem>, oneInsnPerBlock: boolean): string {
  if (oneInsnPerBlock) return '00000201';
  return items.has('nochain') ? '00000200' : '00000000';
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
    const tail = `${FLAGS}/${cflags(items, options.oneInsnPerBlock)}]`;
    const exec = items.has('exec');
    const dump = items.has('cpu') ? cpuDump(guest) : undefined;
    const fpu = items.has('fpu');
    hooks.entered = (info) => {
      if (info.insns === 0 || !wanted(info.pc)) return;
      if (exec) write(`Trace 0: 0x${(HOST_CODE + info.id * HOST_CODE_SIZE).toString(16)} [${CS_BASE}/${hex(info.pc, 16)}/${tail} ${nameAt(info.pc)}\n`);
      if (dump !== undefined) write(dump(options.cpu(), info.pc, fpu));
    };
  }
  return hooks;
}

function inAsm(info: BlockInfo, name: string, disassemble: Disassemble): string {
  let text = `----------------\nIN: ${name}\n`;
  for (let i = 0; i < info.insns; i++) {
    const pc = info.pc + 4 * i;
    const { mnemonic, operands } = disassemble(pc, info.words[i]);
    text += `0x${hex(pc, 8)}:  ${hex(info.words[i] >>> 0, 8)}  ${mnemonic.padEnd(8)} ${operands}\n`;
  }
  return `${text}\n`;
}
