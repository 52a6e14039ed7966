import type { MessagePort } from 'node:worker_threads';
import {
  type CpuModelName,
  type FormatSettings,
  filtered,
  keepLast,
  stateOf,
  type TraceHeader,
  type TraceKey,
  type TraceSink,
  type TraceTotals,
  type WantedData,
} from '@everystep/core';
import type { TraceFormat } from './traceOptions.ts';

/** What the drain worker is told. */
export interface DrainTask {
  /** Linear memory, with the ring. */
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array;
  /** Brings each DrainNote, ahead of the chunk that it belongs to. */
  readonly notes: MessagePort;
  readonly format: TraceFormat;
  /** The output's file number; unused for `none` and folders. */
  readonly fd: number;
  /** The output's name: of a folder, its path. */
  readonly outputName: string;
  readonly cpu: CpuModelName;
  readonly header: TraceHeader;
  readonly formatSettings: FormatSettings;
  /** Most instructions to let through; Infinity: all. */
  readonly limit: number;
  /** What instructions have to access to be let through; undefined: anything. */
  readonly data: Omit<WantedData, 'state'> | undefined;
  /** Keep only so many instructions, the last; Infinity: all. */
  readonly last: number;
  /** Most bytes of output; Infinity: any. */
  readonly maxSize: number;
  /** What is old is dropped where there is no more room. */
  readonly dropsOldest: boolean;
  /** The recording whose replay is traced: it may have the files of the recorded system. */
  readonly recording?: string;
}

/** What the drain worker gets besides the ring's chunks. */
export type DrainNote =
  /** Block definitions. */
  | Uint8Array<ArrayBuffer>
  /** An event of mapped files in the chunk before chunk number `chunk`. */
  | { readonly chunk: number; readonly mapping: Uint8Array }
  /** The state before chunk number `chunk`. */
  | { readonly chunk: number; readonly key: TraceKey };

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

/**
 * Lets through to a sink what the task wants.
 * @param onLimit called once when nothing more is wanted
 * @param isCounting the records of a filtered trace that have nothing wanted count as nothing: they may come through
 */
export function boundedSink(
  { last, limit, data, header }: Pick<DrainTask, 'last' | 'limit' | 'data' | 'header'>,
  sink: TraceSink,
  onLimit: () => void,
  isCounting = false,
): TraceSink {
  const keepsAll = last === Number.POSITIVE_INFINITY;
  const kept = keepsAll ? sink : keepLast(sink, last);
  const isFiltered = header.filtered === true && !(isCounting && keepsAll && data === undefined);
  if (!isFiltered && limit === Number.POSITIVE_INFINITY) return kept;
  return filtered(kept, limit, onLimit, data && { ...data, state: stateOf(header) });
}
