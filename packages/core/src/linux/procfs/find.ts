import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { LinuxProcess } from '../process.ts';
import { DT, directory, link, type ProcDirectoryNode, type ProcEntry, type ProcFolder, type ProcNode } from './node.ts';
import { processDirectory } from './processDirectory.ts';
import { madeSystemFiles, systemFile } from './systemFiles.ts';

/** What a path below /proc or /dev names. */
export type ProcPlace =
  /** Something that the virtual kernel makes; `rest` is what is left of the path behind a link. */
  | { readonly kind: 'node'; readonly node: ProcNode; readonly path: ByteString; readonly rest: readonly string[] }
  /** The host's file of that path. */
  | { readonly kind: 'host'; readonly path: ByteString };

/** Takes `.`, `..` and double slashes out of an absolute path, as if there were no symbolic links in it. */
export function plainParts(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

const STANDARD_FILES: ReadonlyMap<string, string> = new Map([
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['fd', '/proc/self/fd'],
]);

/** @returns undefined for what the virtual kernel has nothing to do with */
export function findProc(process: LinuxProcess, path: string): ProcPlace | undefined {
  const [top, name, ...rest] = plainParts(path);
  if (top === 'dev') {
    const target = STANDARD_FILES.get(name);
    return target === undefined ? undefined : { kind: 'node', node: link(target), path: `/dev/${name}` as ByteString, rest };
  }
  if (top !== 'proc') return undefined;
  if (name === undefined) return { kind: 'node', node: root(process), path: '/proc' as ByteString, rest: [] };
  if (name === 'self') return { kind: 'node', node: link(`${process.pid}`), path: '/proc/self' as ByteString, rest };
  if (name === 'thread-self') {
    return { kind: 'node', node: link(`${process.pid}/task/${process.thread.tid}`), path: '/proc/thread-self' as ByteString, rest };
  }
  const host = { kind: 'host', path: `/proc/${[name, ...rest].join('/')}` as ByteString } as const;
  if (!/^\d+$/.test(name)) {
    const node = systemFile(process, [name, ...rest].join('/'));
    return node === undefined ? host : { kind: 'node', node, path: host.path, rest: [] };
  }
  const subject =
    process.kernel.processes.get(Number(name)) ?? [...process.kernel.processes.values()].find(({ threads }) => threads.some(({ tid }) => `${tid}` === name));
  if (subject === undefined) return host;
  return descend(processDirectory(process, subject, Number(name)), `/proc/${name}`, rest);
}

function descend(top: ProcFolder, base: string, rest: readonly string[]): ProcPlace {
  let node: ProcNode | ProcFolder = top;
  let path = base;
  for (let i = 0; i < rest.length; i++) {
    if (node.kind === 'link') return { kind: 'node', node, path: path as ByteString, rest: rest.slice(i) };
    if (!('child' in node)) throw new LinuxError(Errno.ENOTDIR);
    const next: ProcNode | ProcFolder | ByteString | undefined = node.child(rest[i]);
    if (next === undefined) throw new LinuxError(Errno.ENOENT);
    if (typeof next === 'string') return { kind: 'host', path: [next, ...rest.slice(i + 1)].join('/') as ByteString };
    node = next;
    path = `${path}/${rest[i]}`;
  }
  return { kind: 'node', node, path: path as ByteString, rest: [] };
}

/** /proc: what the host has, with the guests among its processes. */
function root(process: LinuxProcess): ProcDirectoryNode {
  return directory(() => {
    const { host, kernel } = process;
    let others: readonly ProcEntry[] = [];
    try {
      others = host.readDirectory('/proc' as ByteString);
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
    }
    const own = [...kernel.processes.keys()].map((pid) => ({ name: `${pid}`, type: DT.directory }));
    const made = [{ name: 'self', type: DT.link }, { name: 'thread-self', type: DT.link }, ...madeSystemFiles(process)];
    const names = new Set([...made, ...own].map(({ name }) => name));
    return [...made, ...others.filter(({ name }) => !names.has(name)), ...own];
  });
}
