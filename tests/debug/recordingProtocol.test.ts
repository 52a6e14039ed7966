import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ByteString, ElfFile, GdbServer, RecordingTarget, SymbolTable } from '../../packages/core/src/index.ts';
import { keptParts, openJournal, openTimeline, type RecordedProgram, recordProgram, startProgram } from '../record/recordedProgram.ts';
import { hex, PacketLink, pcIn, reasonOf, threadIn } from './packetLink.ts';
import { builtPrograms } from './session.ts';

const program = builtPrograms();
const recorded = new Map<string, RecordedProgram>();

/** Without one, questions go through the run as far as they must. */
type Indexed = 'there' | 'not there' | 'made meanwhile';

/** A recorded program whose debugger is the test. */
class Session extends PacketLink {
  readonly target: RecordingTarget;
  private readonly symbols: SymbolTable;

  constructor(name: string, index: Indexed) {
    super();
    const path = program(name);
    const recording = recorded.get(name) ?? recordProgram(startProgram(path, name === 'values' ? [path, 'alone'] : [path]));
    recorded.set(name, recording);
    const bytes = new Uint8Array(readFileSync(path));
    this.symbols = new SymbolTable(new ElfFile(bytes, path), 0);
    let target: RecordingTarget | undefined;
    let asked = 0;
    const timeline = openTimeline(recording, {
      progress: () => target?.look(),
      // Short stretches.
      ...(index === 'there' ? {} : { firstStretch: 500, now: () => 0 }),
      ...(index === 'made meanwhile' ? { offered: () => (++asked > 5 ? keptParts(recording, [Math.floor(recording.steps / 2)]) : undefined) } : {}),
    });
    if (index === 'there') timeline.complete();
    target = new RecordingTarget(timeline, openJournal(recording.bytes), path as ByteString, () => bytes);
    this.target = target;
    void new GdbServer(target, this).serve();
  }

  address(name: string): number {
    return this.symbols.find(name)?.address ?? expect.fail(`${name} is nowhere`);
  }

  /** Goes on until the recording ends there. @returns where it stopped before, and why */
  async all(packet: string): Promise<string[]> {
    const stops: string[] = [];
    for (;;) {
      const reply = await this.ask(packet);
      if (reasonOf(reply).includes('replaylog')) return stops;
      stops.push(`${reasonOf(reply)} ${threadIn(reply)} ${hex(pcIn(reply))} ${this.target.step}`);
    }
  }
}

describe.each<Indexed>(['there', 'not there', 'made meanwhile'])('a recording whose index is %s', (index) => {
  it('goes back, and ends on both sides', async () => {
    const session = new Session('values', index);
    expect(await session.ask('qSupported:swbreak+')).toMatch(/ReverseStep\+;ReverseContinue\+/);
    const begin = await session.ask('bs');
    expect(reasonOf(begin)).toBe('T05replaylog:begin;');
    const end = await session.ask('vCont;c');
    expect(reasonOf(end)).toBe('T05replaylog:end;');
    expect([reasonOf(await session.ask('vCont;s')), pcIn(await session.ask('vCont;c'))]).toEqual(['T05replaylog:end;', pcIn(end)]);
    expect(pcIn(await session.ask('bs'))).toBe(pcIn(end) - 4);
    expect(pcIn(await session.ask('vCont;s'))).toBe(pcIn(end));
    expect(pcIn(await session.ask('bc'))).toBe(pcIn(begin));
  });

  it('has accesses that are watched before them, and behind them going backwards, each once', async () => {
    const session = new Session('values', index);
    const counter = session.address('counter');
    await session.ask(`Z2,${hex(counter)},4`);
    const before = await session.ask('vCont;c');
    expect(reasonOf(before)).toBe(`T05watch:${hex(counter)};`);
    expect(await session.ask(`m${hex(counter)},4`)).toBe('00000000');
    const stepped = await session.ask('vCont;s');
    expect([reasonOf(stepped), pcIn(stepped)]).toEqual(['T05', pcIn(before) + 4]);
    expect(await session.ask(`m${hex(counter)},4`)).toBe('01000000');
    expect(reasonOf(await session.ask('vCont;c'))).toBe('T05replaylog:end;');
    const behind = await session.ask('bc');
    expect([reasonOf(behind), pcIn(behind)]).toEqual([`T05watch:${hex(counter)};`, pcIn(before) + 4]);
    expect(await session.ask(`m${hex(counter)},4`)).toBe('01000000');
    const undone = await session.ask('bs');
    expect([reasonOf(undone), pcIn(undone)]).toEqual(['T05', pcIn(before)]);
    expect(await session.ask(`m${hex(counter)},4`)).toBe('00000000');
    expect(reasonOf(await session.ask('bc'))).toBe('T05replaylog:begin;');
    // A step that makes an access, or undoes one, does so when it has been told of.
    await session.ask(`z2,${hex(counter)},4`);
    await session.ask(`Z0,${hex(pcIn(before))},4`);
    await session.ask('vCont;c');
    await session.ask(`z0,${hex(pcIn(before))},4`);
    await session.ask(`Z2,${hex(counter)},4`);
    expect(reasonOf(await session.ask('vCont;s'))).toBe(`T05watch:${hex(counter)};`);
    expect(pcIn(await session.ask('vCont;s'))).toBe(pcIn(before) + 4);
    expect(reasonOf(await session.ask('bs'))).toBe(`T05watch:${hex(counter)};`);
    expect(pcIn(await session.ask('bs'))).toBe(pcIn(before));
  });

  it.each(['values', 'threads', 'processes'])('tells of the same stops of %s in both directions', async (name) => {
    const session = new Session(name, index);
    await session.ask('qSupported:multiprocess+;swbreak+');
    await session.ask('QCatchSyscalls:1');
    const variable = session.address(name === 'threads' ? 'shared' : name === 'values' ? 'global' : 'own');
    const main = session.address('main');
    await session.ask(`Z0,${hex(main)},4`);
    const forwards = await session.all('vCont;c');
    expect(forwards.some((stop) => stop.startsWith('T05swbreak:; '))).toBe(true);
    expect(forwards.filter((stop) => stop.includes('syscall_entry')).length).toBeGreaterThanOrEqual(
      forwards.filter((stop) => stop.includes('syscall_return')).length,
    );
    expect(await session.all('bc')).toEqual([...forwards].reverse());
    // Of accesses, both tell the same, at other places.
    await session.ask('QCatchSyscalls:0');
    await session.ask(`z0,${hex(main)},4`);
    await session.ask(`Z4,${hex(variable)},4`);
    const accesses = async (packet: string): Promise<string[]> =>
      (await session.all(packet)).map((stop) => stop.split(' ')[0]).filter((reason) => reason.includes('awatch'));
    const there = await accesses('vCont;c');
    expect(await accesses('bc')).toEqual(there);
    expect(await accesses('vCont;c')).toEqual(there);
  });

  it('tells of signals, with what is known of them', async () => {
    const session = new Session('threads', index);
    const first = await session.ask('vCont;c');
    expect(reasonOf(first)).toBe('T1e');
    const info = Buffer.from((await session.ask('qXfer:siginfo:read::0,80')).slice(1), 'latin1');
    expect([info.length, info.readInt32LE(0), info.readInt32LE(8)]).toEqual([128, 10, -6]);
    const handled = await session.ask('vCont;S1e');
    expect([reasonOf(handled), pcIn(handled)]).toEqual(['T05', session.address('handler')]);
    expect(await session.ask('qXfer:siginfo:read::0,80')).toBe('E00');
    const back = await session.ask('bs');
    expect(reasonOf(back)).toBe('T05');
    await session.ask('QPassSignals:1e');
    expect(reasonOf(await session.ask('vCont;c'))).toBe('T05replaylog:end;');
    await session.ask('QPassSignals:');
    expect(reasonOf(await session.ask('bc'))).toBe('T1e');
    expect(pcIn(await session.ask('bc'))).toBe(pcIn(first));
  });

  it('steps a thread that does not run, forwards and backwards', async () => {
    const session = new Session('threads', index);
    const work = session.address('work');
    await session.ask(`Z0,${hex(work)},4`);
    await session.ask('vCont;c');
    const second = threadIn(await session.ask('vCont;c'));
    await session.ask(`z0,${hex(work)},4`);
    const listed = (await session.ask('qfThreadInfo')).slice(1).split(',');
    expect(listed).toHaveLength(3);
    for (const thread of listed.filter((each) => each !== second)) {
      await session.ask(`Hg${thread}`);
      const before = await session.ask('p20');
      const forth = await session.ask(`vCont;s:${thread};c`);
      expect([reasonOf(forth), threadIn(forth)]).toEqual(['T05', thread]);
      await session.ask(`Hc${thread}`);
      const back = await session.ask('bs');
      expect(threadIn(back)).toBe(thread);
      // One that had called is before its call then.
      const pc = Buffer.from(before, 'hex').readBigUInt64LE();
      expect([pc, pc - 4n]).toContain(BigInt(pcIn(back)));
      await session.ask('Hc0');
    }
  });

  it('can be interrupted while it searches, and stays where it was', async () => {
    const session = new Session('values', index);
    await session.ask(`Z0,${hex(session.address('bump'))},4`);
    const at = pcIn(await session.ask('vCont;c'));
    await session.ask(`Z3,${hex(session.address('_start'))},4`);
    session.interrupt = true;
    for (const packet of ['vCont;c', 'bc']) {
      const reply = await session.ask(packet);
      expect([reasonOf(reply), pcIn(reply)]).toEqual(['T02', at]);
    }
    session.interrupt = false;
    expect(reasonOf(await session.ask('vCont;c'))).toBe('T05replaylog:end;');
  });

  it('cannot be changed', async () => {
    const session = new Session('values', index);
    expect(await session.ask('P0=0000000000000000')).toBe('E01');
    expect(await session.ask(`G${await session.ask('g')}`)).toBe('E01');
    expect(await session.ask(`M${hex(session.address('counter'))},4:01000000`)).toBe('E0e');
  });
});
