import type { ByteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { HostStat } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Closings } from './closings.ts';
import { In } from './events.ts';
import { FileWatches, keyOf } from './fileWatches.ts';
import { HostChanges } from './hostChanges.ts';
import { InotifyFile } from './inotifyFile.ts';
import { InotifyObserver } from './observer.ts';

export { In, InotifyFile };

/** The kernel's side of inotify, which looks at the guests' system calls from when on a guest wants it. */
export class Inotify {
  private readonly watches = new FileWatches();
  private readonly closings: Closings;
  private readonly hostChanges: HostChanges;

  constructor(private readonly kernel: Kernel) {
    this.closings = new Closings(kernel.host, this.watches);
    this.hostChanges = new HostChanges(kernel, this.watches);
    kernel.observers.push(new InotifyObserver(this.watches, this.closings));
  }

  /** A new instance. */
  open(status: number): InotifyFile {
    return new InotifyFile(this.watches, status);
  }

  /** Watches a file, or changes what is wanted of it. @returns the watch's number. @throws LinuxError EEXIST */
  watch(instance: InotifyFile, path: ByteString, stat: HostStat, mask: number): number {
    const key = keyOf(stat);
    const known = [...instance.watched.values()].find((watch) => watch.key === key);
    const kept = mask & (In.allEvents | In.oneShot | In.exclusiveUnlink);
    if (known !== undefined) {
      if ((mask & In.maskCreate) !== 0) throw new LinuxError(Errno.EEXIST);
      known.mask = (mask & In.maskAdd) !== 0 ? known.mask | kept : kept;
      return known.number;
    }
    const watch = { instance, number: instance.nextWatch(), key, path, mask: kept };
    this.watches.add(watch);
    this.closings.expectAll(this.kernel.processes.values());
    this.hostChanges.begin(watch);
    return watch.number;
  }

  /** @throws LinuxError EINVAL */
  unwatch(instance: InotifyFile, number: number): void {
    const watch = instance.watched.get(number);
    if (watch === undefined) throw new LinuxError(Errno.EINVAL);
    this.watches.remove(watch);
  }
}
