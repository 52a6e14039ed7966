import type { OpenFile } from '../files/openFile.ts';
import type { Host } from '../host.ts';
import type { LinuxProcess } from '../process.ts';
import { In } from './events.ts';
import type { FileKey, FileWatches } from './fileWatches.ts';
import { attempt, subjectOf } from './subjects.ts';

/** Tells of watched files that are closed for good. */
export class Closings {
  private readonly known = new WeakSet<OpenFile>();

  constructor(
    private readonly host: Host,
    private readonly watches: FileWatches,
  ) {}

  /** An open file is to be told of, if anybody watches it or its directory. */
  expect(file: OpenFile): void {
    const subject = this.known.has(file) ? undefined : subjectOf(this.host, file);
    if (subject === undefined || !(this.watches.has(subject.key) || this.watches.has(subject.folder))) return;
    this.known.add(file);
    file.watch({ fileClosed: () => this.closed(file) });
  }

  private closed(file: OpenFile): void {
    const subject = subjectOf(this.host, file);
    if (subject === undefined) return;
    this.watches.tellBoth(subject, file.canWrite ? In.closeWrite : In.closeNoWrite);
    if (attempt(() => file.stat().links) === 0 && this.watches.has(subject.key)) this.watches.deleted(subject.key);
  }

  /** A watch has been added: files may be open already. */
  expectAll(processes: Iterable<LinuxProcess>): void {
    for (const { files } of processes) for (const fd of files.numbers()) this.expect(files.get(fd));
  }

  /** Whether any process has a file open. */
  isOpen(processes: Iterable<LinuxProcess>, key: FileKey): boolean {
    for (const { files } of processes) if (files.numbers().some((fd) => subjectOf(this.host, files.get(fd))?.key === key)) return true;
    return false;
  }
}
