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
  /** Of the output, 0 bytes if that is written in the end only; undefined: nobody is told. */
  readonly sample: { readonly bytes: number; readonly seconds: number } | undefined;
}

/**
 * Estimates an export: instructions from the chunks' heads, size and time by writing the first chunks of the window to nothing.
 * @param isShown somebody is told of large exports without asking
 * @returns undefined if the file cannot be read twice
 */
export function estimateExport(
  file: TraceFile,
  make: SinkMaker,
  settings: StepWindow & { readonly estimate: boolean },
  isShown: boolean,
): ExportEstimate | undefined {
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
    return { insns, isLarge, sample: (isLarge && isShown) || settings.estimate ? sampleOf(file, make, insns) : undefined };
  });
}

/** Writes the first chunks to nothing. */
function sampleOf(file: TraceFile, make: SinkMaker, insns: number): { bytes: number; seconds: number } {
  let bytes = 0;
  let sink: FormatSink | undefined;
  const clock = new SampleClock(usedMilliseconds());
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
      // A piece of the file may hold many million instructions.
      records: (records) => {
        if (sink === undefined || clock.isEnough) return;
        sink.records(records);
        clock.sampled(sink.totals.wanted, usedMilliseconds());
      },
    },
    brotli,
  );
  file.readSome((piece) => {
    parser.push(piece);
    return !clock.isEnough;
  });
  sink?.flush?.();
  const { wanted } = clock;
  return { bytes: wanted === 0 ? bytes : (bytes / wanted) * insns, seconds: clock.secondsOf(insns) };
}

/** Instructions that are enough to know what more of them take, and the time after which fewer will do. */
const SAMPLE = 2_000_000;
const SAMPLE_MILLISECONDS = 2500;

/** Of the processor: what others do on this machine may end any time. */
function usedMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Tells what many instructions will take from what the first ones took. The first of these take longer than the rest:
 * symbols are read, texts of instructions made, and our own code is still slow.
 */
export class SampleClock {
  private readonly points: { readonly wanted: number; readonly at: number }[] = [];

  /** @param started in milliseconds */
  constructor(private readonly started: number) {}

  /** Instructions so far. */
  get wanted(): number {
    return this.points.at(-1)?.wanted ?? 0;
  }

  get isEnough(): boolean {
    const last = this.points.at(-1);
    return last !== undefined && this.points.length > 1 && (last.wanted >= SAMPLE || last.at - this.started >= SAMPLE_MILLISECONDS);
  }

  /** @param wanted instructions so far @param at in milliseconds */
  sampled(wanted: number, at: number): void {
    this.points.push({ wanted, at });
  }

  secondsOf(insns: number): number {
    const last = this.points.at(-1);
    if (last === undefined || last.wanted === 0) return 0;
    // What came after the middle goes on.
    const before = this.points.filter(({ wanted }) => wanted < last.wanted);
    const middle = before.filter(({ wanted }) => wanted <= last.wanted / 2).at(-1) ?? before[0] ?? { wanted: 0, at: this.started };
    const rate = (last.at - middle.at) / (last.wanted - middle.wanted);
    const milliseconds = insns >= last.wanted ? last.at - this.started + rate * (insns - last.wanted) : ((last.at - this.started) / last.wanted) * insns;
    return milliseconds / 1000;
  }
}

/** One line: what an export takes. */
export function estimateText(format: string, estimate: ExportEstimate | undefined): string {
  if (estimate === undefined) return `${format}: the trace comes from a pipe, so its size is not known`;
  const { insns, sample } = estimate;
  if (sample === undefined) return `${grouped(insns)} instructions as ${format}`;
  const bytes = Math.round(sample.bytes);
  // Sums of costs, or what ran at all, come in the end.
  const size = format === 'none' ? '' : bytes === 0 ? 'a size that does not depend on how many they are, ' : `about ${readableSize(bytes)}, `;
  return `${grouped(insns)} instructions as ${format}: ${size}${duration(sample.seconds)}`;
}

/** What to say to somebody whose tools will suffer. */
export function warningOf(format: string, estimate: ExportEstimate | undefined): string | undefined {
  const limit = TOOL_LIMITS[format];
  if (limit === undefined || estimate === undefined || estimate.insns <= limit.insns) return undefined;
  return `${grouped(estimate.insns)} instructions are many for ${format}: ${limit.why}; --from, --to and --first take a part`;
}

const duration = (seconds: number): string => (seconds < 1 ? 'below a second' : seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
