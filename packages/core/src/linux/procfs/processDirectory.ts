import { type ByteString, byteString } from '../byteString.ts';
import { Errno, LinuxError } from '../errno.ts';
import type { OpenFile } from '../files/openFile.ts';
import { O } from '../files/openFlags.ts';
import type { LinuxProcess } from '../process.ts';
import { limitsText } from './limits.ts';
import { mapsText, smapsText } from './maps.ts';
import { memoryNode } from './memoryOfProcess.ts';
import { MOUNT_NAMES, mountNode } from './mounts.ts';
import { directory, file, link, type ProcFolder, type ProcNode, typeOf } from './node.ts';
import { statmText, statText } from './stat.ts';
import { statusText } from './status.ts';

/** A directory that knows the nodes in it by name. */
function folder(names: () => readonly string[], child: ProcFolder['child'], mode = 0o555): ProcFolder {
  const entries = (): { name: string; type: number }[] =>
    names().flatMap((name) => {
      const node = child(name);
      return node === undefined || typeof node === 'string' ? [] : [{ name, type: typeOf(node) }];
    });
  return { ...directory(entries, mode), child };
}

/** What /proc/PID has that would tell of the wrong program if it were the host's. */
const OWN_NAMES = [
  ...['auxv', 'cmdline', 'comm', 'cwd', 'environ', 'exe', 'fd', 'fdinfo', 'limits', 'maps', 'mem', 'oom_adj', 'oom_score', 'oom_score_adj'],
  ...['personality', 'root', 'smaps', 'stack', 'stat', 'statm', 'status', 'task', 'wchan'],
];

/** What is the same for all processes of the host, so that it may be the host's own. */
const HOST_NAMES = [
  ...['attr', 'cgroup', 'cpuset', 'gid_map', 'io', 'loginuid', 'mountinfo', 'mounts', 'mountstats', 'net', 'ns', 'projid_map', 'schedstat'],
  ...['sessionid', 'setgroups', 'uid_map', 'timerslack_ns'],
];

const nullEnded = (texts: readonly string[]): string => texts.map((text) => `${text}\0`).join('');

/** As file(), of bytes instead of text. */
const bytesFile = (contents: () => string, mode = 0o444, write?: (text: string) => void): ProcNode => ({
  ...file(contents, mode, write),
  contents: () => contents() as ByteString,
});

/**
 * The directory of a process or thread.
 * @param viewer who looks
 * @param tid of the thread that is meant; the process's number for the process
 */
export function processDirectory(viewer: LinuxProcess, subject: LinuxProcess, tid: number, isTask = false): ProcFolder {
  const own = OWN_NAMES.filter((name) => !isTask || name !== 'task');
  const child = (name: string): ProcNode | ProcFolder | ByteString | undefined => {
    if (own.includes(name)) return ownNode(subject, name, tid);
    const mounts = mountNode(viewer.host, name);
    if (mounts !== undefined) return mounts;
    return HOST_NAMES.includes(name) ? (`/proc/self/${name}` as ByteString) : undefined;
  };
  const made = MOUNT_NAMES.filter((name) => mountNode(viewer.host, name) !== undefined);
  const hostEntries = (): readonly { name: string; type: number }[] => {
    try {
      return viewer.host.readDirectory('/proc/self' as ByteString).filter(({ name }) => HOST_NAMES.includes(name) && !made.includes(name));
    } catch (error) {
      if (error instanceof LinuxError) return [];
      throw error;
    }
  };
  const nodes = folder(() => [...own, ...made], child);
  return { ...nodes, entries: () => [...nodes.entries(), ...hostEntries()] };
}

function ownNode(subject: LinuxProcess, name: string, tid: number): ProcNode | ProcFolder | undefined {
  const { attributes } = subject;
  switch (name) {
    case 'auxv':
      return bytesFile(() => byteString(subject.program.stack.auxiliaryBytes), 0o400);
    case 'cmdline':
      return bytesFile(() => (subject.termination === undefined ? nullEnded(subject.argv) : ''));
    case 'environ':
      return bytesFile(() => nullEnded(subject.image.parts.environment), 0o400);
    case 'comm':
      return bytesFile(
        () => `${subject.threadName}\n`,
        0o644,
        (text) => {
          subject.threadName = text.replace(/\n.*$/s, '').slice(0, 15) as ByteString;
        },
      );
    case 'cwd':
      return link(subject.paths.directory);
    case 'exe':
      return link(subject.programPath);
    case 'root':
      return link('/');
    case 'fd':
      return folder(
        () => subject.files.numbers().map(String),
        (fd) => descriptorLink(subject, fd),
        0o500,
      );
    case 'fdinfo':
      return folder(
        () => subject.files.numbers().map(String),
        (fd) => descriptorFacts(subject, fd),
      );
    case 'limits':
      return file(() => limitsText(subject.limits));
    case 'maps':
      return file(() => mapsText(subject));
    case 'mem':
      return memoryNode(subject);
    case 'smaps':
      return file(() => smapsText(subject));
    case 'oom_score':
      return file(() => '0\n');
    case 'oom_adj':
    case 'oom_score_adj':
      return file(
        () => `${attributes.outOfMemoryScore}\n`,
        0o644,
        (text) => {
          const score = Number(text.trim());
          if (!Number.isInteger(score) || Math.abs(score) > 1000) throw new LinuxError(Errno.EINVAL);
          attributes.outOfMemoryScore = score;
        },
      );
    case 'personality':
      return file(() => `${attributes.personality.toString(16).padStart(8, '0')}\n`, 0o400);
    case 'stack':
      return file(() => '', 0o400);
    case 'stat':
      return file(() => statText(subject, tid));
    case 'statm':
      return file(() => statmText(subject));
    case 'status':
      return file(() => statusText(subject, tid));
    case 'task':
      return folder(
        () => subject.threads.map((thread) => `${thread.tid}`),
        (number) => (subject.threads.some((thread) => `${thread.tid}` === number) ? processDirectory(subject, subject, Number(number), true) : undefined),
      );
    case 'wchan':
      return file(() => '0');
    default:
      return undefined;
  }
}

function openFile(subject: LinuxProcess, fd: string): OpenFile | undefined {
  return /^\d+$/.test(fd) && subject.files.has(Number(fd)) ? subject.files.get(Number(fd)) : undefined;
}

function descriptorLink(subject: LinuxProcess, fd: string): ProcNode | undefined {
  const opened = openFile(subject, fd);
  if (opened === undefined) return undefined;
  const target = opened.handle === undefined ? opened.name : subject.host.handleName(opened.handle);
  return { ...link(target, 0o100 | (opened.canRead ? 0o400 : 0) | (opened.canWrite ? 0o200 : 0)), file: opened };
}

function descriptorFacts(subject: LinuxProcess, fd: string): ProcNode | undefined {
  const opened = openFile(subject, fd);
  if (opened === undefined) return undefined;
  return file(() => {
    const closes = subject.files.closesOnExec(Number(fd)) ? O.closeOnExec : 0;
    return `pos:\t${position(opened)}\nflags:\t0${(opened.status | closes).toString(8)}\nmnt_id:\t0\nino:\t${opened.stat().inode}\n`;
  }, 0o400);
}

/** Where a file is read next; 0 for those without positions. */
function position(opened: OpenFile): number {
  try {
    return opened.seek(0, 1);
  } catch (error) {
    if (error instanceof LinuxError) return 0;
    throw error;
  }
}
