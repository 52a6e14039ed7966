import type { StepRange } from '@everystep/core';
import type { RecordedRows, RowFilter, RowReader, RowValue } from './recordedRows.ts';
import type { RecordedTable } from './tables.ts';

/** Steps that are replayed at a time: few at first, as a query may want few rows. */
const FIRST_STRETCH = 4096;
const LAST_STRETCH = 0x2_0000;

/** Goes through a table's rows, as they are asked for. */
export class TableScan {
  private at: number;
  private size = FIRST_STRETCH;
  /** What may have rows from `at` on; undefined: that has to be found out. */
  private stretch: StepRange | undefined;
  private rows: (readonly RowValue[])[] = [];
  private taken = 0;
  private isFinished = false;

  constructor(
    private readonly recorded: RecordedRows,
    private readonly reader: RowReader,
    private readonly filter: RowFilter,
  ) {
    this.at = filter.steps.from;
  }

  /** The next rows, at most so many; none: there are no more. */
  next(most: number): readonly (readonly RowValue[])[] {
    while (this.taken >= this.rows.length && !this.isFinished) this.fill();
    const part = this.rows.slice(this.taken, this.taken + most);
    this.taken += part.length;
    return part;
  }

  private fill(): void {
    const { recorded, reader, filter } = this;
    this.rows = [];
    this.taken = 0;
    const take = (row: readonly RowValue[]): void => void this.rows.push(row);
    this.stretch ??= recorded.nextStretch(filter, this.at);
    if (this.stretch === undefined) {
      reader.finish?.(take);
      this.isFinished = true;
      return;
    }
    const { from, to } = this.stretch;
    const start = Math.max(this.at, from);
    this.at = Math.min(to, start + this.size);
    if (this.at === to) this.stretch = undefined;
    this.size = Math.min(this.size * 2, LAST_STRETCH);
    reader.read(start, this.at, take);
  }
}

/** Stretches that are looked at for an estimate, and steps of each. */
const SAMPLES = 5;
const SAMPLE_STEPS = 20_000;

/** About how many rows a table has: by what some of its steps have. */
export function estimateRows(recorded: RecordedRows, table: RecordedTable, filter: RowFilter): number {
  const stretches: StepRange[] = [];
  let steps = 0;
  for (let at = filter.steps.from; ; ) {
    const stretch = recorded.nextStretch(filter, at);
    if (stretch === undefined) break;
    stretches.push(stretch);
    steps += stretch.to - stretch.from;
    at = stretch.to;
  }
  const reader = table.open(recorded, filter, new Set());
  let [rows, sampled] = [0, 0];
  for (let i = 0; i < Math.min(SAMPLES, stretches.length); i++) {
    const { from, to } = stretches[Math.floor(((i + 0.5) * stretches.length) / Math.min(SAMPLES, stretches.length))];
    const until = Math.min(to, from + SAMPLE_STEPS);
    reader.read(from, until, () => void rows++);
    sampled += until - from;
  }
  return sampled === 0 ? 0 : Math.round((rows / sampled) * steps);
}
