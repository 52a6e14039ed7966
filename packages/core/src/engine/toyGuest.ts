import type { Guest, TranslatedBlock, TranslateRequest } from '../guest/index.ts';
import { FlagKind, type IrBuilder, StateLayout } from '../ir/index.ts';

/**
 * A guest for tests: a dozen instructions, of which any sequence of random words is a program, so that every shape of
 * control flow meets the engine.
 *
 *     bits 31..28 operation   27..25 d   24..22 a   21..19 b   15..0 immediate
 */
export const TOY_CODE = 0x1_0000;
/** Words of code; branch targets wrap at this. */
export const TOY_WORDS = 256;
export const TOY_DATA = 0x20_0000;
export const TOY_STACK = 0x55_0000_0000;

export function createToyGuest(): Guest {
  const state = new StateLayout();
  const r = state.addMany('r', 8, 'i64');
  const sp = state.add('sp', 'i64');
  const lr = state.add('lr', 'i64');

  const translateBlock = (ir: IrBuilder, { pc, maxInsns, fetch }: TranslateRequest): TranslatedBlock => {
    ir.terminator = undefined;
    let insns = 0;
    for (let at = pc; ; at += 4) {
      const word = at % 4 === 0 ? fetch(at) : undefined;
      if (word === undefined) {
        if (insns === 0) ir.end({ kind: 'trap', code: 1, argument: 0, pc: at });
        else ir.end({ kind: 'jump', target: at });
        break;
      }
      if (insns === maxInsns) {
        ir.end({ kind: 'jump', target: at });
        break;
      }
      ir.insn(insns++, word);
      const d = r[(word >>> 25) & 7] as (typeof r)[number];
      const a = r[(word >>> 22) & 7] as (typeof r)[number];
      const b = r[(word >>> 19) & 7] as (typeof r)[number];
      const imm = word & 0xffff;
      const target = TOY_CODE + (imm % TOY_WORDS) * 4;
      const computed = (): ReturnType<typeof ir.getReg<'i64'>> =>
        ir.i64_add(ir.i64_const(TOY_CODE), ir.i64_shl(ir.i64_and(ir.getReg(a), ir.i64_const(TOY_WORDS - 1)), ir.i64_const(2)));
      const data = (): ReturnType<typeof ir.getReg<'i64'>> => ir.i64_add(ir.i64_const(TOY_DATA), ir.i64_and(ir.getReg(a), ir.i64_const(0x1fff)));
      switch (word >>> 28) {
        case 0:
          ir.setReg(d, ir.i64_add(ir.getReg(a), ir.i64_const(imm)));
          break;
        case 1:
          ir.setReg(d, ir.i64_xor(ir.i64_mul(ir.getReg(a), ir.i64_const(0x9e3779b1)), ir.i64_rotl(ir.getReg(b), ir.i64_const(13))));
          break;
        case 2:
          ir.setFlags(FlagKind.SUB64, ir.getReg(a), ir.getReg(b));
          break;
        case 3:
          ir.setFlags(FlagKind.ADD32, ir.getReg(a), ir.getReg(b), ir.flagTest(imm % 14), imm & 15);
          break;
        case 4: {
          const value = ir.i64_load(data());
          ir.setReg(d, value);
          break;
        }
        case 5:
          ir.i64_store(data(), ir.getReg(b));
          break;
        case 6: {
          // Push and pop through the stack pointer
          const value = ir.i64_load(ir.i64_add(ir.getReg(sp), ir.i64_const(imm % 64)));
          ir.i64_store(ir.i64_add(ir.getReg(sp), ir.i64_const(16)), ir.getReg(b));
          ir.setReg(d, value);
          break;
        }
        case 7:
        case 8:
        case 9:
          ir.end({ kind: 'branch', condition: ir.flagTest(imm % 14), taken: TOY_CODE + ((imm >>> 4) % TOY_WORDS) * 4, fallThrough: at + 4 });
          break;
        case 10:
          ir.end({ kind: 'jump', target });
          break;
        case 11:
        case 12:
          ir.setReg(lr, ir.i64_const(at + 4));
          if ((imm & 0x8000) === 0) ir.end({ kind: 'call', target, returnAddress: at + 4 });
          else ir.end({ kind: 'callIndirect', target: computed(), returnAddress: at + 4 });
          break;
        case 13:
          ir.end({ kind: 'return', target: ir.getReg(lr) });
          break;
        case 14:
          ir.end({ kind: 'jumpIndirect', target: computed() });
          break;
        default:
          if ((imm & 7) === 0) ir.end({ kind: 'syscall', next: at + 4 });
          else if ((imm & 7) === 1) ir.setReg(d, ir.i64_extend_i32_u(ir.getNzcv()));
          else ir.setReg(d, ir.i64_extend_i32_u(ir.flagTest(imm % 14)));
      }
      if (ir.terminator !== undefined) break;
    }
    return { insns, bytes: insns * 4 };
  };

  return {
    name: 'toy',
    elfMachine: 0,
    state,
    roles: { stackPointer: 'sp', linkRegister: 'lr', threadPointer: 'r7', frameRecord: { pointer: 'sp', offset: 0 }, stackBases: ['sp'] },
    linux: {
      machine: 'toy',
      syscallNumber: 'r0',
      syscallArguments: [],
      syscallResult: 'r0',
      syscalls: new Map(),
      hwcap: 0n,
      hwcap2: 0n,
      platform: 'toy',
    } as unknown as Guest['linux'],
    insnAlign: 4,
    ignoredTopBits: 0,
    translateBlock,
    describeTrap: () => ({ signal: 4, code: 1, text: 'end of code' }),
    initialRegisters: () => new Map(),
    rowName: () => undefined,
  };
}
