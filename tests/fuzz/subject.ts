import { AssertionError } from '../../packages/core/src/base/index.ts';
import { type Machine, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../packages/core/src/engine/index.ts';
import type { Register } from '../../packages/core/src/ir/index.ts';
import { createCpuRandom, drawPointerKeys } from '../../packages/core/src/linux/cpuRandom.ts';
import { QEMU_SEED } from './qemu.ts';
import { BRK, CODE, DIT, MEMORY_WINDOWS, NZCV, READ_ONLY, SCRATCH, SSBS, type TestRecord } from './record.ts';

/** More instructions than any test executes: one that runs longer is caught in a loop. */
const MOST_STEPS = 1000;

/** The largest number that is a pc: 2^64 - 1 itself is rounded to one that is none. */
export const LAST_PC = 2 ** 64 - 2048;

/** What an outcome says of a test that did not end. */
const SIGALRM = 14;

/** Runs tests on a machine of ours, as runner.c does on QEMU. */
export class Subject {
  private readonly x: Register[];
  private readonly v: Register[];
  private readonly sp: Register;
  private readonly fpcr: Register;
  private readonly fpsr: Register;
  private readonly tpidr: Register;
  private readonly monitor: Register;
  private readonly dit: Register;
  private readonly ssbs: Register;
  /** The code in guest memory, which stays there while the tests have the same. */
  private pc = CODE.start;
  private words = new Uint32Array(0);

  constructor(private readonly machine: Machine) {
    const state = machine.guest.state;
    this.x = Array.from({ length: 31 }, (_, i) => state.get(`x${i}`));
    this.v = Array.from({ length: 32 }, (_, i) => state.get(`v${i}`));
    this.sp = state.get('sp');
    this.fpcr = state.get('fpcr');
    this.fpsr = state.get('fpsr');
    this.tpidr = state.get('tpidr_el0');
    this.monitor = state.get('exclusiveAddress');
    this.dit = state.get('dit');
    this.ssbs = state.get('ssbs');
    this.drawKeys();
    machine.space.map(CODE.start, CODE.bytes, PROT_READ | PROT_WRITE | PROT_EXEC);
    machine.space.map(SCRATCH.start, SCRATCH.bytes, PROT_READ | PROT_WRITE);
    machine.space.map(READ_ONLY.start, READ_ONLY.bytes, PROT_READ);
    machine.space.pokeBytes(CODE.start, new Uint8Array(new Uint32Array(CODE.bytes / 4).fill(BRK).buffer));
  }

  /** Runs `test` and fills in `outcome`. @returns what went wrong if that was not the guest's doing */
  run(test: TestRecord, outcome: TestRecord): string | undefined {
    const { machine } = this;
    const { cpu, space } = machine;
    const words = test.words;
    const pc = Number(test.get('pc'));
    for (let i = 0; i < 31; i++) cpu.set(this.x[i], test.get('x', i));
    for (let i = 0; i < 32; i++) cpu.set(this.v[i], test.get('v', 2 * i) | (test.get('v', 2 * i + 1) << 64n));
    cpu.set(this.sp, test.get('sp'));
    cpu.set(this.fpcr, test.get('fpcr'));
    cpu.set(this.fpsr, test.get('fpsr'));
    cpu.set(this.tpidr, test.get('tpidr'));
    cpu.set(this.monitor, -1n);
    const pstate = test.get('pstate');
    cpu.nzcv = Number((pstate & NZCV) >> 28n);
    cpu.set(this.dit, pstate & DIT);
    cpu.set(this.ssbs, pstate & SSBS);
    MEMORY_WINDOWS.forEach((window, i) => {
      space.pokeBytes(window.start, test.window(i));
    });
    this.load(pc, words);
    machine.pc = pc;
    try {
      const event = machine.run(machine.steps + MOST_STEPS);
      if (event.kind === 'budget') {
        outcome.set('signal', SIGALRM);
        return undefined;
      }
      if (event.kind !== 'fault') return `ended with ${event.kind} at pc 0x${machine.pc.toString(16)}`;
      outcome.set('signal', event.signal);
      outcome.set('code', event.code);
      outcome.set('address', BigInt.asUintN(64, event.address));
      outcome.set('pc', Math.min(event.pc, LAST_PC));
      if (machine.pc !== event.pc) return `machine.pc 0x${machine.pc.toString(16)} is not the fault's 0x${event.pc.toString(16)}`;
    } catch (error) {
      return error instanceof AssertionError ? `assertion failed: ${error.stack}` : error instanceof Error ? String(error.stack) : String(error);
    }
    for (let i = 0; i < 31; i++) outcome.set('x', cpu.get(this.x[i]), i);
    for (let i = 0; i < 32; i++) {
      const value = cpu.get(this.v[i]);
      outcome.set('v', BigInt.asUintN(64, value), 2 * i);
      outcome.set('v', value >> 64n, 2 * i + 1);
    }
    outcome.set('sp', cpu.get(this.sp));
    outcome.set('fpcr', cpu.get(this.fpcr));
    outcome.set('fpsr', cpu.get(this.fpsr));
    outcome.set('tpidr', cpu.get(this.tpidr));
    outcome.set('pstate', (BigInt(cpu.nzcv) << 28n) | (cpu.get(this.dit) & DIT) | (cpu.get(this.ssbs) & SSBS));
    MEMORY_WINDOWS.forEach((window, i) => {
      const data = space.kernelRead(window.start, window.bytes);
      if (data !== undefined) outcome.window(i).set(data);
    });
    return undefined;
  }

  /** The keys that QEMU draws at its start, behind the 16 bytes of AT_RANDOM. */
  private drawKeys(): void {
    const random = createCpuRandom(QEMU_SEED);
    random(new Uint8Array(16));
    drawPointerKeys(this.machine.cpu, this.machine.guest.linux.pointerKeys, random);
  }

  private load(pc: number, words: Uint32Array): void {
    if (pc === this.pc && words.length === this.words.length && words.every((word, i) => word === this.words[i])) return;
    const { space } = this.machine;
    space.pokeBytes(this.pc, new Uint8Array(new Uint32Array(this.words.length).fill(BRK).buffer));
    this.pc = pc;
    this.words = words.slice();
    space.pokeBytes(pc, new Uint8Array(this.words.slice().buffer));
  }
}
