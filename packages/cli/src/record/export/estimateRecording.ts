import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalReader } from '@everystep/core';
import type { ExportEstimate } from '../../trace/estimate.ts';
import type { ExportSettings } from '../../trace/exportOptions.ts';
import { openFormat } from '../../trace/openFormat.ts';
import { closeOutput } from '../../trace/outputFile.ts';
import { RecordingTracer } from './recordingTrace.ts';

/** Steps that are exported, to a temporary file, to see what all of them take. */
const SAMPLE_STEPS = 1_000_000;

/**
 * Estimates the export of a recording by that of its first steps: what is wanted of them, bytes and time.
 * @param path of the recording
 * @throws UserError as the export does
 */
export async function estimateRecording(path: string, journal: JournalReader, settings: ExportSettings): Promise<ExportEstimate> {
  const steps = Math.max(0, Math.min(journal.lastStep, settings.to) - settings.from);
  const sampled = Math.min(steps, SAMPLE_STEPS);
  const folder = mkdtempSync(join(tmpdir(), 'everystep-estimate-'));
  try {
    const part = { ...settings, output: join(folder, 'sample'), to: settings.from + sampled };
    const output = settings.format === 'none' ? undefined : openFormat(part);
    const tracer = new RecordingTracer(journal, path, { ...part, disabled: new Set() });
    const began = performance.now();
    const { result, opened } = await tracer.trace(output, () => false);
    const ended = performance.now();
    if (output !== undefined) closeOutput(output);
    const { wanted } = result.totals;
    const insns = Math.min(settings.first, sampled === 0 ? 0 : Math.round((wanted / sampled) * steps));
    const share = wanted === 0 ? 1 : insns / wanted;
    const bytes = output === undefined ? 0 : sizeOf(part.output) * share;
    // What comes before the window is gone through once.
    const seconds = (opened - began + (ended - opened) * share) / 1000;
    return { insns, isLarge: true, sample: { bytes, seconds } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a file, or of all files in a folder. */
function sizeOf(path: string): number {
  const stat = statSync(path);
  return stat.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : stat.size;
}
