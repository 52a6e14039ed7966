import { closeSync, openSync, readSync } from 'node:fs';
import { ChunkFileParser, type ChunkFileVisitor, CPU_MODEL_NAMES, createAArch64, type Guest, stateOf, type TraceHeader, UserError } from '@everystep/core';
import { hostErrorText } from '../log/hostError.ts';

const PIECE = 0x10_0000;

/**
 * Reads a chunk file.
 * @returns undefined, or what is wrong with its end
 * @throws UserError if it cannot be read, or is no such file
 */
export function readTraceFile(path: string, visitor: ChunkFileVisitor): string | undefined {
  const parser = new ChunkFileParser(visitor);
  const piece = new Uint8Array(PIECE);
  const fd = open(path);
  try {
    for (let count = read(path, fd, piece); count > 0; count = read(path, fd, piece)) parser.push(piece.subarray(0, count));
    return parser.finish();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UserError(`${path}: ${hostErrorText(error)}`);
  }
}

function read(path: string, fd: number, piece: Uint8Array): number {
  try {
    return readSync(fd, piece);
  } catch (error) {
    throw new UserError(`${path}: ${hostErrorText(error)}`);
  }
}

/** The guest of a trace, with the state layout that the trace was written with. @throws UserError if this version has no such guest */
export function guestOf(header: TraceHeader): Guest {
  if (header.guest !== 'aarch64') throw new UserError(`the trace is of a ${header.guest} program, which this everystep does not know`);
  const cpu = CPU_MODEL_NAMES.find((name) => name === header.cpu) ?? 'max';
  return { ...createAArch64(cpu), state: stateOf(header) };
}
