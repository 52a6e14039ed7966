import {
  branch,
  branchConditional,
  branchRegister,
  branchWithLink,
  branchWithLinkRegister,
  breakpoint,
  compareAndBranch,
  halt,
  returnFromSubroutine,
  supervisorCall,
  testAndBranch,
} from '../translate/branch.ts';
import { def } from '../translate/translator.ts';

/** Arm ARM C4.1: branches and exception generation. */
export const branches = [
  def('UDF', '0000000000000000 imm16:16', (t) => t.undefined()),

  def('B.cond', '0101010 0 imm19:19 0 cond:4', (t, f) => branchConditional(t, f)),
  def('B', '0 00101 imm26:26', (t, f) => branch(t, f)),
  def('BL', '1 00101 imm26:26', (t, f) => branchWithLink(t, f)),
  def('CBZ', 'sf:1 011010 0 imm19:19 rt:5', (t, f) => compareAndBranch(t, f, true)),
  def('CBNZ', 'sf:1 011010 1 imm19:19 rt:5', (t, f) => compareAndBranch(t, f, false)),
  def('TBZ', 'b5:1 011011 0 b40:5 imm14:14 rt:5', (t, f) => testAndBranch(t, f, true)),
  def('TBNZ', 'b5:1 011011 1 b40:5 imm14:14 rt:5', (t, f) => testAndBranch(t, f, false)),
  def('BR', '1101011 0000 11111 000000 rn:5 00000', (t, f) => branchRegister(t, f)),
  def('BLR', '1101011 0001 11111 000000 rn:5 00000', (t, f) => branchWithLinkRegister(t, f)),
  def('RET', '1101011 0010 11111 000000 rn:5 00000', (t, f) => returnFromSubroutine(t, f)),

  def('SVC', '11010100 000 imm16:16 000 01', (t) => supervisorCall(t), { noFuzz: "what the system call does is not the instruction's" }),
  def('BRK', '11010100 001 imm16:16 000 00', (t, f) => breakpoint(t, f)),
  def('HLT', '11010100 010 imm16:16 000 00', (t, f) => halt(t, f), { noFuzz: 'QEMU takes HLT #0xf000 for a semihosting call' }),
];
