import { UserError } from '../../base/index.ts';
import { type ByteString, byteString, decodeText } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import { join, REGULAR, TYPE_MASK } from '../files/pathLookup.ts';
import type { Host } from '../host.ts';

/** How often a script's interpreter may be a script. */
const SCRIPT_DEPTH = 4;
/** Bytes of a script's first line that count. */
const FIRST_LINE = 256;

/** A program to be loaded. */
export interface ProgramFile {
  /** As AT_EXECFN and messages name it. */
  readonly named: ByteString;
  /** On the host, without symbolic links. */
  readonly path: ByteString;
  readonly bytes: Uint8Array;
  /** With what a script's first line says, before what was given. */
  readonly argv: readonly ByteString[];
}

/**
 * Reads the program at a path of the host's, or the interpreter that a script's first line names.
 * @param lookUp finds the host's path of the guest's path, and may refuse it
 * @throws LinuxError EACCES where it is no regular file, ENOENT, ELOOP
 */
export function readProgramFile(host: Host, named: ByteString, argv: readonly ByteString[], lookUp: (path: ByteString) => ByteString): ProgramFile {
  let file = named;
  let given = argv;
  for (let depth = 0; depth <= SCRIPT_DEPTH; depth++) {
    const path = lookUp(file);
    if ((host.statPath(path, true).mode & TYPE_MASK) !== REGULAR) throw new LinuxError(Errno.EACCES);
    const bytes = host.readFile(path);
    const script = scriptLine(bytes);
    if (script === undefined) return { named: file, path: host.realPath(path), bytes, argv: given };
    given = [...script, file, ...given.slice(1)];
    file = script[0];
  }
  throw new LinuxError(Errno.ELOOP);
}

/** The interpreter that a script names, and its argument if there is one; undefined if the file is no script. */
function scriptLine(bytes: Uint8Array): readonly [ByteString, ...ByteString[]] | undefined {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return undefined;
  const line = /^#![ \t]*([^\n]*)/.exec(byteString(bytes.subarray(0, FIRST_LINE)))?.[1]?.trimEnd() ?? '';
  const [, interpreter, argument] = /^([^ \t]+)[ \t]*(.*)$/.exec(line) ?? [];
  if (interpreter === undefined) throw new LinuxError(Errno.ENOEXEC);
  return argument === undefined || argument === '' ? [interpreter as ByteString] : [interpreter as ByteString, argument as ByteString];
}

/** The dynamic linker, from the sysroot if there is one. @throws UserError if it is nowhere */
export function readLinker(host: Host, sysroot: ByteString | undefined, program: string, path: ByteString): { path: ByteString; bytes: Uint8Array } {
  const candidates = sysroot === undefined ? [path] : [join(sysroot, path.replace(/^\//, '') as ByteString), path];
  for (const candidate of candidates) {
    try {
      return { path: candidate, bytes: host.readFile(candidate) };
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
    }
  }
  throw new UserError(
    `${program}: is dynamically linked, and its linker ${decodeText(path)} is not here: ` +
      `${sysroot === undefined ? 'name a folder that holds it with -L' : `nor is it in ${decodeText(sysroot)}`}`,
  );
}
