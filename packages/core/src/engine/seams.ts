import type { Block, IrBuffer, IrBuilder } from '../ir/index.ts';

/** Page permissions, as in mmap's prot. */
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;

/** Indirect branches into the page are looked at, see BranchTargets; kept on executable pages alone. Linux calls it PROT_BTI on AArch64. */
export const PROT_GUARDED = 0x10;

/** What a machine's run ended with. The guest's registers and pc are exact. */
export type RunEvent =
  /** The steps asked for are done. */
  | { readonly kind: 'budget' }
  /** The process ended. */
  | { readonly kind: 'exit'; readonly status: number }
  /** The guest did what the CPU or Linux answers with a signal. The instruction at `pc` did not complete. */
  | { readonly kind: 'fault'; readonly signal: number; readonly code: number; readonly address: bigint; readonly pc: number; readonly text: string }
  /** Something asked the machine to stop (`Machine.requestStop`). */
  | { readonly kind: 'stop' };

/** What a syscall handler tells the engine. */
export type SyscallOutcome =
  /** Done; the guest goes on behind the instruction. Registers besides the result's have changed by CpuState's methods alone, if at all. */
  | 'done'
  /** Registers, pc or code changed under the engine: leave all translated code, then go on at the CPU state's pc. */
  | 'changed'
  /** The process has ended. */
  | { readonly exit: number };

/** A block as the engine knows it. */
export interface BlockInfo {
  readonly id: number;
  readonly pc: number;
  readonly insns: number;
  readonly bytes: number;
  /** Instruction words, in order. */
  readonly words: Uint32Array;
  /** True where it is one instruction of what usually is a longer block, made for an exact stop. */
  readonly exact?: boolean;
}

/**
 * Instrumentation: a pass over the IR of each block, run once when it is translated. Copies `block` (whose ops are in
 * `from`) to `to`, adding ops; returns the new block. The ring ops it adds must be one ringReserve before all else,
 * ringStep or ringStores, and one ringCommit at the end; or one `count` before all else.
 */
export interface Instrument {
  /** Part of the block key: blocks translated under different wishes are different blocks. */
  readonly wish: string;
  /** Whether `instrument` would add anything to a block; without: always. Blocks of which nothing is wanted may be cold. */
  wants?(from: IrBuffer, block: Block): boolean;
  /** Whether all that it would add to a block cold code has, too: ring ops, counters, marks, and callbacks that cannot leave; without: never. */
  mayBeCold?(from: IrBuffer, block: Block): boolean;
  instrument(from: IrBuffer, block: Block, info: BlockInfo, to: IrBuilder): Block;
  /** What cold code gets instead, if anything: several instruments may have the same, and then have their cold code together. */
  readonly cold?: Instrument;
}

/** Gives the bytes of one of the engine's own modules. */
export type EngineModules = (name: string, make: () => Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** Where none are kept. */
export const makeEngineModule: EngineModules = (_name, make) => make();

/** What V8 makes of Wasm modules, for hosts that can get at it, and give it back to V8 in a later run. */
export interface NativeCode {
  /** V8's optimised code of a module. */
  compile(wasm: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** @returns the module; undefined: this V8 does not take that */
  restore(packed: Uint8Array<ArrayBuffer>, wasm: Uint8Array<ArrayBuffer>): WebAssembly.Module | undefined;
}

/** Observers, all optional; each costs something only where it is given. */
export interface MachineHooks {
  /** A block has been translated, before it first runs. For `-d in_asm`. */
  translated?(info: BlockInfo): void;
  /** IR of a block: `op` as translated, `op_opt` after the passes. */
  ir?(stage: 'op' | 'op_opt', info: BlockInfo, buffer: IrBuffer, block: Block): void;
  /** A region's Wasm module has been made. For `-d out_asm`. */
  compiled?(blocks: readonly BlockInfo[], wasm: Uint8Array): void;
  /** Compiles the module that goes through cold code, one large function, for hosts that have settings of their own for it. */
  compileCold?(compile: () => WebAssembly.Module): WebAssembly.Module;
  /**
   * Bytes of a module of the engine's own, for hosts that keep them from one run to the next: `make` takes milliseconds, and makes the
   * same for the same name as long as the engine is the same.
   */
  engineModule?: EngineModules;
  /** Gives what V8 has made of regions that have been kept. */
  nativeCode?: Pick<NativeCode, 'restore'>;
  /** All regions have been forgotten, because there were many: a good time to collect garbage. */
  regionsForgotten?(): void;
  /** The dispatcher enters translated code at this block; registers are exact. For `-d exec,cpu`. */
  entered?(info: BlockInfo): void;
  /** A new budget is due: every few milliseconds while translated code runs. May call `Machine.requestStop`. */
  budget?(): void;
  /** The trace ring's chunk is full: hand it on, and set Cell.ringPointer and Cell.ringLimit to the next one. */
  ringFull?(): void;
  /**
   * An instrument's `callback` op with this number has been reached; registers, pc and steps are exact. What it changes of
   * them, or asks of the machine, takes effect if it returns true, and then its instruction comes again.
   */
  callback?(number: number): boolean;
  /**
   * Cold code is about to set a mark (see the op `mark`) whose byte has WATCHED: for an access to memory, or, where the mark
   * has no address, for all of the code of a block. Registers, pc and steps are exact, and must not be changed.
   */
  watched?(address: number, bytes: number): void;
  /** An `input` op (see InputKind) wants its value. */
  input?(kind: number): bigint;
  /**
   * A fault ended translated code inside a block after `completed` of its instructions; Cell.ringPointer is at the start of
   * the block's trace record, not behind it. Not called for trap terminators: their blocks commit a record of what completes.
   */
  blockCutShort?(completed: number): void;
}
