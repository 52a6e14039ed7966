import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { type ByteString, decodeText, Errno, type HostProgram, type HostProgramRequest, LinuxError } from '@everystep/core';
import { StreamPump } from './streamPump.ts';

const signalNumber = (name: NodeJS.Signals): number => constants.signals[name];

/** Descriptors that Node gives a child whatever is said. */
const STANDARD = 3;

/**
 * Starts a program of the host's for a guest process. What the guest has of the host's terminals and pipes is the program's
 * as it is; what goes through a guest's own pipe, or a file in which everystep knows the position, is moved.
 * @throws LinuxError ENOEXEC where it cannot be started
 */
export function startHostProgram({ path, argv, environment, directory, handles, streams, ended }: HostProgramRequest): HostProgram {
  // Loaded when needed, as it takes milliseconds that every start would pay.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const [argv0, ...args] = argv.map(decodeText);
  const last = Math.max(STANDARD - 1, ...handles.keys());
  const stdio = Array.from({ length: last + 1 }, (_, fd) => handles.get(fd) ?? (streams.has(fd) ? 'pipe' : 'ignore'));
  const child = spawn(decodeText(path), args, { argv0, cwd: decodeText(directory), env: variables(environment), stdio });
  // Node tells of it later, too.
  child.on('error', () => {});
  if (child.pid === undefined) throw new LinuxError(Errno.ENOEXEC);
  const outputs = pump(child, streams);
  child.on('close', (status, signal) => {
    const how = signal === null ? ({ kind: 'exit', status: status ?? 0 } as const) : ({ kind: 'signal', signal: signalNumber(signal) } as const);
    void Promise.all(outputs).then(() => ended(how));
  });
  return { kill: (signal) => void child.kill(signal) };
}

const variables = (environment: readonly ByteString[]): NodeJS.ProcessEnv =>
  Object.fromEntries(environment.map(decodeText).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));

/** Moves what goes through guests' streams. @returns for each output, when all of it has been moved */
function pump(child: ChildProcess, streams: HostProgramRequest['streams']): Promise<void>[] {
  const [input, ...outputs] = [0, 1, 2].map((fd) => streams.get(fd));
  if (input !== undefined && child.stdin !== null) new StreamPump(input).feed(child.stdin);
  const ends = [child.stdout, child.stderr];
  return outputs.flatMap((file, i) => {
    const from = ends[i];
    return file === undefined || from === null ? [] : [new StreamPump(file).drain(from)];
  });
}
