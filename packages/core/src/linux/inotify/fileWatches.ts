import type { ByteString } from '../byteString.ts';
import type { HostStat } from '../host.ts';
import { In } from './events.ts';
import type { InotifyFile } from './inotifyFile.ts';

/** Names a file, whatever its paths are. */
export type FileKey = string & { readonly fileKey: unique symbol };

export const keyOf = ({ device, inode }: HostStat): FileKey => `${device}:${inode}` as FileKey;

/** What an inotify instance wants to know of a file. */
export interface Watch {
  readonly instance: InotifyFile;
  readonly number: number;
  readonly key: FileKey;
  /** The host's path of it. */
  readonly path: ByteString;
  /** Events and flags. */
  mask: number;
}

/** A file to which something happens, with the directory that has it. */
export interface Subject {
  readonly key: FileKey;
  readonly isDirectory: boolean;
  /** How many names it has. */
  readonly links: number;
  readonly folder: FileKey | undefined;
  readonly name: ByteString;
}

/** All watches of all inotify instances. */
export class FileWatches {
  private readonly watches = new Map<FileKey, Set<Watch>>();
  /** Files to which guests have done something since the host's changes were looked for. */
  readonly touched = new Set<FileKey>();
  private cookie = 0;

  get isEmpty(): boolean {
    return this.watches.size === 0;
  }

  has(key: FileKey | undefined): boolean {
    return key !== undefined && this.watches.has(key);
  }

  /** One watch of each watched file. */
  files(): Watch[] {
    return [...this.watches.values()].flatMap((set) => [...set].slice(0, 1));
  }

  add(watch: Watch): void {
    watch.instance.watched.set(watch.number, watch);
    const set = this.watches.get(watch.key) ?? new Set();
    this.watches.set(watch.key, set.add(watch));
  }

  /** The watch is no more, of which its instance is told. */
  remove(watch: Watch): void {
    const { instance, number, key } = watch;
    instance.watched.delete(number);
    const set = this.watches.get(key);
    set?.delete(watch);
    if (set?.size === 0) this.watches.delete(key);
    instance.tell(number, In.ignored);
  }

  /** A number that joins the two events of a rename. */
  nextCookie(): number {
    return ++this.cookie;
  }

  /** Something has happened to a file, or to a name in a directory. @param without flag of watches that are not told */
  tell(key: FileKey, mask: number, name = '' as ByteString, cookie = 0, without = 0): void {
    this.touched.add(key);
    for (const watch of [...(this.watches.get(key) ?? [])]) {
      if ((watch.mask & mask & In.allEvents) === 0 || (watch.mask & without) !== 0) continue;
      watch.instance.tell(watch.number, mask, name, cookie);
      if ((watch.mask & In.oneShot) !== 0) this.remove(watch);
    }
  }

  /** Tells those who watch a file, and those who watch its directory. */
  tellBoth({ key, isDirectory, links, folder, name }: Subject, events: number): void {
    const mask = events | (isDirectory ? In.isDirectory : 0);
    if (folder !== undefined) this.tell(folder, mask, name, 0, links === 0 ? In.exclusiveUnlink : 0);
    this.tell(key, mask);
  }

  /** A file is no more: nobody can watch it any longer. */
  deleted(key: FileKey): void {
    this.tell(key, In.deleteSelf);
    for (const watch of [...(this.watches.get(key) ?? [])]) this.remove(watch);
  }
}
