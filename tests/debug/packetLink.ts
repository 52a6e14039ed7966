import type { DebugLink } from '../../packages/core/src/index.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** A debugger that asks one packet after another, in the same thread. */
export class PacketLink implements DebugLink {
  private readonly packets: Uint8Array[] = [];
  private wake: (() => void) | undefined;
  private answered: ((reply: string) => void) | undefined;
  /** What `interrupted` tells. */
  interrupt = false;

  /** @returns the reply's payload */
  ask(packet: string): Promise<string> {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.packets.push(latin1(packet));
      this.wake?.();
    });
  }

  async receive(): Promise<Uint8Array | undefined> {
    while (this.packets.length === 0) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.packets.shift();
  }

  send(payload: Uint8Array): void {
    this.answered?.(Buffer.from(payload).toString('latin1'));
  }

  interrupted(): boolean {
    return this.interrupt;
  }
}

/** A number as packets have it. */
export const hex = (n: number): string => n.toString(16);

/** The pc that a stop reply tells. */
export const pcIn = (reply: string): number => Number(Buffer.from(/20:([0-9a-f]{16});/.exec(reply)?.[1] ?? '', 'hex').readBigUInt64LE());

/** Why it stopped, and at what. */
export const reasonOf = (reply: string): string => reply.slice(0, reply.indexOf('thread:'));

/** The thread that stopped. */
export const threadIn = (reply: string): string | undefined => /thread:([p0-9a-f.]+);/.exec(reply)?.[1];
