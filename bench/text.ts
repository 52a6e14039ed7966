import type { Ratio } from './statistics.ts';

/** A ratio in as many digits as say something. */
export const ratioDigits = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0));

/** The ratio as text; with its interval where it is within 10 % of 1. */
export function ratioText({ median, low, high }: Ratio): string {
  return Math.abs(median - 1) < 0.1 ? `${ratioDigits(median)} [${ratioDigits(low)}, ${ratioDigits(high)}]` : ratioDigits(median);
}

export const seconds = (value: number): string => value.toFixed(2);

const MIB = 1 << 20;

/** Bytes as a number of MiB. */
export const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(0);

/** A line of a table whose columns have given widths: the first to the left, the others to the right. */
export const tableLine = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    .join('  ')
    .trimEnd();

/** A table in plain text, as wide as it must be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => tableLine(row, widths)).join('\n');
}

/** Shows on a terminal what is being done; '' clears the line. */
export const progress = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`));
