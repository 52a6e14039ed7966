import { type BlockInfo, CpuState, createAArch64, createLinearMemory, type MachineHooks } from '@everystep/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Disassemble, loadDisassembler } from '../disassembly/disassembler.ts';
import { parseAddressRanges, parseLogItems } from '../options/index.ts';
import { blockLogHooks } from './blockLog.ts';

// The texts are those of qemu-aarch64 7.2 -cpu cortex-a57 for the same code, except the host address in the Trace lines.

const guest = createAArch64();
const cpu = new CpuState(guest.state, createLinearMemory(1, false));
const block: BlockInfo = {
  id: 2,
  pc: 0x4000d8,
  insns: 3,
  bytes: 12,
  words: Uint32Array.of(0x91000673, 0xf1000e7f, 0x54ffffc1),
};
const undefinedInsn: BlockInfo = { id: 3, pc: 0x4000d8, insns: 1, bytes: 4, words: Uint32Array.of(0xdeadbeef) };

let disassemble: Disassemble;
beforeAll(async () => {
  disassemble = await loadDisassembler();
});

function log(items: string, use: (hooks: MachineHooks) => void, filter?: string, oneInsnPerBlock = false, name = ''): string {
  let text = '';
  const hooks = blockLogHooks({
    guest,
    items: parseLogItems(items),
    ranges: filter === undefined ? undefined : parseAddressRanges(filter),
    oneInsnPerBlock,
    write: (line) => {
      text += line;
    },
    nameAt: () => name,
    cpu: () => cpu,
    disassemble,
  });
  use(hooks);
  return text;
}

describe('in_asm', () => {
  it('lists the block', () => {
    expect(log('in_asm', (hooks) => hooks.translated?.(block))).toBe(`----------------
IN: 
0x004000d8:  91000673  add      x19, x19, #1
0x004000dc:  f1000e7f  cmp      x19, #3
0x004000e0:  54ffffc1  b.ne     #0x4000d8

`);
  });

  it('names the function, and shows what is no instruction', () => {
    expect(log('in_asm', (hooks) => hooks.translated?.(undefinedInsn), undefined, false, 'main')).toBe(`----------------
IN: main
0x004000d8:  deadbeef  .byte    0xef, 0xbe, 0xad, 0xde

`);
  });

  it('shows nothing of a block that could not be fetched', () => {
    const nothing = { ...block, insns: 0, words: new Uint32Array(0) };
    expect(log('in_asm', (hooks) => hooks.translated?.(nothing))).toBe('');
    expect(log('exec,cpu', (hooks) => hooks.entered?.(nothing))).toBe('');
  });
});

describe('exec and cpu', () => {
  it('writes one line a block, with a blank before an empty name', () => {
    expect(log('exec,nochain', (hooks) => hooks.entered?.(block))).toBe('Trace 0: 0x7f0000000200 [0000000000001001/00000000004000d8/00000001/00000200] \n');
    expect(log('exec', (hooks) => hooks.entered?.(block), undefined, false, 'main')).toMatch(/\/00000001\/00000000\] main\n$/);
    expect(log('exec,nochain', (hooks) => hooks.entered?.(block), undefined, true)).toMatch(/\/00000201\] \n$/);
  });

  it('dumps the registers', () => {
    cpu.clear();
    cpu.setByName('x19', 1n);
    cpu.setByName('x30', 2n ** 64n - 1n);
    cpu.setByName('sp', 0x55_0080_0860n);
    cpu.nzcv = 8;
    cpu.setByName('fpcr', 0x03000000n);
    cpu.setByName('fpsr', 0x10n);
    cpu.setByName('v1', (0x1122334455667788n << 64n) | 0x99aabbccddeeff00n);
    const dump = log('cpu', (hooks) => hooks.entered?.(block));
    expect(dump).toBe(` PC=00000000004000d8 X00=0000000000000000 X01=0000000000000000
X02=0000000000000000 X03=0000000000000000 X04=0000000000000000
X05=0000000000000000 X06=0000000000000000 X07=0000000000000000
X08=0000000000000000 X09=0000000000000000 X10=0000000000000000
X11=0000000000000000 X12=0000000000000000 X13=0000000000000000
X14=0000000000000000 X15=0000000000000000 X16=0000000000000000
X17=0000000000000000 X18=0000000000000000 X19=0000000000000001
X20=0000000000000000 X21=0000000000000000 X22=0000000000000000
X23=0000000000000000 X24=0000000000000000 X25=0000000000000000
X26=0000000000000000 X27=0000000000000000 X28=0000000000000000
X29=0000000000000000 X30=ffffffffffffffff  SP=0000005500800860
PSTATE=80000000 N--- EL0t
`);
    const lines = log('cpu,fpu', (hooks) => hooks.entered?.(block)).split('\n');
    expect(lines[11]).toBe('PSTATE=80000000 N--- EL0t     FPCR=03000000 FPSR=00000010');
    expect(lines[12]).toBe('Q00=0000000000000000:0000000000000000 Q01=1122334455667788:99aabbccddeeff00');
    expect(lines[27]).toBe('Q30=0000000000000000:0000000000000000 Q31=0000000000000000:0000000000000000');
    expect(lines.length).toBe(29);
  });
});

it('-dfilter chooses blocks by their first address', () => {
  const all = (filter: string) =>
    log(
      'in_asm,exec,cpu',
      (hooks) => {
        hooks.translated?.(block);
        hooks.entered?.(block);
      },
      filter,
    );
  expect(all('0x4000d8+1')).toContain('Trace 0');
  expect(all('0x4000dc+8')).toBe('');
  expect(all('0..1,0x400000..0x4000d8')).toContain('IN: ');
});

it('asks the machine for nothing that is not wanted', () => {
  expect(
    Object.keys(
      blockLogHooks({
        guest,
        items: parseLogItems('strace,page,unimp'),
        ranges: undefined,
        oneInsnPerBlock: false,
        write: () => undefined,
        nameAt: () => '',
        cpu: () => cpu,
        disassemble,
      }),
    ),
  ).toEqual([]);
});
