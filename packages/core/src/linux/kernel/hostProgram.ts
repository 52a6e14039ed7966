import type { ByteString } from '../byteString.ts';
import type { OpenFile } from '../files/openFile.ts';
import type { HostHandle } from '../host.ts';
import type { Termination } from '../process.ts';

/** What a program of the host's is started with. */
export interface HostProgramRequest {
  readonly path: ByteString;
  readonly argv: readonly ByteString[];
  readonly environment: readonly ByteString[];
  readonly directory: ByteString;
  /** Descriptors that are the host's own. */
  readonly handles: ReadonlyMap<number, HostHandle>;
  /** Descriptors of regular files that the program gets descriptors of its own of, at the position where the guest is. */
  readonly files: ReadonlyMap<number, { readonly handle: HostHandle; readonly position: number; readonly writes: boolean }>;
  /** Descriptors that are the guests' alone: what goes through them is to be moved. */
  readonly streams: ReadonlyMap<number, OpenFile>;
  /** To be called once, between two runs of the machine, when it has ended. */
  readonly ended: (termination: Termination) => void;
  /** To be called, between two runs of the machine, when it has stopped, and when it goes on. */
  readonly stopped: (isStopped: boolean) => void;
}

/** A program of the host's that a guest process has become. */
export interface HostProgram {
  /** Sends it a signal. */
  kill(signal: number): void;
}

/** Starts programs of the host's. @throws LinuxError where that fails */
export type StartHostProgram = (request: HostProgramRequest) => HostProgram;
