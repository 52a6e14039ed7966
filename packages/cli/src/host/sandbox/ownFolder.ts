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

/**
 * Removes a directory with all that is in it, though a guest may have made it unreadable, or so deep that no path leads to
 * what is in it: directories are moved up first.
 */
function removeTree(top: Buffer): void {
  const inside = (folder: Buffer, name: Buffer): Buffer => Buffer.concat([folder, Buffer.from('/'), name]);
  // What cannot be removed stays, as in any program's folder of temporary files.
  const attempt = (operation: () => void): void => {
    try {
      operation();
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
    }
  };
  const folders = [top];
  const emptied: Buffer[] = [];
  let moved = 0;
  const remove = (path: Buffer): void => {
    if (!fs.lstatSync(path).isDirectory()) return fs.unlinkSync(path);
    fs.chmodSync(path, 0o700);
    const place = inside(top, Buffer.from(`removed-${moved++}`));
    fs.renameSync(path, place);
    folders.push(place);
  };
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const parent = folder;
    attempt(() => fs.readdirSync(parent, 'buffer').forEach((name) => void attempt(() => remove(inside(parent, name)))));
    emptied.unshift(parent);
  }
  for (const folder of emptied) attempt(() => fs.rmdirSync(folder));
}
