import { Errno, LinuxError } from '../errno.ts';
import { StructWriter, words } from '../structs.ts';
import { address } from './arguments.ts';
import { processOf } from './processes.ts';
import { row, type SyscallRow } from './row.ts';

/** Versions of struct __user_cap_header_struct, and of how many pairs of words the sets consist then. */
const VERSIONS: ReadonlyMap<number, number> = new Map([
  [0x1998_0330, 1],
  [0x2007_1026, 2],
  [0x2008_0522, 2],
]);
const PREFERRED = 0x2008_0522;

const half = (set: bigint, i: number): number => Number((set >> BigInt(32 * i)) & 0xffff_ffffn);

export const capabilityRows: readonly SyscallRow[] = [
  row('capget', [address, address], (process, header, data) => {
    const view = process.view(header, 8);
    const sets = VERSIONS.get(view.getUint32(0, true));
    if (sets === undefined) {
      process.write(header, words(PREFERRED));
      if (data === 0) return 0;
      throw new LinuxError(Errno.EINVAL);
    }
    const pid = view.getInt32(4, true);
    if (pid < 0) throw new LinuxError(Errno.EINVAL);
    const { effective, permitted, inheritable } = processOf(process, pid).attributes.capabilities;
    if (data === 0) return 0;
    const out = new StructWriter(12 * sets);
    for (let i = 0; i < sets; i++) out.u32(half(effective, i)).u32(half(permitted, i)).u32(half(inheritable, i));
    process.write(data, out.bytes);
    return 0;
  }),

  row('capset', [address, address], (process, header, data) => {
    const view = process.view(header, 8);
    const sets = VERSIONS.get(view.getUint32(0, true));
    if (sets === undefined) {
      process.write(header, words(PREFERRED));
      throw new LinuxError(Errno.EINVAL);
    }
    const pid = view.getInt32(4, true);
    if (pid !== 0 && pid !== process.pid) throw new LinuxError(Errno.EPERM);
    const wish = process.view(data, 12 * sets);
    const set = (field: number): bigint => {
      let all = 0n;
      for (let i = 0; i < sets; i++) all |= BigInt(wish.getUint32(12 * i + 4 * field, true)) << BigInt(32 * i);
      return all;
    };
    const { permitted: held } = process.attributes.capabilities;
    const next = { effective: set(0), permitted: set(1), inheritable: set(2) };
    if ((next.permitted & ~held) !== 0n || (next.effective & ~next.permitted) !== 0n) throw new LinuxError(Errno.EPERM);
    process.attributes.capabilities = next;
    return 0;
  }),
];
