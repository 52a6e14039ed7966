import type { CpuModelName } from '../../packages/core/src/guest/aarch64/cpuModels.ts';

/** A program of a folder, as its source's first comment describes it. */
export interface ProgramSource {
  readonly name: string;
  readonly source: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
  /** The model that it runs on. */
  readonly cpu: CpuModelName;
}

/** A program that has been built. */
export interface BuiltProgram extends ProgramSource {
  /** Of the binary. */
  readonly path: string;
}

/** Programs of a folder; default: this one. */
export function listPrograms(folder?: string): ProgramSource[];

/** Builds what is older than its source; default: this folder's into .build/programs. */
export function buildPrograms(folder?: string, output?: string): BuiltProgram[];
