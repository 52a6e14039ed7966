import { readDefinition } from '../definition.ts';
import type { BlockProgram } from '../program.ts';
import { forEachDefinition } from '../walker.ts';
import type { FormatContext } from './format.ts';

const PAGE = 4096;
/** Most instructions of a block (QEMU's TCG_MAX_INSNS). */
const MAX_INSNS = 512;

/** A block as QEMU translates it. */
export interface QemuBlock {
  /** From 1, in the order of first execution. */
  readonly number: number;
  readonly pc: number;
  /** Symbol at `pc`; undefined: none. */
  readonly symbol: string | undefined;
  /** Those that complete: without the last one of a block that ends in a trap. */
  readonly insns: readonly CodeInsn[];
  /** Where it ends in an instruction that traps; undefined: it does not. */
  readonly trapAt: number | undefined;
}

interface CodeInsn {
  readonly pc: number;
  readonly word: number;
  readonly symbol: string | undefined;
}

/** A run of instructions that was defined. */
interface CodeRun {
  readonly insns: readonly CodeInsn[];
  readonly trapAt: number | undefined;
  /** Where the code goes on if nothing ended the block but its length; undefined: a branch or the like ended it. */
  readonly goesOnAt: number | undefined;
}

/**
 * Finds in a trace the blocks that QEMU would run. everystep also ends a block before an address that is jumped to, and runs one
 * instruction a block where a check of several accesses at once fails and before exact stops; these are put together again.
 */
export class QemuBlocks {
  private readonly byKey = new Map<string, QemuBlock>();
  /** The longest definition at each address. */
  private readonly runs = new Map<number, CodeRun>();
  private readonly byPc = new Map<number, QemuBlock>();
  /** Of the block that began last: instructions that are still to come, where, and where it traps. */
  private left = 0;
  private nextPc = 0;
  private trapAt: number | undefined;

  constructor(private readonly disassemble: FormatContext['disassemble']) {}

  /** Takes definitions of blocks. */
  define(definitions: Uint8Array): void {
    forEachDefinition(definitions, (_, start, end) => {
      const run = this.runOf(definitions.subarray(start, end));
      const pc = run.insns[0]?.pc ?? run.trapAt;
      if (pc === undefined) return;
      const known = this.runs.get(pc);
      const isSame = known?.insns.every(({ word }, i) => i >= run.insns.length || word === run.insns[i].word) === true;
      if (isSame && known !== undefined && lengthOf(known) >= lengthOf(run)) return;
      this.runs.set(pc, run);
      // Blocks that were put together may have become longer, or have other code now.
      this.byPc.clear();
    });
  }

  /** Called for each block of the trace. @returns the block that begins here; undefined: the one before goes on */
  enter({ pc, shapes }: BlockProgram, completed: number): QemuBlock | undefined {
    const last = shapes[completed - 1];
    const next = last === undefined ? pc + completed * 4 : last.pc + last.bytes;
    const goesOn = this.left > 0 && this.left >= shapes.length && pc === this.nextPc;
    this.nextPc = next;
    if (goesOn) {
      this.left -= completed;
      return undefined;
    }
    const block = this.byPc.get(pc) ?? this.join(pc);
    this.left = block.insns.length - completed;
    this.trapAt = block.trapAt;
    return block;
  }

  /** True if the block that began last is not over, and has its next instruction at `pc`. */
  goesOnAt(pc: number): boolean {
    return pc === this.nextPc && (this.left > 0 || pc === this.trapAt);
  }

  /** Control goes elsewhere: to a signal's handler, to another thread. */
  interrupt(): void {
    this.left = 0;
    this.trapAt = undefined;
  }

  private runOf(definition: Uint8Array): CodeRun {
    const { layout, symbols } = readDefinition(definition);
    let at = layout.pc;
    let span = -1;
    const insns = layout.insns.map(({ word, bytes }, i) => {
      if (symbols[span + 1]?.insn === i) span++;
      at += bytes;
      return { pc: at - bytes, word, symbol: symbols[span]?.name || undefined };
    });
    const { kind, target } = layout.end;
    const last = insns.at(-1);
    const isCut = kind === 'jump' && target === at && at % PAGE !== 0 && last !== undefined && !/^(b|j|c\.j) /.test(this.disassemble(last.pc, last.word));
    return { insns, trapAt: kind === 'trap' ? target : undefined, goesOnAt: isCut ? at : undefined };
  }

  /** The block at `pc`, from as many definitions as it takes. */
  private join(pc: number): QemuBlock {
    const insns: CodeInsn[] = [];
    let trapAt: number | undefined;
    for (let at: number | undefined = pc; at !== undefined && insns.length < MAX_INSNS; ) {
      const run = this.runs.get(at);
      if (run === undefined) break;
      insns.push(...run.insns);
      trapAt = run.trapAt;
      at = run.goesOnAt;
    }
    insns.length = Math.min(insns.length, MAX_INSNS);
    const key = `${pc} ${trapAt} ${insns.map(({ word }) => word).join()}`;
    const block = this.byKey.get(key) ?? { number: this.byKey.size + 1, pc, symbol: insns[0]?.symbol, insns, trapAt };
    this.byKey.set(key, block);
    this.byPc.set(pc, block);
    return block;
  }
}

const lengthOf = ({ insns, trapAt }: CodeRun): number => insns.length + Number(trapAt !== undefined);
