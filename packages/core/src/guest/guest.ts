import type { IrBuilder, StateLayout } from '../ir/index.ts';
import type { InsnClass } from './insnClass.ts';
import type { SignalFrames } from './signalFrames.ts';

/** Reads the 32-bit little-endian word of guest code at `pc`. @returns undefined where there is no executable byte */
export type FetchCode = (pc: number) => number | undefined;

/**
 * Whether indirect branches must lead to instructions made for it, on pages mapped with PROT_GUARDED (AArch64's BTI):
 * `free` where the process has no such page, `guarded` in one, `tracked` elsewhere.
 */
export type BranchTargets = 'free' | 'tracked' | 'guarded';

export interface TranslateRequest {
  readonly pc: number;
  /** Most guest instructions in the block, at least 1. */
  readonly maxInsns: number;
  readonly fetch: FetchCode;
  /** Of the page at `pc`; default: free. */
  readonly branchTargets?: BranchTargets;
}

/** What `translateBlock` made besides the ops in the builder's buffer. */
export interface TranslatedBlock {
  readonly insns: number;
  readonly bytes: number;
  /** Byte offset of each instruction; absent where all have 4 bytes. */
  readonly insnOffsets?: Uint16Array | undefined;
}

/**
 * A guest instruction set: everything that the shared rooms know of one. Each ISA's folder makes one, with the same
 * file names: state, decode/, translate/, linuxAbi.
 */
export interface Guest {
  /** QEMU's target name: aarch64, riscv64. */
  readonly name: string;
  /** ELF e_machine. */
  readonly elfMachine: number;
  readonly state: StateLayout;
  /** Register names by role. */
  readonly roles: GuestRoles;
  readonly linux: LinuxAbi;
  /** Alignment of instructions in bytes: 4 on AArch64, 2 on RISC-V with C. */
  readonly insnAlign: number;
  /**
   * Bits at the top of an address that the MMU ignores: 8 on AArch64 (top-byte-ignore, as Linux sets it for user mode), else 0.
   * An indirect branch leaves them out of the pc where the bit below them is 0.
   */
  readonly ignoredTopBits: 0 | 8;
  /**
   * Translates the block at `request.pc` into `ir` (ops and terminator; the ops before are not touched). Ends where
   * QEMU's block would end. Where the first instruction cannot be fetched, the block is one trap with code `trapFetch`.
   */
  translateBlock(ir: IrBuilder, request: TranslateRequest): TranslatedBlock;
  /** What a trap's code means to Linux. */
  describeTrap(code: number, argument: number): TrapDescription;
  /** Values of the registers at process start, by name, others 0. */
  initialRegisters(pc: number, sp: number): ReadonlyMap<string, bigint>;
  /** Registers as QEMU's gdb target lists them; without: the visible registers of the state. */
  readonly gdbRegisters?: readonly GdbRegister[];
  /** The same registers as gdb wants them described; without, gdb cannot debug the guest. */
  readonly gdbTarget?: GdbTarget;
  /** True for instructions whose memory accesses QEMU makes where its plugins do not see them; without: none. */
  readonly hidesAccesses?: (word: number) => boolean;
  /** Name of the manual's instruction row for a word, for coverage and documentation; undefined if there is none. */
  rowName(word: number): string | undefined;
  /** What kinds of instruction a word is; without: filters cannot ask. */
  readonly insnClasses?: (word: number) => readonly InsnClass[];
}

/** A register of QEMU's gdb target: one of the state's, the program counter, or the word with N Z C V in bits 31..28. */
export interface GdbRegister {
  /** Lower case; the state's name where it is one of the state's. */
  readonly name: string;
  readonly kind: 'state' | 'pc' | 'flags';
}

/** What gdb's target description says of a guest (gdb's manual, appendix G). */
export interface GdbTarget {
  /** gdb's name of the instruction set. */
  readonly architecture: string;
  /** In the order of the registers' numbers. */
  readonly features: readonly GdbFeature[];
  /** Names of registers, as in `gdbRegisters`, that gdb wants to know at each stop. */
  readonly expedited: readonly string[];
}

export interface GdbFeature {
  /** One of gdb's standard features: org.gnu.gdb.aarch64.core. */
  readonly name: string;
  /** Elements that define types, as XML. */
  readonly types?: string;
  readonly registers: readonly GdbRegisterDescription[];
}

/** How gdb sees one of the `gdbRegisters`, which has the same place in its list. */
export interface GdbRegisterDescription {
  readonly name: string;
  /** A multiple of 8. */
  readonly bits: number;
  /** gdb's name of a type. */
  readonly type: string;
}

export interface GuestRoles {
  readonly stackPointer: string;
  readonly linkRegister: string;
  readonly threadPointer: string;
  /** The frame record of a function that has one, two words: its caller's frame pointer, and where that goes on. `offset` bytes from where the register points. */
  readonly frameRecord: { readonly pointer: string; readonly offset: number };
  /** Registers usually holding stack addresses, a hint for memory checks. */
  readonly stackBases: readonly string[];
}

export interface TrapDescription {
  /** Linux signal number: 4 SIGILL, 5 SIGTRAP, 7 SIGBUS, 11 SIGSEGV. */
  readonly signal: number;
  /** siginfo si_code. */
  readonly code: number;
  readonly text: string;
}

/** How Linux programs of this ISA call the kernel. */
export interface LinuxAbi {
  /** `uname -m`. */
  readonly machine: string;
  /** Registers by name. */
  readonly syscallNumber: string;
  readonly syscallArguments: readonly string[];
  readonly syscallResult: string;
  /** Syscall names by number. */
  readonly syscalls: ReadonlyMap<number, string>;
  readonly hwcap: bigint;
  readonly hwcap2: bigint;
  /** Lines of /proc/cpuinfo behind `processor`: what stands before the colon, with the tab that Linux puts there, and behind it. */
  readonly cpuInfo: readonly (readonly [name: string, value: string])[];
  /** AT_PLATFORM. */
  readonly platform: string;
  /** Instruction words of the code that signal handlers return to: a call of rt_sigreturn. */
  readonly sigreturnCode: readonly number[];
  /** How signal handlers are called; undefined: a guest whose handlers everystep cannot call, so that their signals end the process. */
  readonly signalFrames: SignalFrames | undefined;
  /** The open flags whose numbers differ between architectures (arch/<name>/include/uapi/asm/fcntl.h). */
  readonly openFlags: { readonly direct: number; readonly largeFile: number; readonly directory: number; readonly noFollow: number };
  /**
   * Pairs of 64-bit registers, low and high half, that hold keys: random from the process's start on, and where prctl's
   * PR_PAC_RESET_KEYS asks for it, bit n of whose argument means pair n. Empty on a CPU without.
   */
  readonly pointerKeys: readonly (readonly [low: string, high: string])[];
  /** How an ELF file says that its code can be guarded (see BranchTargets): a bit of a GNU property. Undefined on a CPU without. */
  readonly guardProperty: { readonly type: number; readonly mask: number } | undefined;
  /** Ticks of `InputKind.counter` in a second. */
  readonly counterFrequency: number;
  /** Where QEMU begins to look for room: for position-independent programs, the stack and mmap. */
  readonly mmapBase: number;
}
