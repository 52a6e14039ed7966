import { cpuSubjects } from './cpuSet.ts';
import { debianSubjects } from './debianSet.ts';
import type { SetName, Subject } from './subject.ts';

const NO_SYSROOT =
  'The Debian set is left out: it needs --sysroot DIR or EVERYSTEP_BENCH_SYSROOT, a folder that `bash scripts/debianSysroot.sh DIR` makes from the package sources of this system.';

/** Where subjects come from. */
interface Source {
  readonly only: RegExp;
  readonly sysroot: string | undefined;
}

/** The programs of a set whose names match, ready to run; says which are left out. @param folder for what they write */
export function subjectsOf(set: SetName, { only, sysroot }: Source, folder: string): Subject[] {
  if (set === 'cpu') return cpuSubjects(only);
  if (sysroot === undefined) {
    console.log(NO_SYSROOT);
    return [];
  }
  const { subjects, absent } = debianSubjects(sysroot, folder, only);
  if (absent.length > 0) console.log(`Not in the sysroot: ${absent.join(', ')}.`);
  return subjects;
}
