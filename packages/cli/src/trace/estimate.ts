import { ChunkFileParser, type FormatSink, FrameKind, type StepWindow } from '@everystep/core';
import { brotli } from './compression.ts';
import type { SinkMaker } from './formatSinks.ts';
import { grouped, readableSize } from './progress.ts';
import { guestOf, type TraceFile } from './traceFile.ts';

/** From so many instructions on an export is large: it is worth knowing its size before. */
const LARGE = 5_000_000;
/** Above so many instructions the tools that read these formats get slow, or need too much memory. */
const TOOL_LIMITS: Readonly<Record<string, { readonly insns: number; readonly why: string }>> = {
  tarmac: { insns: 10_000_000, why: 'tarmac-trace-utilities make an index of more than 500 bytes an instruction' },
  tenet: { insns: 10_000_000, why: 'Tenet is made for traces of up to 10 million instructions' },
};

/** What an export will take. */
export interface ExportEstimate {
  readonly insns: number;
  readonly isLarge: boolean;
  /** Of the output; undefined: the export is not large, and nobody asked. */
  readonly sample: { readonly bytes: number; readonly seconds: number } | undefined;
}

/**
 * Estimates an export: instructions from the chunks' heads, size and time by writing the first chunks of the window to nothing.
 * @param settings `estimate`: even if it is small
 * @returns undefined if the file cannot be read twice
 */
export function estimateExport(file: TraceFile, make: SinkMaker, settings: StepWindow & { readonly estimate: boolean }): ExportEstimate | undefined {
  if (file.size === undefined) return undefined;
  return file.named(() => {
    const { frames } = file.index();
    let insns = 0;
    for (const { kind, step, wanted, insns: all } of frames) {
      if (kind !== FrameKind.chunk) continue;
      const inWindow = Math.max(Math.min(step + all, settings.to) - Math.max(step, settings.from), 0);
      insns += all === 0 ? 0 : Math.round((inWindow / all) * wanted);
    }
    insns = Math.min(insns, settings.first);
    const isLarge = insns >= LARGE;
    return { insns, isLarge, sample: isLarge || settings.estimate ? sampleOf(file, make, insns) : undefined };
  });
}

/** Writes the first chunks to nothing. */
function sampleOf(file: TraceFile, make: SinkMaker, insns: number): { bytes: number; seconds: number } {
  let bytes = 0;
  let sink: FormatSink | undefined;
  const parser = new ChunkFileParser(
    {
      header: (header) => {
        const count = (written: Uint8Array): void => {
          bytes += written.length;
        };
        sink = make({ guest: guestOf(header), command: header.argv, level: header.level, openFile: () => count }, count);
      },
      define: (definitions) => sink?.define(definitions),
      mappings: (events) => sink?.mappings?.(events),
      records: (records) => sink?.records(records),
    },
    brotli,
  );
  const started = performance.now();
  file.readSome((piece) => {
    parser.push(piece);
    return (sink?.totals.wanted ?? 0) < SAMPLE && performance.now() - started < SAMPLE_MILLISECONDS;
  });
  sink?.flush?.();
  const sampled = sink?.totals.wanted ?? 0;
  const seconds = (performance.now() - started) / 1000;
  return sampled === 0 ? { bytes, seconds } : { bytes: (bytes / sampled) * insns, seconds: (seconds / sampled) * insns };
}

const SAMPLE = 500_000;
const SAMPLE_MILLISECONDS = 300;

/** One line: what an export takes. */
export function estimateText(format: string, estimate: ExportEstimate | undefined): string {
  if (estimate === undefined) return `${format}: the trace comes from a pipe, so its size is not known`;
  const { insns, sample } = estimate;
  const cost = sample === undefined ? '' : `: about ${readableSize(Math.round(sample.bytes))}, ${duration(sample.seconds)}`;
  return `${grouped(insns)} instructions as ${format}${cost}`;
}

/** What to say to somebody whose tools will suffer. */
export function warningOf(format: string, estimate: ExportEstimate | undefined): string | undefined {
  const limit = TOOL_LIMITS[format];
  if (limit === undefined || estimate === undefined || estimate.insns <= limit.insns) return undefined;
  return `${grouped(estimate.insns)} instructions are many for ${format}: ${limit.why}; --from, --to and --first take a part`;
}

const duration = (seconds: number): string => (seconds < 1 ? 'below a second' : seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
