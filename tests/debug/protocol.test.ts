import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAArch64, createProcess, ElfFile, GdbServer, LiveTarget, MemoryHost, SymbolTable } from '../../packages/core/src/index.ts';
import { hex, PacketLink, pcIn, reasonOf } from './packetLink.ts';
import { builtPrograms } from './session.ts';

const program = builtPrograms();

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** A program in memory whose debugger is the test. */
class Session extends PacketLink {
  private readonly symbols: SymbolTable;
  output = '';
  readonly served: Promise<string>;

  /** @param input of the program; undefined: there is never any */
  constructor(path: string, input: string | undefined) {
    super();
    const bytes = new Uint8Array(readFileSync(path));
    this.symbols = new SymbolTable(new ElfFile(bytes, path), 0);
    const host = new MemoryHost({
      streams: {
        read: (into) => {
          into.set(latin1(input ?? ''));
          return input?.length ?? 0;
        },
        write: (_handle, data) => {
          this.output += Buffer.from(data).toString('latin1');
          return data.length;
        },
        readable: () => input?.length ?? 0,
      },
      realTime: () => BigInt(Date.now()) * 1_000_000n,
      monotonicTime: () => process.hrtime.bigint(),
      sleep: () => {},
      random: (into) => into.fill(1),
      identity: { uid: 1, effectiveUid: 1, gid: 1, effectiveGid: 1, groups: [] },
    });
    host.addFile('/program', bytes, 0o755);
    let target: LiveTarget | undefined;
    const { kernel } = createProcess({
      guest: createAArch64(),
      host,
      program: '/program',
      argv: ['program'],
      environment: [],
      options: { machine: { hooks: { callback: (n) => target?.hooks.callback(n) ?? false, budget: () => target?.hooks.budget() } } },
    });
    target = new LiveTarget(kernel, { until: (step) => step, turn: () => new Promise((resolve) => setImmediate(() => resolve(true))) });
    this.served = new GdbServer(target, this).serve();
  }

  address(name: string): number {
    const symbol = this.symbols.find(name);
    if (symbol === undefined) throw new Error(`${name} is nowhere`);
    return symbol.address;
  }
}

const start = (name: string, input?: string): Session => new Session(program(name), input);

const littleEndian = (value: bigint, bytes: number): string =>
  Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex')
    .reverse()
    .toString('hex');

async function readLong(session: Session, address: number): Promise<bigint> {
  return Buffer.from(await session.ask(`m${hex(address)},8`), 'hex').readBigInt64LE();
}

/** Runs up to a function. */
async function runTo(session: Session, name: string): Promise<string> {
  const at = session.address(name);
  await session.ask(`Z0,${hex(at)},4`);
  const reply = await session.ask('vCont;c');
  expect(pcIn(reply)).toBe(at);
  await session.ask(`z0,${hex(at)},4`);
  return reply;
}

describe('a live program', () => {
  it('tells what it can: no memory map, and nothing backwards', async () => {
    const session = start('values');
    const supported = await session.ask('qSupported:multiprocess+;swbreak+;hwbreak+;fork-events+;no-resumed+;xmlRegisters=i386');
    expect(supported.split(';')).toEqual(expect.arrayContaining(['QStartNoAckMode+', 'multiprocess+', 'swbreak+', 'fork-events+', 'qXfer:features:read+']));
    expect(supported).not.toMatch(/memory-map|Reverse|vfork-events/);
    expect(await session.ask('bs')).toBe('');
    expect(await session.ask('qXfer:features:read:target.xml:0,40')).toMatch(/^m<\?xml version="1.0"\?>/);
  });

  it('stops before a store that is watched, and not again when it is stepped', async () => {
    const session = start('values', 'abc');
    await session.ask('qSupported:swbreak+');
    await runTo(session, 'main');
    const pair = session.address('pair');
    await session.ask(`Z2,${hex(pair + 8)},8`);
    const stop = await session.ask('vCont;c');
    expect(reasonOf(stop)).toBe(`T05watch:${hex(pair + 8)};`);
    expect(await readLong(session, pair + 8)).toBe(2n);
    const step = await session.ask('vCont;s');
    expect(reasonOf(step)).toBe('T05');
    expect(pcIn(step)).toBe(pcIn(stop) + 4);
    expect(await readLong(session, pair + 8)).toBe(5n);
    expect(await session.ask('vCont;c')).toBe('W04');
    expect(await session.served).toBe('over');
    expect(session.output).toBe('sum 0000000000000004\n');
  });

  it.each([
    [3, 'rwatch'],
    [4, 'awatch'],
  ])('stops before a load for Z%i', async (type, name) => {
    const session = start('values');
    const at = session.address('pair');
    await session.ask(`Z${type},${hex(at + 7)},1`);
    expect(reasonOf(await session.ask('vCont;c'))).toBe(`T05${name}:${hex(at + 7)};`);
  });

  it('reads and writes registers and memory', async () => {
    const session = start('values');
    await runTo(session, 'add');
    const before = await session.ask('g');
    // 31 + 2 of 8 bytes, 1 of 4, 32 of 16, 2 of 4, 1 of 8
    expect(before.length).toBe(2 * (33 * 8 + 4 + 32 * 16 + 2 * 4 + 8));
    expect(await session.ask(`P9=${littleEndian(0xfedc_ba98_7654_3210n, 8)}`)).toBe('OK');
    expect(await session.ask(`P23=${littleEndian(1n << 127n, 16)}`)).toBe('OK');
    expect(await session.ask(`P21=${littleEndian(0xa000_0000n, 4)}`)).toBe('OK');
    expect([await session.ask('p9'), await session.ask('p23'), await session.ask('p21')]).toEqual([
      littleEndian(0xfedc_ba98_7654_3210n, 8),
      littleEndian(1n << 127n, 16),
      '000000a0',
    ]);
    expect(await session.ask(`G${before}`)).toBe('OK');
    expect(await session.ask('g')).toBe(before);
    const buffer = session.address('buffer');
    expect(await session.ask(`M${hex(buffer)},4:23242a7d`)).toBe('OK');
    expect(await session.ask(`X${hex(buffer + 4)},4:#$*}`)).toBe('OK');
    expect(await session.ask(`m${hex(buffer)},8`)).toBe('23242a7d23242a7d');
    // The address's tag is ignored, and what is behind the last page is left out.
    expect(await session.ask(`m${hex(2 ** 52 + buffer)},1`)).toBe('E0e');
    expect(await session.ask(`m55${hex(buffer).padStart(14, '0')},1`)).toBe('23');
    expect(await session.ask(`M${hex(session.address('main'))},4:00000000`)).toBe('OK');
    expect(await session.ask('m0,4')).toBe('E0e');
  });

  it('steps through a range, and stops at breakpoints in it', async () => {
    const session = start('values');
    const entry = pcIn(await runTo(session, 'fill'));
    expect(pcIn(await session.ask(`vCont;r${hex(entry)},${hex(entry + 12)}`))).toBe(entry + 12);
    await session.ask(`Z0,${hex(entry + 20)},4`);
    expect(pcIn(await session.ask(`vCont;r${hex(entry)},${hex(entry + 32)}`))).toBe(entry + 20);
  });

  it('goes on where it is told to', async () => {
    const session = start('values');
    const [add, main] = [session.address('add'), session.address('main')];
    await runTo(session, 'add');
    await session.ask(`Z0,${hex(main)},4`);
    await session.ask(`P20=${littleEndian(BigInt(main), 8)}`);
    expect(pcIn(await session.ask('vCont;c'))).toBe(main);
    await session.ask(`Z0,${hex(add)},4`);
    expect(pcIn(await session.ask('vCont;c'))).toBe(add);
  });

  it('can be interrupted while it runs, and while it waits', async () => {
    const spinning = start('spin');
    setTimeout(() => {
      spinning.interrupt = true;
    }, 30);
    expect(reasonOf(await spinning.ask('vCont;c'))).toBe('T02');
    spinning.interrupt = false;
    await spinning.ask(`M${hex(spinning.address('done'))},4:01000000`);
    expect(await spinning.ask('vCont;c')).toBe('W05');
    const waiting = start('values');
    setTimeout(() => {
      waiting.interrupt = true;
    }, 300);
    const stop = await waiting.ask('vCont;c');
    expect(reasonOf(stop)).toBe('T02');
    expect(Buffer.from(await waiting.ask(`qThreadExtraInfo,${/thread:(\w+)/.exec(stop)?.[1]}`), 'hex').toString()).toBe('program, waits in read');
    // gdb calls a function meanwhile; then the thread waits again.
    waiting.interrupt = false;
    const before = await waiting.ask('g');
    await waiting.ask(`P20=${littleEndian(BigInt(waiting.address('bump')), 8)}`);
    await waiting.ask(`P1e=${littleEndian(BigInt(waiting.address('main')), 8)}`);
    await waiting.ask(`Z0,${hex(waiting.address('main'))},4`);
    expect(pcIn(await waiting.ask('vCont;c'))).toBe(waiting.address('main'));
    await waiting.ask(`G${before}`);
    setTimeout(() => {
      waiting.interrupt = true;
    }, 100);
    expect(reasonOf(await waiting.ask('vCont;c'))).toBe('T02');
    expect(pcIn(await waiting.ask('?'))).toBe(pcIn(stop));
  });

  it('moves the threads that it is told to', async () => {
    const session = start('threads');
    await session.ask('qSupported:no-resumed+');
    const first = /thread:(\w+)/.exec(await session.ask('?'))?.[1];
    const second = /thread:(\w+)/.exec(await runTo(session, 'work'))?.[1];
    expect(second).not.toBe(first);
    expect((await session.ask('qfThreadInfo')).slice(1).split(',')).toHaveLength(3);
    expect(await session.ask(`T${second}`)).toBe('OK');
    // It waits for the others, who may not run.
    setTimeout(() => {
      session.interrupt = true;
    }, 100);
    const alone = await session.ask(`vCont;c:${second}`);
    expect(reasonOf(alone)).toBe('T02');
    session.interrupt = false;
    // Both add what they have, one after the other.
    const shared = session.address('shared');
    await session.ask(`Z2,${hex(shared)},4`);
    expect(reasonOf(await session.ask('vCont;c'))).toBe(`T05watch:${hex(shared)};`);
    await session.ask(`z2,${hex(shared)},4`);
    expect(reasonOf(await session.ask('vCont;c'))).toBe('T1e');
    // SIGUSR1, with gdb's number: handled.
    const [bus, usr] = ['0a', '1e'];
    expect(await session.ask('QPassSignals:0e;1e')).toBe('OK');
    expect(usr).not.toBe(bus);
    expect(await session.ask(`vCont;C${usr}`)).toBe('W00');
    expect(session.output).toBe('shared 2003\n');
  });

  it('tells of system calls before and after them', async () => {
    const session = start('values', 'abc');
    expect(await session.ask('QCatchSyscalls:1;40')).toBe('OK');
    const entry = await session.ask('vCont;c');
    expect(reasonOf(entry)).toBe('T05syscall_entry:40;');
    expect(session.output).toBe('');
    const left = await session.ask('vCont;c');
    expect(reasonOf(left)).toBe('T05syscall_return:40;');
    expect(pcIn(left)).toBe(pcIn(entry) + 4);
    expect(await session.ask('QCatchSyscalls:0')).toBe('OK');
    expect(await session.ask('vCont;c')).toBe('W04');
  });
});
