import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { HostLimits, HostSystem } from '@everystep/core';

/** The text of a file of /proc; empty where there is none, as on other systems than Linux. */
function procFile(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** What os and /proc tell of the machine. */
export function systemFacts(): HostSystem {
  const memory = new Map([...procFile('/proc/meminfo').matchAll(/^(\w+): *(\d+) kB$/gm)].map(([, name, size]) => [name, Number(size) * 1024]));
  const [one, five, fifteen] = os.loadavg();
  return {
    nodeName: os.hostname(),
    release: os.release(),
    version: os.version(),
    domainName: procFile('/proc/sys/kernel/domainname').trim() || '(none)',
    processors: os.cpus().length,
    uptimeSeconds: os.uptime(),
    loads: [one, five, fifteen],
    totalMemory: memory.get('MemTotal') ?? os.totalmem(),
    freeMemory: memory.get('MemFree') ?? os.freemem(),
    bufferMemory: memory.get('Buffers') ?? 0,
    totalSwap: memory.get('SwapTotal') ?? 0,
    freeSwap: memory.get('SwapFree') ?? 0,
    processes: Number(/\/(\d+)/.exec(procFile('/proc/loadavg'))?.[1] ?? 1),
  };
}

/** The names that /proc/self/limits has for RLIMIT_CPU (0) to RLIMIT_RTTIME (15). */
const LIMIT_NAMES = [
  'Max cpu time',
  'Max file size',
  'Max data size',
  'Max stack size',
  'Max core file size',
  'Max resident set',
  'Max processes',
  'Max open files',
  'Max locked memory',
  'Max address space',
  'Max file locks',
  'Max pending signals',
  'Max msgqueue size',
  'Max nice priority',
  'Max realtime priority',
  'Max realtime timeout',
];
const OPEN_FILES = 7;

function readLimits(process: string): Map<number, readonly [bigint, bigint]> {
  const limits = new Map<number, readonly [bigint, bigint]>();
  const number = (text: string): bigint => (text === 'unlimited' ? -1n : BigInt(text));
  for (const [, name, soft, hard] of procFile(`/proc/${process}/limits`).matchAll(/^(Max .*?) {2,}(\w+) +(\w+)/gm)) {
    const index = LIMIT_NAMES.indexOf(name);
    if (index >= 0) limits.set(index, [number(soft), number(hard)]);
  }
  return limits;
}

/** This process's limits. Node raises its own limit of open files when it starts; the parent's is what the user set. */
export function resourceLimits(): HostLimits {
  const limits = readLimits('self');
  const own = limits.get(OPEN_FILES);
  const parent = readLimits(`${process.ppid}`).get(OPEN_FILES);
  if (own !== undefined && parent !== undefined && parent[0] >= 0n && parent[0] < own[0]) limits.set(OPEN_FILES, [parent[0], own[1]]);
  return limits;
}

/** Process group, session and nice value: of the fields behind the name in /proc/self/stat, the third, fourth and seventeenth. */
export function schedulingFacts(): { readonly processGroup: number; readonly session: number; readonly nice: number } {
  const text = procFile('/proc/self/stat');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Loading node:os takes as long as all the rest of this.
  const nice = fields[16] === undefined ? os.getPriority() : Number(fields[16]);
  return { processGroup: Number(fields[2] ?? process.pid), session: Number(fields[3] ?? process.pid), nice };
}

/** Supplementary groups. Node's own list always has the effective group too. */
export function supplementaryGroups(): readonly number[] {
  const line = /^Groups:(.*)$/m.exec(procFile('/proc/self/status'));
  if (line === null) return process.getgroups?.() ?? [];
  return line[1].trim() === '' ? [] : line[1].trim().split(/\s+/).map(Number);
}
