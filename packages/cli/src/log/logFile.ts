import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { milliseconds } from '../host/clock.ts';
import { hostErrorCode, hostErrorText } from './hostError.ts';

/** Characters kept before they are written, and for how long, in case a signal ends the process: V8 runs no handler then. */
const BUFFER = 1 << 18;
const MILLISECONDS = 50;
/** Writes between looks at the clock. */
const CLOCK_PERIOD = 32;
const STDERR = 2;
const RETRY_MILLISECONDS = 1;

/** Nobody reads the log any more; QEMU ends by SIGPIPE then. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** The log of a run: a file, or standard error. Writes are buffered; `flush` before anything else may write there. */
export class LogFile {
  private readonly fd: number;
  private text = '';
  private writes = 0;
  /** When the log was flushed last. */
  private flushed = 0;
  private broken = false;
  /** Whether others may write to the same place (a terminal, a pipe), so that the order of output counts. */
  readonly shared: boolean;

  /**
   * Creates or empties the file.
   * @param path undefined: standard error
   * @throws UserError if it cannot be opened
   */
  constructor(private readonly path: string | undefined) {
    try {
      this.fd = path === undefined ? STDERR : openSync(path, 'w');
    } catch (error) {
      throw new UserError(`cannot open the log file '${path}': ${hostErrorText(error)}`);
    }
    this.shared = path === undefined || !fstatSync(this.fd).isFile();
  }

  write(text: string): void {
    this.text += text;
    if (this.text.length >= BUFFER || (++this.writes % CLOCK_PERIOD === 0 && milliseconds() - this.flushed > MILLISECONDS)) this.flush();
  }

  /**
   * @throws UserError if the file cannot be written
   * @throws BrokenPipe
   */
  flush(): void {
    if (this.text === '' || this.broken) return;
    const bytes = Buffer.from(this.text);
    this.text = '';
    this.flushed = milliseconds();
    try {
      for (let at = 0; at < bytes.length; ) at += this.writeSome(bytes, at);
    } catch (error) {
      // Say it once: what the run still writes on its way out is lost as well.
      this.broken = true;
      if (hostErrorCode(error) === 'EPIPE') throw new BrokenPipe();
      throw new UserError(`cannot write the log${this.path === undefined ? '' : ` file '${this.path}'`}: ${hostErrorText(error)}`);
    }
  }

  private writeSome(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.fd, bytes, at);
    } catch (error) {
      if (hostErrorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
      return 0;
    }
  }

  /** Writes what is left and closes the file. */
  close(): void {
    this.flush();
    if (this.fd !== STDERR) closeSync(this.fd);
  }
}
