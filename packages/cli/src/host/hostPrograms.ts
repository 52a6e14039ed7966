import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { constants } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { type ByteString, decodeText, Errno, type HostProgram, type HostProgramRequest, LinuxError } from '@everystep/core';
import { asLinux, errnoOf } from './nodeErrors.ts';
import { StreamPump } from './streamPump.ts';

const signalNumber = (name: NodeJS.Signals): number => constants.signals[name];

/** Descriptors that Node gives a child whatever is said. */
const STANDARD = 3;

/**
 * Starts a program of the host's for a guest process. What the guest has of the host's terminals and pipes is the program's
 * as it is; what goes through a guest's own pipe, or a file in which everystep knows the position, is moved.
 * @throws LinuxError ENOEXEC where it cannot be started
 */
export function startHostProgram({ path, argv, environment, directory, handles, files, streams, ended, stopped }: HostProgramRequest): HostProgram {
  // Loaded when needed, as it takes milliseconds that every start would pay.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [argv0, ...args] = argv.map(decodeText);
  const opened = new Map([...files].map(([fd, file]) => [fd, openAgain(file)]));
  const last = Math.max(STANDARD - 1, ...handles.keys(), ...opened.keys(), ...streams.keys());
  const stdio = Array.from({ length: last + 1 }, (_, fd) => handles.get(fd) ?? opened.get(fd) ?? (streams.has(fd) ? 'pipe' : 'ignore'));
  const child = spawn(decodeText(path), args, { argv0, cwd: decodeText(directory), env: variables(environment), stdio });
  for (const fd of opened.values()) fs.closeSync(fd);
  // Node tells of it later, too.
  child.on('error', () => {});
  const { pid } = child;
  if (pid === undefined) throw new LinuxError(Errno.ENOEXEC);
  const watch = watchStops(pid, stopped);
  const outputs = pump(child, streams);
  child.on('exit', () => clearInterval(watch));
  child.on('close', (status, signal) => {
    const how = signal === null ? ({ kind: 'exit', status: status ?? 0 } as const) : ({ kind: 'signal', signal: signalNumber(signal) } as const);
    void Promise.all(outputs).then(() => ended(how));
  });
  return { kill: (signal) => sendSignal(child, pid, signal) };
}

/** Sends any signal; Node itself would take none that it has no name for. */
function sendSignal({ exitCode, signalCode }: ChildProcess, pid: number, signal: number): void {
  // Its number may be another's by now.
  if (exitCode !== null || signalCode !== null) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended, or does not take it.
    if (errnoOf(error) === undefined) throw error;
  }
}

/** Bytes that are read at a time to come to a position. */
const STEP = 65536;

/** Another descriptor of a regular file, whose position is the guest's: Node can move that by reading only. */
function openAgain({ handle, position, writes }: { readonly handle: number; readonly position: number; readonly writes: boolean }): number {
  return asLinux(() => {
    const fd = fs.openSync(`/proc/self/fd/${handle}`, writes ? fs.constants.O_RDWR : fs.constants.O_RDONLY);
    const buffer = new Uint8Array(Math.min(STEP, position));
    for (let at = 0; at < position; ) {
      const count = fs.readSync(fd, buffer, 0, Math.min(buffer.length, position - at), null);
      if (count === 0) break;
      at += count;
    }
    return fd;
  });
}

/** Milliseconds between two looks whether a program is stopped, of which Node does not tell. */
const LOOK = 50;

function watchStops(pid: number, stopped: (isStopped: boolean) => void): NodeJS.Timeout {
  let wasStopped = false;
  const watch = setInterval(() => {
    let state = '';
    try {
      state = /\) (\w)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
    } catch (error) {
      // It has ended, or the host has no /proc.
      if (errnoOf(error) === undefined) throw error;
    }
    if ((state === 'T') === wasStopped) return;
    wasStopped = !wasStopped;
    stopped(wasStopped);
  }, LOOK);
  watch.unref();
  return watch;
}

const variables = (environment: readonly ByteString[]): NodeJS.ProcessEnv =>
  Object.fromEntries(environment.map(decodeText).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));

/** Moves what goes through guests' streams. @returns for each output, when all of it has been moved */
function pump(child: ChildProcess, streams: HostProgramRequest['streams']): Promise<void>[] {
  return [...streams].flatMap(([fd, file]) => {
    const end = child.stdio[fd];
    if (end === null || end === undefined) return [];
    const stream = new StreamPump(file);
    // Node has one way for each of the standard streams, and both for others.
    if (end instanceof Writable && fd !== 1 && fd !== 2 && file.canRead) stream.feed(end);
    return end instanceof Readable && fd !== 0 && file.canWrite ? [stream.drain(end)] : [];
  });
}
