import type { ExpressionContext } from './expression.ts';
import type { RecordingView } from './recordingView.ts';
import { unsignedOf } from './values.ts';

const OTHER_NAMES: Readonly<Record<string, string>> = { fp: 'x29', lr: 'x30' };

/** What expressions find in a recording, at the moment where its timeline is. */
export function expressionContext(view: RecordingView): ExpressionContext {
  const { replayer } = view.timeline;
  const { machine } = replayer;
  const { cpu, guest } = machine;
  const { registers } = guest.state;
  const special: Readonly<Record<string, () => bigint>> = {
    pc: () => BigInt(machine.pc),
    nzcv: () => BigInt(cpu.nzcv) << 28n,
    step: () => BigInt(replayer.steps),
    pid: () => BigInt(replayer.pid),
    tid: () => BigInt(replayer.tid),
    xzr: () => 0n,
    wzr: () => 0n,
  };
  const untagged = (address: bigint): number => {
    const low = BigInt.asUintN(64 - guest.ignoredTopBits, address);
    return low < 1n << 52n ? Number(low) : -1;
  };
  return {
    register(name) {
      if (Object.hasOwn(special, name)) return special[name];
      const half = /^w[0-9]+$/.test(name) || name === 'wsp';
      const full = OTHER_NAMES[name] ?? (half ? name.replace(/^ws?/, (start) => (start === 'ws' ? 's' : 'x')) : name);
      const register = registers.find((each) => each.visible && each.name === full && each.type !== 'v128');
      if (register === undefined) return undefined;
      return half ? () => cpu.get(register) & 0xffff_ffffn : () => cpu.get(register);
    },
    symbol(name) {
      const [found] = view.symbols.find(name);
      return found && BigInt(found.address);
    },
    load(address, bytes) {
      const at = untagged(address);
      const read = at < 0 ? undefined : machine.space.peek(at, bytes);
      return read && unsignedOf(read);
    },
    string(address, most) {
      const at = untagged(address);
      if (at < 0) return undefined;
      // One that is longer ends there.
      const bytes = machine.space.kernelReadString(at, most) ?? machine.space.peek(at, most);
      return bytes && Buffer.from(bytes).toString('utf8');
    },
  };
}
