import { writeSync } from 'node:fs';
import { type ReplayedOutput, UserError } from '@everystep/core';
import { writeAll } from '../host/writing.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { BrokenPipe } from '../log/logFile.ts';

/** @throws BrokenPipe if nobody reads it @throws UserError if it cannot be written */
function write(fd: number, bytes: Uint8Array): void {
  try {
    writeAll(fd, bytes);
  } catch (error) {
    const code = hostErrorCode(error);
    if (code === undefined) throw error;
    if (code === 'EPIPE') throw new BrokenPipe();
    throw new UserError(`cannot write the run's output: ${hostErrorText(error)}`);
  }
}

/** Writes a run's output to the streams that it wrote it to, or only that of one stream, to standard output. What a recording does not have is said once. */
export function writeOutput(only?: number): (output: ReplayedOutput) => void {
  let isTold = false;
  return ({ stream, bytes }) => {
    if (only !== undefined && stream !== only) return;
    if (bytes !== undefined) write(only === undefined ? stream : 1, bytes);
    else if (!isTold) {
      isTold = true;
      writeSync(2, 'everystep: some output is missing here: it was made before recordings had what sendfile and its like moved\n');
    }
  };
}
