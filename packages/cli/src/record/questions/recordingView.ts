import { type SymbolHost, type Timeline, UserError } from '@everystep/core';
import { callersOf } from '../../backtrace.ts';
import { type Disassemble, loadDisassembler } from '../../disassembly/disassembler.ts';
import { parseUnsigned } from '../../options/numbers.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { openTimeline } from '../openTimeline.ts';
import { recordedFileReader } from '../recordedFiles.ts';
import { RecordedSymbols } from './recordedSymbols.ts';

/** An instruction, and where it is. */
export interface InsnView {
  readonly pc: number;
  /** As QEMU words it; '' where there is no code. */
  readonly text: string;
  /** `main+0x1c`; '' if no symbol tells. */
  readonly place: string;
  /** undefined if nothing tells. */
  readonly line: { readonly path: string; readonly line: number } | undefined;
}

/** One function of a call stack. */
export interface FrameView {
  /** Where the function is, or goes on. */
  readonly pc: number;
  readonly place: string;
  readonly line: { readonly path: string; readonly line: number } | undefined;
}

/** Where a symbol, or part of it, is. */
export interface SymbolPlace {
  readonly address: number;
  /** In bytes; 0 where it is not known. */
  readonly size: number;
  readonly name: string;
}

/** System calls with which a program ends: all that it has mapped is there then. */
const LAST_CALLS: ReadonlySet<string> = new Set(['exit', 'exit_group', 'execve', 'execveat']);

/** Most functions of a call stack that are told. */
const MOST_FRAMES = 256;

/** A recording that is being looked at, with names of functions and the text of instructions. */
export class RecordingView {
  readonly symbols: RecordedSymbols;

  constructor(
    readonly timeline: Timeline,
    host: SymbolHost,
    private readonly disassemble: Disassemble,
  ) {
    this.symbols = new RecordedSymbols(timeline.replayer, host);
  }

  /** @throws UserError if it is no recording */
  static async open(path: string): Promise<RecordingView> {
    const timeline = openTimeline(path);
    return new RecordingView(timeline, symbolHost(recordedFileReader(path)), await loadDisassembler());
  }

  /**
   * A step as users write it: a number, in which `_` and `,` may stand between digits; negative: from the end; `end`.
   * @throws UserError
   */
  stepOf(text: string): number {
    const { lastStep } = this.timeline;
    if (text === 'end') return lastStep;
    const isNegative = text.startsWith('-');
    const value = parseUnsigned(text.slice(isNegative ? 1 : 0).replaceAll(/[_,]/g, ''));
    if (value === undefined) throw new UserError(`'${text}' is no step: give a number from 0 to ${lastStep}, one from the end as -1, or end`);
    const step = isNegative ? BigInt(lastStep) - value : value;
    if (step < 0n || step > lastStep) throw new UserError(`there is no step ${text}: the recording has steps 0 to ${lastStep}`);
    return Number(step);
  }

  /** Goes to a step; for the end, before the instruction that ends the run, when its last program is still there. */
  seekNear(step: number): void {
    this.timeline.seek(Math.max(0, Math.min(step, this.timeline.lastStep - 1)));
  }

  insnAt(pc: number): InsnView {
    const word = this.timeline.replayer.machine.space.fetch32(pc);
    const { mnemonic, operands } = word === undefined ? { mnemonic: '', operands: '' } : this.disassemble(pc, word);
    return { pc, text: `${mnemonic} ${operands}`.trim(), place: this.symbols.placeOf(pc), line: this.symbols.lineAt(pc) };
  }

  /** The functions that the thread is in, the innermost first: as right as the program keeps its frame records. */
  frames(): readonly FrameView[] {
    const { machine, pc } = this.timeline.replayer;
    const { symbols } = this;
    const callers = callersOf({ machine, symbols }, pc, MOST_FRAMES);
    // A call may be its function's last instruction.
    return [{ pc, place: symbols.placeOf(pc), line: symbols.lineAt(pc) }, ...callers.map((each) => ({ ...each, line: symbols.lineAt(each.pc - 4) }))];
  }

  /**
   * Addresses of a symbol, or the one that a number says, with an offset or without: `main`, `buffer+8`, `0x400754`.
   * @throws UserError if nothing is called that
   */
  addressesOf(text: string): readonly SymbolPlace[] {
    const found = this.known(text);
    if (found.length === 0) throw new UserError(this.unknownSymbol(text));
    return found;
  }

  private known(text: string): readonly SymbolPlace[] {
    const number = parseUnsigned(text);
    if (number !== undefined) return [{ address: safeAddress(number, text), size: 0, name: '' }];
    const match = /^(.*?)(?:([+-])(0[xX][0-9a-fA-F]+|[0-9]+))?$/.exec(text) as RegExpExecArray;
    let found = this.symbols.find(text);
    let offset = 0;
    if (found.length === 0 && match[2] !== undefined) {
      found = this.symbols.find(match[1]);
      offset = Number(parseUnsigned(match[3]) ?? 0n) * (match[2] === '-' ? -1 : 1);
    }
    return found.map(({ address, size, name }) => ({ address: address + offset, size: offset === 0 ? size : 0, name: text === name ? name : text }));
  }

  /**
   * As `addressesOf`, in all the programs that run before a step. The timeline is near that step then.
   * @throws UserError if nothing is called that in any of them
   */
  addressesBefore(text: string, step: number): readonly number[] {
    const { timeline } = this;
    const { machine } = timeline.replayer;
    const found = new Set<number>();
    const seen = new Set<string>();
    const look = (): void => {
      const key = machine.space.list.all.map(({ start, name }) => `${start} ${name}`).join();
      if (seen.has(key)) return;
      seen.add(key);
      for (const { address } of this.known(text)) found.add(address);
    };
    const enterCall = (number: number): void => {
      if (LAST_CALLS.has(machine.guest.linux.syscalls.get(number) ?? '')) look();
    };
    this.seekNear(step);
    look();
    // Others may have had it elsewhere, and are gone.
    const isAlone = timeline.replayer.spaces.length === 1;
    if (parseUnsigned(text) === undefined && !(isAlone && found.size > 0)) timeline.goThrough(0, timeline.step, { enterCall });
    // Says what is wrong.
    return found.size > 0 ? [...found] : this.addressesOf(text).map(({ address }) => address);
  }

  /** One address, which may also be in a register: `sp`, `x0+16`. @throws UserError */
  addressOf(text: string): number {
    const { cpu, guest, pc } = this.timeline.replayer.machine;
    const match = /^(x[0-9]+|sp|pc)(?:([+-])(0[xX][0-9a-fA-F]+|[0-9]+))?$/.exec(text);
    const register = match === null ? undefined : guest.state.registers.find(({ name }) => name === match[1]);
    if (match === null || (register === undefined && match[1] !== 'pc')) return this.addressesOf(text)[0].address;
    const offset = BigInt(match[3] ?? 0) * (match[2] === '-' ? -1n : 1n);
    return safeAddress(BigInt.asUintN(64, (register === undefined ? BigInt(pc) : cpu.get(register)) + offset), text);
  }

  private unknownSymbol(name: string): string {
    const similar = this.symbols.similar(name);
    const hint = similar.length === 0 ? '; an address as 0x400754 does, too' : `; is it ${similar.join(' or ')}?`;
    return `nothing in the recorded programs is called '${name}'${hint}`;
  }
}

function safeAddress(address: bigint, text: string): number {
  if (address >= 1n << 52n) throw new UserError(`'${text}' is no address that a program can have`);
  return Number(address);
}
