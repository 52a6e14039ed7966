import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../nodeErrors.ts';

/** A directory of a sandbox's own on the host, which is removed when everystep ends. */
export class OwnFolder {
  readonly path = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'everystep-sandbox-')));
  /** The guest's /tmp, unless it is given another. */
  readonly temporary = join(this.path, 'tmp');
  /** Stands for directories that are nothing of the host's. */
  readonly empty = join(this.path, 'empty');

  constructor() {
    process.once('exit', () => removeTree(Buffer.from(this.path)));
    for (const path of [this.temporary, this.empty]) fs.mkdirSync(path);
    fs.chmodSync(this.temporary, 0o1777);
  }
}

/** Removes a directory with all that is in it, though a guest may have made it unreadable. */
function removeTree(path: Buffer): void {
  try {
    fs.chmodSync(path, 0o700);
    for (const name of fs.readdirSync(path, 'buffer')) {
      const child = Buffer.concat([path, Buffer.from('/'), name]);
      if (fs.lstatSync(child).isDirectory()) removeTree(child);
      else fs.unlinkSync(child);
    }
    fs.rmdirSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    // What cannot be removed stays, as in any program's folder of temporary files.
  }
}
