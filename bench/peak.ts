import { descendants, readProc } from './processTree.ts';

const PERIOD = 50;
const KIB = 1024;

/** A field of /proc/PID/status, in bytes; 0 if it is not there. */
export function statusField(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * KIB;
}

/** What is known of a process tree's memory. */
export interface PeakSampler {
  /** In bytes. */
  peak(): number;
  stop(): void;
}

/**
 * Looks 20 times a second at the processes below one. The peak is the largest sum of what they had resident at one of those
 * times, but at least the largest high-water mark of a single one, so that a peak between two looks is missed only if it is
 * one of several processes together, or of the last moment.
 */
export function peakSampler(pid: number): PeakSampler {
  let peak = 0;
  const sample = (): void => {
    let sum = 0;
    for (const child of descendants(String(pid))) {
      const status = readProc(`/proc/${child}/status`);
      sum += statusField(status, 'VmRSS');
      peak = Math.max(peak, statusField(status, 'VmHWM'));
    }
    peak = Math.max(peak, sum);
  };
  const timer = setInterval(sample, PERIOD);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}
