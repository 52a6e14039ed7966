import { assert, type CpuState, type Guest, type Register } from '@everystep/core';

/** Text of the CPU state for `-d cpu`. @param fpu with floating-point and vector registers (`-d fpu`) */
export type CpuDump = (cpu: CpuState, pc: number, fpu: boolean) => string;

const hex = (value: bigint, digits: number): string => value.toString(16).padStart(digits, '0');
const two = (n: number): string => String(n).padStart(2, '0');

/** The dump of a guest's CPU in QEMU's format. */
export function cpuDump(guest: Guest): CpuDump {
  assert(guest.name === 'aarch64', `no CPU dump for ${guest.name}`);
  return aarch64Dump(guest);
}

/** As QEMU 7.2 prints a CPU without SVE, SME and BTI (cortex-a57). */
function aarch64Dump(guest: Guest): CpuDump {
  const get = (name: string): Register => guest.state.get(name);
  const x = Array.from({ length: 31 }, (_, i) => get(`x${i}`));
  const v = Array.from({ length: 32 }, (_, i) => get(`v${i}`));
  const [sp, fpcr, fpsr] = [get('sp'), get('fpcr'), get('fpsr')];

  return (cpu, pc, fpu) => {
    let text = ` PC=${hex(BigInt(pc), 16)} `;
    for (let i = 0; i < 31; i++) text += `X${two(i)}=${hex(cpu.get(x[i]), 16)}${i % 3 === 1 ? '\n' : ' '}`;
    const { nzcv } = cpu;
    const flags = `${nzcv & 8 ? 'N' : '-'}${nzcv & 4 ? 'Z' : '-'}${nzcv & 2 ? 'C' : '-'}${nzcv & 1 ? 'V' : '-'}`;
    text += ` SP=${hex(cpu.get(sp), 16)}\nPSTATE=${nzcv.toString(16)}0000000 ${flags} EL0t`;
    if (!fpu) return `${text}\n`;
    text += `     FPCR=${hex(cpu.get(fpcr), 8)} FPSR=${hex(cpu.get(fpsr), 8)}\n`;
    for (let i = 0; i < 32; i++) {
      const q = hex(cpu.get(v[i]), 32);
      text += `Q${two(i)}=${q.slice(0, 16)}:${q.slice(16)}${i % 2 === 0 ? ' ' : '\n'}`;
    }
    return text;
  };
}
