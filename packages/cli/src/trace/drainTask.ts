import type { MessagePort } from 'node:worker_threads';
import type { CpuModelName, TraceHeader, TraceTotals } from '@everystep/core';
import type { TraceFormat } from './traceOptions.ts';

/** What the drain worker is told. */
export interface DrainTask {
  /** Linear memory, with the ring. */
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array;
  /** Brings block definitions (Uint8Array). */
  readonly definitions: MessagePort;
  readonly format: TraceFormat;
  /** The output's file number; unused for `none`. */
  readonly fd: number;
  readonly cpu: CpuModelName;
  readonly header: TraceHeader;
  readonly watchedRegisters: readonly string[];
  /** Most instructions to let through; Infinity: all. */
  readonly limit: number;
  /** Keep only so many instructions, the last; Infinity: all. */
  readonly last: number;
  /** Most bytes of output; Infinity: any. */
  readonly maxSize: number;
}

/** What the drain worker says when it is done. */
export interface DrainResult {
  readonly totals: TraceTotals;
  /** The output has reached its greatest size. */
  readonly isFull: boolean;
  /** What writing failed with. */
  readonly failure: { readonly code: string; readonly text: string } | undefined;
  /** Our own bug. */
  readonly bug: string | undefined;
}
