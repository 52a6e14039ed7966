import { describe, expect, it } from 'vitest';
import { UserError } from '../../base/index.ts';
import { createAArch64 } from '../../guest/index.ts';
import { type ByteString, byteString, bytesOf } from '../../linux/index.ts';
import type { Breakpoint, DebugHistory, DebugTarget, StopEvent, ThreadId } from '../target.ts';
import { type DebugLink, GdbServer } from './server.ts';

const THREAD: ThreadId = { pid: 10, tid: 10 };
const START = 0x1000;
const LAST = 9;

/** Ten moments of a program without branches, step n being at START + 4 * n; step 6 wrote to 0x2000. */
class Recorded implements DebugTarget {
  readonly guest = createAArch64();
  readonly current = THREAD;
  step = 0;
  readonly breakpoints: Breakpoint[] = [];
  readonly history: DebugHistory = {
    reverseStep: async () => this.move(-1, () => true),
    reverseContinue: async () => this.move(-1, () => false),
    goTo: async (step) => {
      if (step > LAST) throw new UserError(`there is no step ${step}: the last is ${LAST}`);
      this.step = step;
    },
    findWrite: async (_pid, address) => {
      if (address !== 0x2000 || this.step <= 6) return undefined;
      this.step = 6;
      return 6;
    },
  };

  private get pc(): number {
    return START + 4 * this.step;
  }

  private async move(by: number, isEnough: () => boolean): Promise<StopEvent> {
    do {
      if (this.step + by < 0 || this.step + by > LAST) return { kind: 'history', thread: THREAD, end: by < 0 ? 'begin' : 'end' };
      this.step += by;
      if (this.breakpoints.some(({ kind, address }) => kind === 'code' && address === this.pc)) return { kind: 'breakpoint', thread: THREAD };
    } while (!isEnough());
    return { kind: 'stepped', thread: THREAD };
  }

  threads = () => [{ ...THREAD, name: 'it', state: '' }];
  registers = () => ({ get: (number: number) => (number === 32 ? BigInt(this.pc) : 0n), set: () => true });
  readMemory = () => new Uint8Array();
  writeMemory = () => false;
  insertBreakpoint(_pid: number, breakpoint: Breakpoint): boolean {
    return this.breakpoints.push(breakpoint) > 0;
  }
  removeBreakpoint(): void {
    this.breakpoints.length = 0;
  }
  resume: DebugTarget['resume'] = (request) => this.move(1, () => request.actionOf(THREAD)?.kind === 'step');
  detach(): void {}
  kill(): void {}
  want(): void {}
  executable = () => '/it' as ByteString;
  auxiliaryVector = () => new Uint8Array();
  signalInfo = () => undefined;
}

/** What a server answers to packets, one after the other. */
async function replies(target: DebugTarget, ...packets: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  const waiting = [...packets];
  const link: DebugLink = {
    receive: async () => {
      const next = waiting.shift();
      return next === undefined ? undefined : bytesOf(next as ByteString);
    },
    send: (payload) => answers.push(byteString(payload)),
    interrupted: () => false,
  };
  expect(await new GdbServer(target, link).serve()).toBe('gone');
  return answers;
}

const hex = (text: string): string => Buffer.from(text).toString('hex');
const text = (reply: string): string => Buffer.from(reply, 'hex').toString();
/** The pc in a stop reply. */
const pcIn = (reply: string): number => Number(`0x${/20:(..)(..)/.exec(reply)?.slice(1, 3).reverse().join('')}`);

describe('a recording', () => {
  it('goes backwards, to breakpoints and to its beginning', async () => {
    const [supported, ...stops] = await replies(
      new Recorded(),
      'qSupported:swbreak+',
      'vCont;s:a',
      'vCont;s:a',
      'bs',
      'vCont;c',
      'Z0,1010,4',
      'bc',
      'bc',
      'vCont;s',
    );
    expect(supported).toMatch(/;ReverseStep\+;ReverseContinue\+$/);
    expect(stops.filter((each) => each !== 'OK').map((each) => [each.slice(0, each.indexOf('thread')), pcIn(each)])).toEqual([
      ['T05', 0x1004],
      ['T05', 0x1008],
      ['T05', 0x1004],
      ['T05replaylog:end;', 0x1024],
      ['T05swbreak:;', 0x1010],
      ['T05replaylog:begin;', 0x1000],
      ['T05', 0x1004],
    ]);
  });

  it('has commands of its own', async () => {
    const target = new Recorded();
    const commands = ['help', 'goto 9', 'when', 'find-write 0x2000', 'find-write 0x2000', 'goto 10', 'goto x'];
    const [help, ...rest] = (await replies(target, ...commands.map((each) => `qRcmd,${hex(each)}`))).map(text);
    for (const name of ['when', 'goto STEP', 'find-write ADDRESS', 'help']) expect(help).toContain(`monitor ${name} `);
    expect(rest.map((each) => each.split('\n')[0])).toEqual([
      'step 9',
      'step 9',
      'step 6',
      'nothing wrote 0x2000 before step 6',
      'there is no step 10: the last is 9',
      "'x' is no number from 0 to 2^53 - 1",
    ]);
  });
});

describe('packets that make no sense', () => {
  it.each([
    ['m', 'E0e'],
    ['mzz,4', 'E0e'],
    ['m1000,4', 'E0e'],
    ['M1000,1:00', 'E0e'],
    ['M1000,1:0', 'E0e'],
    ['pff', 'E16'],
    ['P0=00', 'E16'],
    ['Gxx', 'E16'],
    ['Hgzz', 'E16'],
    ['Hg99', 'E03'],
    ['T99', 'E03'],
    ['Z9,0,4', ''],
    ['Z0,zz,4', 'E0e'],
    ['vCont;x', 'E16'],
    ['vKill;99', 'E03'],
    ['D;99', 'E03'],
    ['qXfer:features:read:nothing.xml:0,100', 'E00'],
    ['qXfer:nothing:read::0,100', 'E00'],
    ['qXfer:siginfo:read::0,100', 'E00'],
    ['qXfer:', ''],
    ['vFile:open:2f,0,0', ''],
    ['qRcmd,0', 'E16'],
    ['!', ''],
    ['vMustReplyEmpty', ''],
  ])('%s is answered by %s', async (packet, reply) => {
    expect(await replies(new Recorded(), packet)).toEqual([reply]);
  });
});

it('names threads with and without processes', async () => {
  const answers = await replies(
    new Recorded(),
    'qC',
    'qfThreadInfo',
    'qsThreadInfo',
    'qSupported:multiprocess+',
    'qC',
    'Hgp0.0',
    'Hgpa.-1',
    'Tpa.a',
    'qThreadExtraInfo,pa.a',
  );
  expect(answers.map((each) => (each.includes('PacketSize') ? '' : each))).toEqual(['QCa', 'ma', 'l', '', 'QCpa.a', 'OK', 'OK', 'OK', hex('it')]);
});
