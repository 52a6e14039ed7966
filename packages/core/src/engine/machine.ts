import type { Guest } from '../guest/index.ts';
import type { AddressSpace } from './addressSpace.ts';
import type { CpuState } from './cpuState.ts';
import type { TranslationStore } from './saved/translationStore.ts';
import type { Instrument, MachineHooks, RunEvent, SyscallOutcome } from './seams.ts';
import type { EngineStatistics } from './statistics.ts';

export interface MachineOptions {
  readonly guest: Guest;
  readonly hooks?: MachineHooks;
  /** One guest instruction a block (QEMU's -singlestep / -one-insn-per-tb). */
  readonly oneInsnPerBlock?: boolean;
  /** Every block returns to the dispatcher (QEMU's -d nochain); regions are single blocks. */
  readonly noChain?: boolean;
  /** Names of optimisations to leave out, see OPTIMISATIONS. */
  readonly disabled?: ReadonlySet<string>;
  /** Handles a system call: registers and `pc` (behind the instruction) are exact. */
  readonly syscall: (machine: Machine) => SyscallOutcome;
  /** Instructions until running loops are looked at for the first time, later ones growing; default 100,000. Tests make it small. */
  readonly firstSlice?: number;
  /** How often a block runs before it becomes part of a region; default: about what making one costs. Tests make it small. */
  readonly runsUntilHot?: number;
  /** Regions that there may be at a time, see RegionTable. Tests make it small. */
  readonly mostRegions?: number;
  /** Linear memory in 64 KiB pages; default all of 4 GiB. */
  readonly memoryPages?: number;
  /** Where translations of files' code are kept from one run to the next; without: nowhere. */
  readonly translations?: TranslationStore;
  /** Of the instrument whose cold code is kept there, and nothing else; without: all that is made for none is. */
  readonly keptWish?: string;
}

/** A CPU that runs one thread at a time, in one of its address spaces, with the translated code of all. */
export interface Machine {
  readonly guest: Guest;
  /** The address space that runs. */
  readonly space: AddressSpace;
  /** A new, empty address space beside the others. */
  createSpace(): AddressSpace;
  /** A copy of the address space that runs; its code need not be translated again. */
  forkSpace(): AddressSpace;
  /** Gives back the storage of an address space that does not run. */
  releaseSpace(space: AddressSpace): void;
  /** Makes an address space the one that runs. Only between runs, or within a system call that then tells 'changed'. */
  enter(space: AddressSpace): void;
  readonly cpu: CpuState;
  /** Program counter. */
  pc: number;
  /** Guest instructions completed. */
  readonly steps: number;
  /** Instrumentation of the blocks that run from now on; undefined: none. Only between runs. */
  setInstrument(instrument: Instrument | undefined): void;
  /** Makes anew what was made of code in start..end, in all address spaces: the instrument does something else there from now on. Only between runs. */
  retranslate(start: number, end: number): void;
  /** From now on blocks run so often before they become regions. Only between runs; where no code is cold, there is no such thing. */
  setRunsUntilHot?(runs: number): void;
  /** Runs until `steps` reaches `untilStep` exactly (default: never), or something else happens. */
  run(untilStep?: number): RunEvent;
  /** Makes `run` return 'stop' soon; may be called from hooks. */
  requestStop(): void;
  /** Most instructions, about, until `requestStop` in a hook has its effect; by default so many that looking costs nothing. */
  longestSlice: number;
  readonly statistics: EngineStatistics;
  /**
   * Saves what has been translated, where there is a store for it; once: what is translated afterwards is not saved.
   * @returns whether so much of what is kept has not been compiled that it is worth doing that, see `compileSaved`
   */
  saveTranslations(): boolean;
}
