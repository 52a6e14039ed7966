import { definePlugin, UserError } from '@everystep/core';
import { hex } from './text.ts';

/** Bytes that tell where an emulator is: address of a block and number of instructions before it, 64 bits each. */
const STATE_BYTES = 16;
/** Blocks that are told at once, before the other's are looked at. */
const MOST_STATES = 4096;
/** Blocks that are shown where the two part. */
const SHOWN = 5;

interface BlockInfo {
  readonly pc: number;
  readonly insns: number;
}

/**
 * QEMU's contrib/plugins/lockstep.c: two emulators tell each other which blocks they run, and say where they part. It speaks
 * QEMU's protocol.
 */
export const lockstep = definePlugin({
  apiVersion: 1,
  name: 'lockstep',
  description: 'compare the blocks that two emulators run',
  options: [
    { name: 'sockpath', value: 'path', help: 'the Unix socket at which they meet: who comes first waits for the other' },
    { name: 'verbose', value: 'on|off', help: 'log each difference' },
  ],
  install(api, args) {
    const path = args.text('sockpath');
    if (path === undefined) throw new UserError('plugin lockstep: give sockpath=PATH, the same to both emulators');
    const isVerbose = args.flag('verbose');
    const socket = api.meet(path);
    api.output(`${socket.isFirst ? 'setup' : 'connect'}_socket::ready\n`);
    const blocks: BlockInfo[] = [];
    const ours = new BigUint64Array((MOST_STATES * STATE_BYTES) / 8);
    const theirs = new BigUint64Array(ours.length);
    /** The last ones, by number modulo their count, and the instructions that had run behind each. */
    const recent: BlockInfo[] = [];
    const recentCounts = new Float64Array(SHOWN);
    let blockCount = 0;
    let insnCount = 0;
    let differences = 0;
    /** Of the last difference: after how many blocks, and how many after the one before. */
    let last: { readonly at: number; readonly distance: number } | undefined;
    let isOver = false;

    api.onBlock((block) => {
      const tag = blocks.push({ pc: block.pc, insns: block.insns.length }) - 1;
      block.insns[0].record({ exec: true, tag });
    });

    const giveUp = (why: string): void => {
      isOver = true;
      api.output(why);
    };
    const wide = (pc: bigint): string => hex(pc, 16);
    /** The other is elsewhere. */
    const differ = (at: number): void => {
      const distance = last === undefined ? 0 : blockCount - last.at;
      const isLost = distance === 1 && last?.distance === 1;
      last = { at: blockCount, distance };
      differences++;
      const [here, there] = [ours[2 * at], theirs[2 * at]];
      if (isVerbose || distance === 1) api.output(`@ ${wide(here)} vs ${wide(there)} (${differences}/${distance} since last)\n`);
      if (!isLost) return;
      api.output(`Δ insn_count @ ${wide(here)} (${ours[2 * at + 1]}) vs ${wide(there)} (${theirs[2 * at + 1]})\n`);
      for (let number = blockCount - 1; number >= Math.max(blockCount - SHOWN, 1); number--) {
        const { pc, insns } = recent[number % SHOWN];
        api.output(`  previously @ ${wide(BigInt(pc))}/${insns} (${recentCounts[number % SHOWN]} insns)\n`);
      }
      giveUp('too much divergence... giving up.\n');
    };
    /** Tells of blocks, and looks at as many of the other's. */
    const exchange = (states: readonly BlockInfo[]): void => {
      let count = insnCount;
      states.forEach(({ pc, insns }, i) => {
        ours[2 * i] = BigInt(pc);
        ours[2 * i + 1] = BigInt(count);
        count += insns;
      });
      const bytes = states.length * STATE_BYTES;
      if (!socket.write(new Uint8Array(ours.buffer, 0, bytes))) return giveUp('wrote less than expected to socket\n');
      if (!socket.read(new Uint8Array(theirs.buffer, 0, bytes))) return giveUp('read less than expected\n');
      for (const [i, block] of states.entries()) {
        if (ours[2 * i] !== theirs[2 * i]) differ(i);
        if (isOver) return;
        insnCount += block.insns;
        recent[blockCount % SHOWN] = block;
        recentCounts[blockCount % SHOWN] = insnCount;
        blockCount++;
      }
    };
    api.onBatch((batch) => {
      for (let from = 0; from < batch.length && !isOver; from += MOST_STATES) {
        exchange(Array.from({ length: Math.min(MOST_STATES, batch.length - from) }, (_, i) => blocks[batch.tag(from + i)]));
      }
    });
    api.atExit(() => {
      if (!isOver) api.output(`No divergence :-)\nExecuted ${blockCount}/${blockCount} blocks\nExecuted ~${insnCount} instructions\n`);
    });
  },
});
