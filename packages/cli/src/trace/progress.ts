import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STDERR = 2;
const INTERVAL_MILLISECONDS = 250;

/** 1234567 as 1,234,567. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Bytes with a unit: 28.1 MB. */
export function readableSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** One line on standard error that is written over and over, if that is a terminal. */
export class Progress {
  /** Somebody can see it. */
  readonly isWanted = isatty(STDERR);
  private shownAt = performance.now();
  private isShown = false;

  /** Shows `text()`, unless that was done a moment ago. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.isWanted || now - this.shownAt < INTERVAL_MILLISECONDS) return;
    this.shownAt = now;
    this.isShown = true;
    this.write(`\r\x1b[Keverystep: ${text()}`);
  }

  /** Shows a line that stays. */
  note(text: string): void {
    if (this.isWanted) this.write(`everystep: ${text}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.isShown) this.write('\r\x1b[K');
    this.isShown = false;
  }

  private write(text: string): void {
    try {
      writeSync(STDERR, text);
    } catch {
      // A terminal that went away: nobody is looking.
    }
  }
}
