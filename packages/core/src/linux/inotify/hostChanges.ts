import type { ByteString } from '../byteString.ts';
import { DIRECTORY, TYPE_MASK } from '../files/pathLookup.ts';
import type { Host, HostStat } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { In } from './events.ts';
import { type FileKey, type FileWatches, keyOf, type Watch } from './fileWatches.ts';
import { attempt } from './subjects.ts';

/** Between two looks, in nanoseconds. */
const INTERVAL = 500_000_000n;

/** What a file was like. */
interface Look {
  readonly stat: HostStat | undefined;
  /** Names in it, if it is a directory, with whether they are of directories. */
  readonly names: ReadonlyMap<ByteString, boolean>;
}

/** DT_DIR */
const DIRECTORY_TYPE = 4;

function lookAt(host: Host, { path, key }: Watch): Look {
  const stat = attempt(() => host.statPath(path, true));
  if (stat === undefined || keyOf(stat) !== key) return { stat: undefined, names: new Map() };
  const isDirectory = (stat.mode & TYPE_MASK) === DIRECTORY;
  const entries = isDirectory ? (attempt(() => host.readDirectory(path)) ?? []) : [];
  return { stat, names: new Map(entries.map(({ name, type }) => [name, type === DIRECTORY_TYPE])) };
}

/** Looks now and then what others than guests have done to watched files: the host does not tell. */
export class HostChanges {
  private readonly looks = new Map<FileKey, Look>();
  private isArmed = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly watches: FileWatches,
  ) {}

  /** A watch has been added. */
  begin(watch: Watch): void {
    this.looks.set(watch.key, lookAt(this.kernel.host, watch));
    if (!this.isArmed) this.arm();
  }

  private arm(): void {
    this.isArmed = true;
    this.kernel.addTimer({ at: this.kernel.host.monotonicTime() + INTERVAL, fire: () => this.fire() });
  }

  private fire(): void {
    this.isArmed = false;
    for (const watch of this.watches.files()) this.compare(watch);
    this.watches.touched.clear();
    for (const key of [...this.looks.keys()]) if (!this.watches.has(key)) this.looks.delete(key);
    if (!this.watches.isEmpty) this.arm();
  }

  private compare(watch: Watch): void {
    const { key } = watch;
    const before = this.looks.get(key);
    const now = lookAt(this.kernel.host, watch);
    this.looks.set(key, now);
    // What guests have done has been told.
    if (before === undefined || this.watches.touched.has(key)) return;
    const names = (of: Look, notIn: Look): [ByteString, boolean][] => [...of.names].filter(([name]) => !notIn.names.has(name));
    const mask = (isDirectory: boolean): number => (isDirectory ? In.isDirectory : 0);
    for (const [name, isDirectory] of names(before, now)) this.watches.tell(key, In.delete | mask(isDirectory), name);
    for (const [name, isDirectory] of names(now, before)) this.watches.tell(key, In.create | mask(isDirectory), name);
    if (before.stat === undefined) return;
    if (now.stat === undefined) this.watches.deleted(key);
    else if ((now.stat.mode & TYPE_MASK) === DIRECTORY) return;
    else if (now.stat.size !== before.stat.size || now.stat.modifyTime !== before.stat.modifyTime) this.watches.tell(key, In.modify);
    else if (now.stat.changeTime !== before.stat.changeTime) this.watches.tell(key, In.attrib);
  }
}
