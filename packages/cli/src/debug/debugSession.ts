import { writeSync } from 'node:fs';
import { type DebugTarget, GdbServer, type LiveSurroundings, LiveTarget, type MachineHooks } from '@everystep/core';
import type { GuestRun } from '../guestRun.ts';
import type { DebugAddress } from '../options/debugAddress.ts';
import { GdbLink } from './gdbLink.ts';

/** Says on standard error how to connect. @param program as gdb is to be given it */
export function announce({ address }: GdbLink, program: string): void {
  writeSync(2, `everystep: waiting for gdb: gdb-multiarch -ex 'target remote ${address}' ${program}\n`);
}

/** Waits for a debugger and serves it, until it goes or the target is over. */
export async function serveDebugger(target: DebugTarget, link: GdbLink): Promise<void> {
  await link.connected();
  await new GdbServer(target, link).serve();
  link.close();
}

/** A live run's debugger. */
export class DebugSession {
  private target: LiveTarget | undefined;

  private constructor(private readonly link: GdbLink) {}

  /** Opens the socket. @throws UserError */
  static async open(at: DebugAddress): Promise<DebugSession> {
    return new DebugSession(await GdbLink.open(at));
  }

  /** Of the machine that is to be debugged. */
  readonly hooks: Required<Pick<MachineHooks, 'callback' | 'budget'>> = {
    callback: (number) => this.target?.hooks.callback(number) ?? false,
    budget: () => this.target?.hooks.budget(),
  };

  /** Says on standard error how to connect. @param program as the user named it */
  announce(program: string): void {
    announce(this.link, program);
  }

  /** Waits for a debugger, and lets it move the guest until it goes or the guest has ended. Then the guest can run on. */
  async serve({ kernel }: GuestRun, surroundings: LiveSurroundings): Promise<void> {
    this.target = new LiveTarget(kernel, surroundings);
    await serveDebugger(this.target, this.link);
    this.target.release();
    this.target = undefined;
  }
}
