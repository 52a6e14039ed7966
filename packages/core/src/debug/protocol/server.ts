import { type ByteString, byteString, bytesOf, encodeText } from '../../linux/index.ts';
import type { Breakpoint, DebugTarget, DebugThread, DebugWishes, ResumeRequest, StopEvent, ThreadId } from '../target.ts';
import { fileRequest } from './fileRequests.ts';
import { bytesOfHex, hexOf, littleEndian, numberOfHex, ofLittleEndian, stringOfHex } from './hex.ts';
import { monitor } from './monitor.ts';
import { parseResume, resumeOne } from './resumeRequest.ts';
import { linuxSignal } from './signals.ts';
import { type DebuggerFeatures, stopReply } from './stopReply.ts';
import { describeTarget, type TargetDescription } from './targetDescription.ts';
import { matchesPattern, parsePattern, type ThreadPattern, threadText } from './threadIds.ts';
import { OBJECTS, readObject } from './transfers.ts';

/** The debugger's side of a session: packets' payloads, in both directions. */
export interface DebugLink {
  /** The next packet; undefined when the debugger has gone. */
  receive(): Promise<Uint8Array | undefined>;
  send(payload: Uint8Array): void;
  /** Whether ^C has come behind the packet that was received last, or the debugger has gone. Cheap. */
  interrupted(): boolean;
}

/** How a session ended: `gone` is a debugger that has closed its connection, `over` a target without processes. */
export type SessionEnd = 'detached' | 'killed' | 'gone' | 'over';

/** Most bytes of a packet. */
const PACKET_SIZE = 0x2_0000;
/** Most bytes of memory or files in one reply: each may need an escape. */
const PIECE = 0xf000;

/** Errors, by Linux's numbers: no such thread, bad address, invalid argument, no room. */
const ESRCH = 'E03';
const EPERM = 'E01';
const EFAULT = 'E0e';
const EINVAL = 'E16';
const ENOSPC = 'E1c';
const OK = 'OK';
/** The packet is not known. */
const UNKNOWN = '';

const KINDS: readonly Breakpoint['kind'][] = ['code', 'code', 'write', 'read', 'access'];

const NO_FEATURES: DebuggerFeatures = { multiprocess: false, swbreak: false, hwbreak: false, noResumed: false, forks: false, vforks: false, execs: false };

/** Answers a debugger's packets (gdb's manual, appendix E) for one target, in all-stop mode. */
export class GdbServer {
  private readonly description: TargetDescription;
  private features = NO_FEATURES;
  private wishes: DebugWishes = { passedSignals: new Set(), syscalls: undefined, forks: false, vforks: false, execs: false };
  /** The thread that commands are about (Hg), and the one that the packets c and s are about (Hc). */
  private general: ThreadPattern | undefined;
  private stepped: ThreadPattern | undefined;
  private lastStop: StopEvent | undefined;
  /** The process that the last stop was about the making of: gdb lists it itself, and takes badly to being told. */
  private newborn: number | undefined;
  private ended: SessionEnd | undefined;

  constructor(
    private readonly target: DebugTarget,
    private readonly link: DebugLink,
  ) {
    this.description = describeTarget(target.guest);
  }

  /** Answers until the session is over. The target stands still before and afterwards. */
  async serve(): Promise<SessionEnd> {
    for (;;) {
      const payload = await this.link.receive();
      if (payload === undefined) return 'gone';
      const reply = await this.answer(byteString(payload));
      if (reply !== undefined) this.link.send(bytesOf(reply as ByteString));
      if (this.ended !== undefined) return this.ended;
    }
  }

  /** @returns undefined for packets without an answer */
  private answer(packet: string): string | undefined | Promise<string> {
    const rest = packet.slice(1);
    switch (packet[0]) {
      case '?':
        return this.reasonForStop();
      case 'g':
        return this.withThread((thread) => this.readRegisters(thread));
      case 'G':
        return this.withThread((thread) => this.writeRegisters(thread, rest));
      case 'p':
        return this.withThread((thread) => this.readRegister(thread, rest));
      case 'P':
        return this.withThread((thread) => this.writeRegister(thread, rest));
      case 'm':
        return this.withThread((thread) => this.readMemory(thread, rest));
      case 'M':
        return this.withThread((thread) => this.writeMemory(thread, rest, bytesOfHex));
      case 'X':
        return this.withThread((thread) => this.writeMemory(thread, rest, (data) => bytesOf(data as ByteString)));
      case 'Z':
      case 'z':
        return this.withThread((thread) => this.breakpoint(thread, packet));
      case 'H':
        return this.select(rest);
      case 'T':
        return this.threadOf(rest) === undefined ? ESRCH : OK;
      case 'c':
      case 's':
      case 'C':
      case 'S':
        return this.resumeStepped(packet);
      case 'b':
        return this.reverse(rest);
      case 'D':
        return this.detach(rest);
      case 'k':
        this.killAll();
        return undefined;
      case 'q':
        return this.query(packet);
      case 'Q':
        return this.set(packet);
      case 'v':
        return this.verbose(packet);
      default:
        return UNKNOWN;
    }
  }

  // Threads

  private matching(pattern: ThreadPattern): ThreadId | undefined {
    return this.target.threads().find((thread) => matchesPattern(pattern, thread));
  }

  private threadOf(text: string): ThreadId | undefined {
    const pattern = parsePattern(text);
    return pattern === undefined ? undefined : this.matching(pattern);
  }

  /** The thread that commands are about. */
  private get thread(): ThreadId | undefined {
    return this.chosen(this.general);
  }

  /** Of several threads, the one that stopped last. */
  private chosen(pattern: ThreadPattern | undefined): ThreadId | undefined {
    const { current } = this.target;
    if (pattern === undefined) return current;
    return current !== undefined && matchesPattern(pattern, current) ? current : this.matching(pattern);
  }

  /** The thread that the packets c, s and bs are about: where none is named, that which commands are about. */
  private get steppedThread(): ThreadId | undefined {
    const { stepped } = this;
    return (typeof stepped?.tid === 'number' ? this.matching(stepped) : undefined) ?? this.thread ?? this.target.current;
  }

  private withThread(act: (thread: ThreadId) => string): string {
    const { thread } = this;
    return thread === undefined ? ESRCH : act(thread);
  }

  private select(text: string): string {
    const pattern = parsePattern(text.slice(1));
    if (pattern === undefined) return EINVAL;
    if (typeof pattern.tid === 'number' && this.matching(pattern) === undefined) return ESRCH;
    if (text[0] === 'g') this.general = pattern;
    else if (text[0] === 'c') this.stepped = pattern;
    else return UNKNOWN;
    return OK;
  }

  private nameOf(thread: ThreadId): string {
    return threadText(thread, this.features.multiprocess);
  }

  // Registers and memory

  private readRegisters(thread: ThreadId): string {
    const file = this.target.registers(thread);
    return this.description.registers.map(({ number, bytes }) => hexOf(littleEndian(file.get(number), bytes))).join('');
  }

  private writeRegisters(thread: ThreadId, text: string): string {
    const data = bytesOfHex(text);
    if (data === undefined) return EINVAL;
    const file = this.target.registers(thread);
    let at = 0;
    for (const { number, bytes } of this.description.registers) {
      if (at + bytes > data.length) break;
      if (!file.set(number, ofLittleEndian(data.subarray(at, at + bytes)))) return EPERM;
      at += bytes;
    }
    return OK;
  }

  private readRegister(thread: ThreadId, text: string): string {
    const register = this.description.registers[numberOfHex(text) ?? -1];
    return register === undefined ? EINVAL : hexOf(littleEndian(this.target.registers(thread).get(register.number), register.bytes));
  }

  private writeRegister(thread: ThreadId, text: string): string {
    const [numberText, valueText = ''] = text.split('=');
    const register = this.description.registers[numberOfHex(numberText) ?? -1];
    const value = bytesOfHex(valueText);
    if (register === undefined || value?.length !== register.bytes) return EINVAL;
    return this.target.registers(thread).set(register.number, ofLittleEndian(value)) ? OK : EPERM;
  }

  /** A guest address in hexadecimal digits, without the bits that the guest ignores. @returns undefined where nothing can be */
  private address(text: string): number | undefined {
    if (!/^[0-9a-f]{1,16}$/i.test(text)) return undefined;
    const address = BigInt.asUintN(64 - this.target.guest.ignoredTopBits, BigInt(`0x${text}`));
    return address <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(address) : undefined;
  }

  private readMemory({ pid }: ThreadId, text: string): string {
    const [addressText, lengthText] = text.split(',');
    const address = this.address(addressText);
    const length = numberOfHex(lengthText);
    if (address === undefined || length === undefined) return EFAULT;
    const data = this.target.readMemory(pid, address, Math.min(length, PIECE));
    return data.length === 0 && length > 0 ? EFAULT : hexOf(data);
  }

  private writeMemory({ pid }: ThreadId, text: string, decode: (data: string) => Uint8Array | undefined): string {
    const colon = text.indexOf(':');
    const address = this.address(text.slice(0, text.indexOf(',')));
    const data = decode(text.slice(colon + 1));
    if (address === undefined || data === undefined) return EFAULT;
    return data.length === 0 || this.target.writeMemory(pid, address, data) ? OK : EFAULT;
  }

  private breakpoint({ pid }: ThreadId, packet: string): string {
    const [type, addressText, lengthText] = packet.slice(1).split(';')[0].split(',');
    const kind = KINDS[Number(type)];
    const address = this.address(addressText);
    const length = numberOfHex(lengthText);
    if (kind === undefined) return UNKNOWN;
    if (address === undefined || length === undefined) return EFAULT;
    const breakpoint: Breakpoint = { kind, address, length };
    if (packet[0] === 'Z') return this.target.insertBreakpoint(pid, breakpoint) ? OK : ENOSPC;
    this.target.removeBreakpoint(pid, breakpoint);
    return OK;
  }

  // Going on

  private reasonForStop(): string {
    const { current } = this.target;
    if (this.lastStop !== undefined) return this.replyTo(this.lastStop);
    return current === undefined ? 'W00' : this.replyTo({ kind: 'stepped', thread: current });
  }

  private replyTo(event: StopEvent): string {
    return stopReply(event, this.target, this.description, this.features);
  }

  private async stopped(event: Promise<StopEvent>): Promise<string> {
    const stop = await event;
    this.lastStop = stop;
    this.newborn = stop.kind === 'forked' ? stop.child.pid : undefined;
    // From now on commands are about the thread that stopped.
    this.general = undefined;
    if (this.target.current === undefined) this.ended = 'over';
    return this.replyTo(stop);
  }

  private resume(request: ResumeRequest | undefined): string | Promise<string> {
    if (request === undefined) return EINVAL;
    return this.stopped(this.target.resume(request, this.link));
  }

  private resumeStepped(packet: string): string | Promise<string> {
    const { steppedThread: thread } = this;
    return thread === undefined ? ESRCH : this.resume(resumeOne(packet, thread));
  }

  private reverse(direction: string): string | Promise<string> {
    const { history } = this.target;
    const { steppedThread: thread } = this;
    if (history === undefined || (direction !== 's' && direction !== 'c')) return UNKNOWN;
    if (thread === undefined) return ESRCH;
    return this.stopped(direction === 's' ? history.reverseStep(thread, this.link) : history.reverseContinue(this.link));
  }

  // Ends

  private get pids(): readonly number[] {
    return [...new Set(this.target.threads().map(({ pid }) => pid))];
  }

  /** `D` lets all processes go, `D;PID` one of them. */
  private detach(text: string): string {
    const pids = text === '' ? this.pids : this.pids.filter((pid) => pid === numberOfHex(text.slice(1)));
    if (pids.length === 0) return ESRCH;
    for (const pid of pids) this.target.detach(pid);
    if (this.pids.length === 0) this.ended = 'detached';
    return OK;
  }

  private killAll(): void {
    for (const pid of this.pids) this.target.kill(pid);
    this.ended = 'killed';
  }

  private kill(text: string): string {
    const pid = this.pids.find((each) => each === numberOfHex(text));
    if (pid === undefined) return ESRCH;
    this.target.kill(pid);
    if (this.pids.length === 0) this.ended = 'killed';
    return OK;
  }

  // Other packets

  private verbose(packet: string): string | Promise<string> {
    if (packet === 'vCont?') return 'vCont;c;C;s;S;r';
    if (packet.startsWith('vCont;')) return this.resume(parseResume(packet.slice('vCont;'.length)));
    if (packet.startsWith('vKill;')) return this.kill(packet.slice('vKill;'.length));
    const { files } = this.target;
    if (packet.startsWith('vFile:') && files !== undefined) return fileRequest(files, packet.slice('vFile:'.length), PIECE);
    return UNKNOWN;
  }

  private query(packet: string): string | Promise<string> {
    const [name] = packet.split(/[:,;]/, 1);
    const rest = packet.slice(name.length + 1);
    switch (name) {
      case 'qSupported':
        return this.supported(rest);
      case 'qXfer':
        return this.readObject(rest);
      case 'qC': {
        const { current } = this.target;
        return current === undefined ? ESRCH : `QC${this.nameOf(current)}`;
      }
      case 'qfThreadInfo':
        return `m${this.listed.map((thread) => this.nameOf(thread)).join()}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qThreadExtraInfo': {
        const wanted = this.threadOf(rest);
        const found = this.target.threads().find(({ pid, tid }) => pid === wanted?.pid && tid === wanted?.tid);
        return found === undefined ? ESRCH : hexOf(bytesOf(encodeText(found.state === '' ? found.name : `${found.name}, ${found.state}`)));
      }
      case 'qAttached':
        // Quitting gdb ends the program, as with QEMU.
        return '0';
      case 'qSymbol':
        return OK;
      case 'qRcmd':
        return this.monitor(rest);
      default:
        return UNKNOWN;
    }
  }

  private get listed(): readonly DebugThread[] {
    return this.target.threads().filter(({ pid }) => pid !== this.newborn);
  }

  private readObject(request: string): string {
    const { target, description, thread, listed } = this;
    return readObject({ target, description, multiprocess: this.features.multiprocess, thread, listed }, request, PIECE);
  }

  private async monitor(text: string): Promise<string> {
    const line = stringOfHex(text);
    if (line === undefined) return EINVAL;
    return hexOf(bytesOf(encodeText(`${await monitor(this.target, line, this.thread)}\n`)));
  }

  private supported(text: string): string {
    const known = new Set(text.split(';'));
    this.features = {
      multiprocess: known.has('multiprocess+'),
      swbreak: known.has('swbreak+'),
      hwbreak: known.has('hwbreak+'),
      noResumed: known.has('no-resumed+'),
      forks: known.has('fork-events+'),
      vforks: known.has('vfork-events+'),
      execs: known.has('exec-events+'),
    };
    const { multiprocess, forks, vforks, execs } = this.features;
    // Without process numbers there is no way to name a child.
    this.change({ forks: forks && multiprocess, vforks: vforks && multiprocess, execs });
    const objects = OBJECTS.map((name) => `qXfer:${name}:read+`);
    const reverse = this.target.history === undefined ? [] : ['ReverseStep+', 'ReverseContinue+'];
    const own = ['multiprocess+', 'swbreak+', 'hwbreak+', 'vContSupported+', 'fork-events+', 'vfork-events+', 'exec-events+', 'no-resumed+'];
    return [
      `PacketSize=${PACKET_SIZE.toString(16)}`,
      'QStartNoAckMode+',
      'QPassSignals+',
      'QCatchSyscalls+',
      ...own.filter((each) => known.has(each) || each === 'vContSupported+'),
      ...objects,
      ...reverse,
    ].join(';');
  }

  private set(packet: string): string {
    const [name] = packet.split(':', 1);
    const values = packet
      .slice(name.length + 1)
      .split(';')
      .filter((each) => each !== '');
    const numbers = values.map((each) => numberOfHex(each) ?? -1);
    if (name === 'QPassSignals') this.change({ passedSignals: new Set(numbers.map(linuxSignal)) });
    else if (name === 'QCatchSyscalls') this.change({ syscalls: numbers[0] !== 1 ? undefined : numbers.length === 1 ? 'all' : new Set(numbers.slice(1)) });
    else return UNKNOWN;
    return OK;
  }

  private change(wishes: Partial<DebugWishes>): void {
    this.wishes = { ...this.wishes, ...wishes };
    this.target.want(this.wishes);
  }
}
