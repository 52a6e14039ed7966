import type { Replayer, ReplayObserver } from '@everystep/core';

/** What a replay's calls write to standard output and error, taken from the guest's memory, where they are write or writev. */
export class ReplayOutput implements ReplayObserver {
  private name: string | undefined;
  private args: readonly bigint[] = [];

  constructor(
    private readonly replayer: Replayer,
    private readonly write: (stream: number, bytes: Uint8Array) => void,
  ) {}

  enterCall(number: number): void {
    const { cpu, guest } = this.replayer.machine;
    this.name = guest.linux.syscalls.get(number);
    this.args = guest.linux.syscallArguments.map((register) => cpu.getByName(register));
  }

  output(stream: number, bytes: number): void {
    const { space } = this.replayer.machine;
    const [, address, count] = this.args.map(Number);
    if (this.name === 'write') return this.piece(stream, address, bytes);
    if (this.name !== 'writev') return;
    let left = bytes;
    for (let i = 0; i < count && left > 0; i++) {
      const vector = space.kernelRead(address + i * 16, 16);
      if (vector === undefined) return;
      const view = new DataView(vector.buffer);
      const length = Math.min(left, Number(view.getBigUint64(8, true)));
      this.piece(stream, Number(view.getBigUint64(0, true)), length);
      left -= length;
    }
  }

  private piece(stream: number, address: number, length: number): void {
    const bytes = this.replayer.machine.space.kernelRead(address, length);
    if (bytes !== undefined) this.write(stream, bytes);
  }
}
