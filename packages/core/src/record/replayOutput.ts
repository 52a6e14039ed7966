import type { Machine } from '../engine/index.ts';
import type { Replayer, ReplayObserver } from './replayer.ts';

/** Calls that write from memory: as one piece, or as pieces of which there is a list. Arguments: descriptor, address, length or number of pieces. */
const FROM_MEMORY: ReadonlyMap<string, 'piece' | 'pieces'> = new Map([
  ['write', 'piece'],
  ['pwrite64', 'piece'],
  ['writev', 'pieces'],
  ['pwritev', 'pieces'],
  ['pwritev2', 'pieces'],
]);

function kindOfCall({ cpu, guest }: Machine): 'piece' | 'pieces' | undefined {
  const number = Number(cpu.getByName(guest.linux.syscallNumber) & 0xffff_ffffn);
  return FROM_MEMORY.get(guest.linux.syscalls.get(number) ?? '');
}

/** Whether what the present thread's call writes stands in memory, where a replay finds it. Before the call's registers have changed. */
export const writesFromMemory = (machine: Machine): boolean => kindOfCall(machine) !== undefined;

/** What a replay's calls write to standard output and error: out of the guest's memory, or, where it never was there, of the journal. */
export class ReplayOutput implements ReplayObserver {
  /** @param write takes the stream, 1 or 2, and what is written to it */
  constructor(
    private readonly replayer: Replayer,
    private readonly write: (stream: number, bytes: Uint8Array) => void,
  ) {}

  output(stream: number, bytes: number, data: Uint8Array | undefined): void {
    if (data !== undefined) return this.write(stream, data);
    const { machine } = this.replayer;
    const { space, cpu, guest } = machine;
    const [address, count] = [1, 2].map((i) => Number(cpu.getByName(guest.linux.syscallArguments[i])));
    if (kindOfCall(machine) === 'piece') return this.piece(stream, address, bytes);
    let left = bytes;
    for (let i = 0; i < count && left > 0; i++) {
      const vector = space.kernelRead(address + i * 16, 16);
      if (vector === undefined) return;
      const view = new DataView(vector.buffer, vector.byteOffset);
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
