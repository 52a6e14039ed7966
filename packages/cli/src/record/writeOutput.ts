import { writeSync } from 'node:fs';
import type { ReplayedOutput } from '@everystep/core';
import { writeAll } from '../trace/outputFile.ts';

/** Writes a run's output to the streams that it wrote it to, or only that of one stream, to standard output. What a recording does not have is said once. */
export function writeOutput(only?: number): (output: ReplayedOutput) => void {
  let isTold = false;
  return ({ stream, bytes }) => {
    if (only !== undefined && stream !== only) return;
    if (bytes !== undefined) writeAll(only === undefined ? stream : 1, bytes);
    else if (!isTold) {
      isTold = true;
      writeSync(2, 'everystep: some output is missing here: the recording does not have what sendfile and its like moved\n');
    }
  };
}
