import type { Host } from '../host.ts';
import { MappedFiles } from '../memory/mappedFile.ts';
import { SocketSpace } from '../sockets/socketSpace.ts';
import { FileLocks } from './fileLocks.ts';
import { NamedPipes } from './namedPipes.ts';

/** First inode number of files that have no place on a disk: pipes, memfds. */
const FIRST_INODE = 10_000;

/** What the virtual kernel knows of files besides what each process has open. */
export class KernelFiles {
  readonly locks = new FileLocks();
  readonly namedPipes = new NamedPipes();
  readonly mapped = new MappedFiles();
  readonly sockets: SocketSpace;
  private inode = FIRST_INODE;

  constructor(host: Host) {
    this.sockets = new SocketSpace(host);
  }

  /** A number for a new file that has no place on a disk. */
  nextInode(): number {
    return ++this.inode;
  }
}
