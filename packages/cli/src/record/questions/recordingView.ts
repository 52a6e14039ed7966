import { RecordedSymbols, type SymbolHost, type Timeline, UserError } from '@everystep/core';
import { callersOf } from '../../backtrace.ts';
import { type Disassemble, loadDisassembler } from '../../disassembly/disassembler.ts';
import { parseUnsigned } from '../../options/numbers.ts';
import { Progress } from '../../trace/progress.ts';
import { symbolHost } from '../../trace/symbolHost.ts';
import { goingThrough, openTimeline } from '../openTimeline.ts';
import { recordedFileReader } from '../recordedFiles.ts';
import { openRecording } from '../recordingFolder.ts';
import { Answer } from './answer.ts';

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

/** Most functions of a call stack that are told. */
const MOST_FRAMES = 256;

/** A recording that is being looked at, with names of functions and the text of instructions. */
export class RecordingView {
  readonly symbols: RecordedSymbols;

  /** @param answer where the answer goes */
  constructor(
    readonly timeline: Timeline,
    host: SymbolHost,
    private readonly disassemble: Disassemble,
    readonly answer = new Answer(),
  ) {
    this.symbols = new RecordedSymbols(timeline.replayer, host);
  }

  /** @throws UserError if it is no recording */
  static async open(path: string): Promise<RecordingView> {
    const progress = new Progress();
    const answer = new Answer(progress);
    const disassemble = await loadDisassembler();
    const journal = openRecording(path);
    const timeline = await openTimeline(path, {
      journal,
      progress: (step, of) => {
        progress.show(() => goingThrough(step, of));
        answer.show();
      },
    });
    progress.clear();
    return new RecordingView(timeline, symbolHost(recordedFileReader(path, journal)), disassemble, answer);
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
    const callers = callersOf({ machine, symbols: { tables: [symbols] } }, pc, MOST_FRAMES);
    // A call may be its function's last instruction.
    return [{ pc, place: symbols.placeOf(pc), line: symbols.lineAt(pc) }, ...callers.map((each) => ({ ...each, line: symbols.lineAt(each.pc - 4) }))];
  }

  /**
   * Addresses of a symbol of the programs that there are at the present step, or the one that a number says, with an offset or
   * without: `main`, `buffer+8`, `0x400754`. Of a symbol that none of them has, where programs had it that ran before.
   * @throws UserError if nothing is called that
   */
  addressesOf(text: string): readonly SymbolPlace[] {
    const found = placesOf(text, (name) => this.symbols.find(name));
    return found.length > 0 ? found : this.addressesBefore(text, this.timeline.step);
  }

  /**
   * As `addressesOf`, in all the programs that ran before a step.
   * @throws UserError if nothing is called that in any of them
   */
  addressesBefore(text: string, step: number): readonly SymbolPlace[] {
    const { timeline } = this;
    const { step: present } = timeline;
    const found = placesOf(text, (name) => this.symbols.findBefore(name, step, (other) => timeline.seek(other)));
    timeline.seek(present);
    if (found.length === 0) throw new UserError(this.unknownSymbol(text, step));
    return found;
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

  private unknownSymbol(name: string, step: number): string {
    const similar = this.symbols.similar(name, step);
    const hint = similar.length === 0 ? '; an address as 0x400754 does, too' : `; is it ${similar.join(' or ')}?`;
    return `nothing in the recorded programs is called '${name}'${hint}`;
  }
}

/** @param find symbols of a name */
function placesOf(text: string, find: (name: string) => readonly SymbolPlace[]): readonly SymbolPlace[] {
  const number = parseUnsigned(text);
  if (number !== undefined) return [{ address: safeAddress(number, text), size: 0, name: '' }];
  const match = /^(.*?)(?:([+-])(0[xX][0-9a-fA-F]+|[0-9]+))?$/.exec(text) as RegExpExecArray;
  let found = find(text);
  let offset = 0;
  if (found.length === 0 && match[2] !== undefined) {
    found = find(match[1]);
    offset = Number(parseUnsigned(match[3]) ?? 0n) * (match[2] === '-' ? -1 : 1);
  }
  return found.map(({ address, size, name }) => ({ address: address + offset, size: offset === 0 ? size : 0, name: text === name ? name : text }));
}

function safeAddress(address: bigint, text: string): number {
  if (address >= 1n << 52n) throw new UserError(`'${text}' is no address that a program can have`);
  return Number(address);
}
