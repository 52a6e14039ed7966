import { Errno, LinuxError } from '../errno.ts';
import { release } from '../files/fileTable.ts';
import type { OpenFile } from '../files/openFile.ts';
import type { LinuxProcess } from '../process.ts';
import { StructWriter, words } from '../structs.ts';
import { Msg, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from './constants.ts';
import type { Credentials, Received } from './receiveQueue.ts';

/** Bytes of struct cmsghdr: length (8), level (4), type (4). */
const HEADER = 16;
/** Most open files in one message, and most bytes of control data. */
const MOST_FILES = 253;
const MOST_CONTROL = 20_480;

export interface ControlData {
  readonly rights: OpenFile[] | undefined;
  readonly credentials: Credentials | undefined;
}

const align = (length: number): number => (length + 7) & -8;

/** Reads what goes with a message. The open files among it count as used from now on. @throws LinuxError */
export function readControl(process: LinuxProcess, at: number, length: number): ControlData {
  if (length > MOST_CONTROL) throw new LinuxError(Errno.ENOBUFS);
  const view = length < HEADER ? undefined : process.view(at, length);
  const rights: OpenFile[] = [];
  let credentials: Credentials | undefined;
  for (let offset = 0; view !== undefined && offset + HEADER <= length; ) {
    const size = Number(view.getBigUint64(offset, true));
    if (size < HEADER || offset + size > length) throw new LinuxError(Errno.EINVAL);
    const type = view.getInt32(offset + 12, true);
    if (view.getInt32(offset + 8, true) === SOL_SOCKET) {
      if (type === SCM_RIGHTS) {
        for (let from = offset + HEADER; from + 4 <= offset + size; from += 4) rights.push(process.files.get(view.getInt32(from, true)));
      } else if (type === SCM_CREDENTIALS) credentials = readCredentials(process, view, offset + HEADER, size - HEADER);
      else throw new LinuxError(Errno.EINVAL);
    }
    offset += align(size);
  }
  if (rights.length > MOST_FILES) throw new LinuxError(Errno.EINVAL);
  for (const file of rights) file.references++;
  return { rights: rights.length === 0 ? undefined : rights, credentials };
}

/** @throws LinuxError EPERM if one says to be somebody else */
function readCredentials({ identity }: LinuxProcess, view: DataView, at: number, size: number): Credentials {
  if (size !== 12) throw new LinuxError(Errno.EINVAL);
  const [pid, uid, gid] = [0, 4, 8].map((offset) => view.getInt32(at + offset, true));
  const mayPretend = identity.effectiveUid === 0;
  const isTrue = pid === identity.pid && (uid === identity.uid || uid === identity.effectiveUid) && (gid === identity.gid || gid === identity.effectiveGid);
  if (!mayPretend && !isTrue) throw new LinuxError(Errno.EPERM);
  return { pid, uid, gid };
}

/** Control data as it is written for the guest. */
export interface WrittenControl {
  readonly length: number;
  /** Flags for msg_flags. */
  readonly flags: number;
}

/**
 * Tells the guest what came with a message: who sent it, if it wants to know, and descriptors for open files.
 * @param wantsCredentials SO_PASSCRED
 * @param peek whether the open files stay in the message
 */
export function writeControl(
  process: LinuxProcess,
  { rights, credentials }: Received,
  at: number,
  room: number,
  how: { readonly wantsCredentials: boolean; readonly peek: boolean; readonly closeOnExec: boolean },
): WrittenControl {
  let length = 0;
  let flags = 0;
  const put = (type: number, body: Uint8Array): void => {
    const whole = HEADER + body.length;
    const bytes = new StructWriter(whole).u64(whole).u32(SOL_SOCKET).u32(type).raw(body).bytes;
    const fits = Math.min(bytes.length, room - length);
    if (fits < bytes.length) flags |= Msg.controlTruncated;
    if (fits < HEADER) return;
    process.write(at + length, bytes.subarray(0, fits));
    length = Math.min(room, length + align(fits));
  };
  if (how.wantsCredentials) put(SCM_CREDENTIALS, words(credentials?.pid ?? 0, credentials?.uid ?? 0xfffe, credentials?.gid ?? 0xfffe));
  if (rights !== undefined) {
    const most = Math.max(0, Math.floor((room - length - HEADER) / 4));
    if (most < rights.length) flags |= Msg.controlTruncated;
    const numbers: number[] = [];
    for (const file of rights.slice(0, most)) {
      try {
        numbers.push(process.files.add(file, how.closeOnExec));
      } catch (error) {
        if (!(error instanceof LinuxError)) throw error;
        flags |= Msg.controlTruncated;
        break;
      }
    }
    if (numbers.length > 0) put(SCM_RIGHTS, words(...numbers));
    if (!how.peek) for (const file of rights) release(file);
  }
  return { length, flags };
}

/** Open files of a message that was not sent. */
export function dropRights({ rights }: ControlData): void {
  for (const file of rights ?? []) release(file);
}
