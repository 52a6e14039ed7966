import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { Host } from '../host.ts';

/** Symbolic links that one path may lead through. */
const LINK_LIMIT = 40;

const TYPE_MASK = 0o170000;
const DIRECTORY = 0o040000;
const LINK = 0o120000;

export interface WalkRules {
  /** Whether the last part is followed if it is a symbolic link. */
  readonly follow: boolean;
  /** What `..` at the top, and an absolute link or path, mean: they stay below the top, or the walk fails with EXDEV. */
  readonly beyond: 'stay' | 'refuse';
  /** Symbolic links fail with ELOOP. */
  readonly noLinks?: boolean;
  /** What is missing ends the walk, and the rest of the path is taken as it is. */
  readonly lenient?: boolean;
  /** Other file systems than that of the start fail with EXDEV. */
  readonly oneDevice?: boolean;
}

/**
 * Follows a path one part after the other, as the kernel does, below a top directory.
 * @param top an absolute path of the host
 * @param start names of the directories below it where the walk begins
 * @returns the path without symbolic links, but for a last one that is not followed; the last part may be missing
 */
export function walk(host: Host, top: ByteString, start: readonly string[], path: ByteString, rules: WalkRules): ByteString {
  const at = [...start];
  const place = (name?: string): ByteString => [top === '/' ? '' : top, ...at, ...(name === undefined ? [] : [name])].join('/') as ByteString;
  const device = rules.oneDevice ? host.statPath(place(), true).device : undefined;
  if (path.startsWith('/')) toTop();
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const needsDirectory = /(^|\/)\.?$/.test(path);
  for (let links = 0; parts.length > 0; ) {
    const name = parts.shift() as string;
    if (name === '..') {
      if (at.pop() === undefined && rules.beyond === 'refuse') throw new LinuxError(Errno.EXDEV);
      continue;
    }
    const isLast = parts.length === 0 && !needsDirectory;
    if (isLast && !rules.follow && !rules.noLinks && device === undefined) return place(name);
    const stat = statOf(host, place(name), isLast || rules.lenient === true);
    if (stat === undefined) return [place(name), ...parts].join('/') as ByteString;
    if (device !== undefined && stat.device !== device) throw new LinuxError(Errno.EXDEV);
    const type = stat.mode & TYPE_MASK;
    if (type === LINK && (rules.follow || !isLast || rules.noLinks)) {
      if (rules.noLinks || ++links > LINK_LIMIT) throw new LinuxError(Errno.ELOOP);
      const target = host.readLink(place(name));
      if (target.startsWith('/')) toTop();
      parts.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
      continue;
    }
    if (type !== DIRECTORY && !isLast) throw new LinuxError(Errno.ENOTDIR);
    at.push(name);
  }
  return at.length === 0 ? top : place();

  function toTop(): void {
    if (rules.beyond === 'refuse') throw new LinuxError(Errno.EXDEV);
    at.length = 0;
  }
}

/** @returns undefined for what is missing, if it may be */
function statOf(host: Host, path: ByteString, mayBeMissing: boolean): { readonly mode: number; readonly device: bigint } | undefined {
  try {
    return host.statPath(path, false);
  } catch (error) {
    if (mayBeMissing && error instanceof LinuxError && error.errno === Errno.ENOENT) return undefined;
    throw error;
  }
}
