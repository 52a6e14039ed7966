import { type ByteString, encodeText } from '../byteString.ts';
import type { OpenFile } from '../files/openFile.ts';

/** A file of /proc whose contents are made when it is opened. */
export interface ProcFileNode {
  readonly kind: 'file';
  /** Permission bits. */
  readonly mode: number;
  contents(): ByteString;
  /** Takes what is written. @throws LinuxError */
  readonly write?: (text: string) => void;
  /** Opens it, where its contents are not made then. */
  readonly open?: (path: ByteString, status: number) => OpenFile;
}

/** An entry of a directory: its name, and DT_*. */
export interface ProcEntry {
  readonly name: string;
  readonly type: number;
}

export interface ProcDirectoryNode {
  readonly kind: 'directory';
  readonly mode: number;
  entries(): readonly ProcEntry[];
}

/** A symbolic link: what readlink tells, and where it leads, which may be a file without any path. */
export interface ProcLinkNode {
  readonly kind: 'link';
  readonly mode: number;
  readonly target: ByteString;
  readonly file?: OpenFile;
}

export type ProcNode = ProcFileNode | ProcDirectoryNode | ProcLinkNode;

/** A directory that finds its nodes by name; a name may also stand for a file of the host's, whose path it gives then. */
export interface ProcFolder extends ProcDirectoryNode {
  child(name: string): ProcNode | ProcFolder | ByteString | undefined;
}

/** DT_* */
export const DT = { fifo: 1, directory: 4, file: 8, link: 10 } as const;

export const file = (contents: () => string, mode = 0o444, write?: (text: string) => void): ProcFileNode => ({
  kind: 'file',
  mode,
  contents: () => encodeText(contents()),
  ...(write === undefined ? {} : { write }),
});

export const directory = (entries: () => readonly ProcEntry[], mode = 0o555): ProcDirectoryNode => ({ kind: 'directory', mode, entries });

export const link = (target: string, mode = 0o777): ProcLinkNode => ({ kind: 'link', mode, target: target as ByteString });

/** DT_* of a node. */
export const typeOf = (node: ProcNode): number => (node.kind === 'directory' ? DT.directory : node.kind === 'link' ? DT.link : DT.file);
