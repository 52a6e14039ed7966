import { type ByteString, byteString, encodeText } from '../../linux/index.ts';
import type { DebugTarget, DebugThread, ThreadId } from '../target.ts';
import { numberOfHex } from './hex.ts';
import { loadedLibraries } from './libraries.ts';
import type { TargetDescription } from './targetDescription.ts';
import { threadText } from './threadIds.ts';

/** Where there is no such object, and where the annex makes no sense. */
const NO_OBJECT = 'E00';

/** Objects that gdb reads in pieces (gdb's manual, E.6). */
export interface TransferSource {
  readonly target: DebugTarget;
  readonly description: TargetDescription;
  readonly multiprocess: boolean;
  /** The thread that commands are about. */
  readonly thread: ThreadId | undefined;
  /** The threads that gdb is told of. */
  readonly listed: readonly DebugThread[];
}

const xml = (text: string): string => text.replace(/[<>&"']|[^\x20-\x7e]/gu, (each) => `&#${each.codePointAt(0)};`);

function threadsXml({ listed, multiprocess }: TransferSource): string {
  const rows = listed.map((thread) => {
    const id = threadText(thread, multiprocess);
    return `<thread id="${id}" name="${xml(thread.name)}">${xml(thread.state)}</thread>`;
  });
  return `<?xml version="1.0"?><threads>${rows.join('')}</threads>`;
}

function librariesXml(target: DebugTarget, pid: number): string {
  const { program, libraries } = loadedLibraries(target, pid);
  const hex = (value: bigint): string => `0x${value.toString(16)}`;
  // gdb wants the namespace (lmid) since version 13; those before ignore it.
  const rows = libraries.map(
    ({ name, map, bias, dynamic, namespace }) =>
      `<library name="${xml(name)}" lm="${hex(map)}" l_addr="${hex(bias)}" l_ld="${hex(dynamic)}" lmid="${hex(namespace)}"/>`,
  );
  return `<library-list-svr4 version="1.0"${program === undefined ? '' : ` main-lm="${hex(program)}"`}>${rows.join('')}</library-list-svr4>`;
}

/** What gdb's manual (E.5) calls the objects that there are. */
export const OBJECTS = ['features', 'threads', 'exec-file', 'auxv', 'siginfo', 'libraries-svr4'] as const;

function objectOf(source: TransferSource, name: string, annex: string): ByteString | undefined {
  const { target, description, thread } = source;
  switch (name) {
    case 'features':
      return annex === 'target.xml' ? encodeText(description.xml) : undefined;
    case 'threads':
      return encodeText(threadsXml(source));
    case 'exec-file': {
      const pid = annex === '' ? thread?.pid : numberOfHex(annex);
      return pid !== undefined && target.threads().some((each) => each.pid === pid) ? target.executable(pid) : undefined;
    }
    case 'auxv':
      return thread === undefined ? undefined : byteString(target.auxiliaryVector(thread.pid));
    case 'siginfo': {
      const info = thread === undefined ? undefined : target.signalInfo(thread);
      return info === undefined ? undefined : byteString(info);
    }
    case 'libraries-svr4':
      return thread === undefined ? undefined : encodeText(librariesXml(target, thread.pid));
    default:
      return undefined;
  }
}

/**
 * Answers `qXfer:NAME:read:ANNEX:OFFSET,LENGTH`.
 * @param request what follows `qXfer:`
 * @param most bytes of a piece
 */
export function readObject(source: TransferSource, request: string, most: number): string {
  const [, name, annex, offsetText, lengthText] = /^([a-z0-9-]+):read:([^:]*):([0-9a-f]+),([0-9a-f]+)$/.exec(request) ?? [];
  if (name === undefined) return '';
  const object = objectOf(source, name, annex);
  const offset = numberOfHex(offsetText);
  const length = numberOfHex(lengthText);
  if (object === undefined || offset === undefined || length === undefined) return NO_OBJECT;
  const piece = object.slice(offset, offset + Math.min(length, most));
  return `${offset + piece.length < object.length ? 'm' : 'l'}${piece}`;
}
