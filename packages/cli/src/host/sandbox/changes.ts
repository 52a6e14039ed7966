import fs from 'node:fs';
import { type ByteString, byteString, Errno, type HostHandle, LinuxError } from '@everystep/core';
import { asLinux } from '../nodeErrors.ts';
import { seconds } from '../nodeHost.ts';
import { makeFifo, nameOpenFile } from '../pathCommand.ts';
import { makeSocket } from '../socketNode.ts';
import { type GuestNames, there } from './guestNames.ts';
import { itself } from './pathWalk.ts';

const { S_IFDIR, S_IFLNK, S_IFREG } = fs.constants;

/** Makes, removes and changes what a guest's paths name, as Host has it. */
export class Changes {
  constructor(private readonly names: GuestNames) {}

  makeDirectory(path: ByteString, mode: number): void {
    this.names.making(path, (host) => asLinux(() => fs.mkdirSync(host, { mode })), true);
  }

  makeFifo(path: ByteString, mode: number): void {
    this.names.making(path, (host) => makeFifo(byteString(host), mode));
  }

  makeSocket(path: ByteString, mode: number): void {
    this.names.making(path, (host) => makeSocket(byteString(host), mode));
  }

  removeDirectory(path: ByteString): void {
    this.names.place(path, ({ name, isPlain, look }) => {
      if (!isPlain) throw new LinuxError(name === '.' ? Errno.EINVAL : name === '..' ? Errno.ENOTEMPTY : Errno.EBUSY);
      const found = there(look());
      const host = this.names.changing(found);
      asLinux(() => fs.rmdirSync(host));
    });
  }

  unlink(path: ByteString): void {
    this.names.place(path, ({ isPlain, wantsFolder, look }) => {
      if (!isPlain) throw new LinuxError(Errno.EISDIR);
      const found = there(look());
      if (wantsFolder) throw new LinuxError(found.type === S_IFDIR ? Errno.EISDIR : Errno.ENOTDIR);
      const host = this.names.changing(found);
      asLinux(() => fs.unlinkSync(host));
    });
  }

  rename(from: ByteString, to: ByteString): void {
    this.names.place(from, (source) =>
      this.names.place(to, (target) => {
        if (source.folder.mount !== target.folder.mount) throw new LinuxError(Errno.EXDEV);
        if (!source.isPlain || !target.isPlain) throw new LinuxError(Errno.EBUSY);
        const [old, found] = [there(source.look()), target.look()];
        if (old.type !== S_IFDIR && (source.wantsFolder || target.wantsFolder)) throw new LinuxError(Errno.ENOTDIR);
        const [a, b] = [this.names.changing(old), this.names.changing(found)];
        asLinux(() => fs.renameSync(a, b));
      }),
    );
  }

  link(from: ByteString, to: ByteString): void {
    this.names.at(from, false, (found) => {
      const source = there(found);
      this.names.place(to, (target) => {
        const b = this.names.newName(target);
        if (source.mount === undefined || source.mount !== target.folder.mount) throw new LinuxError(Errno.EXDEV);
        if (source.type === S_IFDIR) throw new LinuxError(Errno.EPERM);
        const a = this.names.changing(source);
        asLinux(() => fs.linkSync(a, b));
      });
    });
  }

  linkOpen(handle: HostHandle, to: ByteString): void {
    const mount = this.names.opened.get(handle)?.mount;
    this.names.place(to, (target) => {
      const path = this.names.newName(target);
      if (mount === undefined || mount !== target.folder.mount) throw new LinuxError(Errno.EXDEV);
      nameOpenFile(handle, byteString(path));
    });
  }

  symbolicLink(target: ByteString, path: ByteString): void {
    this.names.making(path, (host) => asLinux(() => fs.symlinkSync(Buffer.from(target, 'latin1'), host)));
  }

  truncatePath(path: ByteString, size: number): void {
    this.names.changed(path, true, ({ fd, type }) => {
      if (type === S_IFDIR) throw new LinuxError(Errno.EISDIR);
      // Truncating opens the file, which has consequences for a device or FIFO.
      if (type !== S_IFREG) throw new LinuxError(Errno.EINVAL);
      asLinux(() => fs.truncateSync(itself(fd), size));
    });
  }

  changeModePath(path: ByteString, mode: number): void {
    this.names.changed(path, true, ({ fd }) => asLinux(() => fs.chmodSync(itself(fd), mode)));
  }

  changeOwnerPath(path: ByteString, uid: number, gid: number, follow: boolean): void {
    this.names.changed(path, follow, (found) => {
      if (found.type !== S_IFLNK) asLinux(() => fs.chownSync(itself(found.fd), uid, gid));
      else asLinux(() => fs.lchownSync(this.names.changing(found), uid, gid));
    });
  }

  setTimesPath(path: ByteString, accessTime: bigint, modifyTime: bigint, follow: boolean): void {
    const times = [seconds(accessTime), seconds(modifyTime)] as const;
    this.names.changed(path, follow, (found) => {
      if (found.type !== S_IFLNK) asLinux(() => fs.utimesSync(itself(found.fd), ...times));
      else asLinux(() => fs.lutimesSync(this.names.changing(found), ...times));
    });
  }
}
