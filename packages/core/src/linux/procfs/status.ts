import type { LinuxProcess } from '../process.ts';
import { hostText } from './hostText.ts';
import { memorySizes } from './memorySizes.ts';
import { signalSets } from './signalSets.ts';

/** State of a thread as /proc/PID/status words it. */
export function stateOf(process: LinuxProcess, tid: number): string {
  if (process.termination !== undefined) return 'Z (zombie)';
  const thread = process.threads.find((each) => each.tid === tid) ?? process.threads[0];
  if (thread === process.kernel.current) return 'R (running)';
  switch (thread?.state) {
    case 'waiting':
      return 'S (sleeping)';
    case 'suspended':
      return 'D (disk sleep)';
    case 'stopped':
      return 'T (stopped)';
    default:
      return 'R (running)';
  }
}

/** /proc/PID/status. Lines that tell nothing of a process are the host's. */
export function statusText(process: LinuxProcess, tid: number): string {
  const { identity, attributes } = process;
  const host = new Map([...hostText(process, '/proc/self/status').matchAll(/^(\w+):\t?(.*)$/gm)].map(([, name, value]) => [name, value]));
  const line = (name: string, value: string | number | undefined): string => (value === undefined ? '' : `${name}:\t${value}\n`);
  const kib = (name: string, bytes: number): string => line(name, `${`${bytes / 1024}`.padStart(8)} kB`);
  const set = (name: string, value: bigint): string => line(name, value.toString(16).padStart(16, '0'));
  const ids = (real: number, effective: number): string => [real, effective, effective, effective].join('\t');
  const sizes = memorySizes(process);
  const signals = signalSets(process, tid);
  const { capabilities } = attributes;
  return [
    line('Name', process.threadName),
    line('Umask', `0${process.umask.toString(8).padStart(3, '0')}`),
    line('State', stateOf(process, tid)),
    line('Tgid', process.pid),
    line('Ngid', 0),
    line('Pid', tid),
    line('PPid', identity.parentPid),
    line('TracerPid', 0),
    line('Uid', ids(identity.uid, identity.effectiveUid)),
    line('Gid', ids(identity.gid, identity.effectiveGid)),
    line('FDSize', 64 * Math.ceil((1 + Math.max(0, ...process.files.numbers())) / 64)),
    line('Groups', `${identity.groups.join(' ')} `),
    line('NStgid', process.pid),
    line('NSpid', tid),
    line('NSpgid', identity.processGroup),
    line('NSsid', identity.session),
    ...(process.termination === undefined
      ? [
          kib('VmPeak', sizes.size),
          kib('VmSize', sizes.size),
          kib('VmLck', 0),
          kib('VmPin', 0),
          kib('VmHWM', sizes.resident),
          kib('VmRSS', sizes.resident),
          kib('RssAnon', sizes.resident - sizes.shared),
          kib('RssFile', sizes.shared),
          kib('RssShmem', 0),
          kib('VmData', sizes.data),
          kib('VmStk', sizes.stack),
          kib('VmExe', sizes.code),
          kib('VmLib', sizes.library),
          kib('VmPTE', 4096 * Math.ceil(sizes.resident / (512 * 4096))),
          kib('VmSwap', 0),
          kib('HugetlbPages', 0),
          line('CoreDumping', 0),
          line('THP_enabled', 1),
        ]
      : []),
    line('Threads', process.threads.length),
    line('SigQ', host.get('SigQ')),
    set('SigPnd', signals.pending),
    set('ShdPnd', signals.sharedPending),
    set('SigBlk', signals.blocked),
    set('SigIgn', signals.ignored),
    set('SigCgt', signals.caught),
    set('CapInh', capabilities.inheritable),
    set('CapPrm', capabilities.permitted),
    set('CapEff', capabilities.effective),
    set('CapBnd', (1n << 41n) - 1n),
    set('CapAmb', 0n),
    line('NoNewPrivs', process.noNewPrivileges ? 1 : 0),
    line('Seccomp', 0),
    line('Seccomp_filters', 0),
    ...['Speculation_Store_Bypass', 'SpeculationIndirectBranch', 'Cpus_allowed', 'Cpus_allowed_list', 'Mems_allowed', 'Mems_allowed_list'].map((name) =>
      line(name, host.get(name)),
    ),
    line('voluntary_ctxt_switches', host.get('voluntary_ctxt_switches')),
    line('nonvoluntary_ctxt_switches', host.get('nonvoluntary_ctxt_switches')),
  ].join('');
}
