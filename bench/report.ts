import { SYSTEM_KIND } from './cpuSet.ts';
import type { Result } from './judge.ts';
import { summarize } from './ratios.ts';
import { medianOf } from './statistics.ts';
import type { SetName } from './subject.ts';
import { mebibytes, ratioDigits, ratioText, seconds, table, tableLine } from './text.ts';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (result: Result) => string;
}

const NARROW = 9;
/** A ratio with its interval. */
const WIDE = 17;

function resource(title: string, way: string, what: 'user' | 'system' | 'peak'): Column {
  const cell = ({ usages }: Result): string => {
    const of = usages[way];
    return of === undefined ? '-' : (what === 'peak' ? mebibytes : seconds)(medianOf(of, what));
  };
  return { title, width: Math.max(NARROW, title.length), cell };
}

function ratio(title: string, name: string): Column {
  return { title, width: WIDE, cell: ({ ratios }) => (ratios[name] === undefined ? '-' : ratioText(ratios[name])) };
}

/** Which columns a table has. */
export interface Shown {
  readonly isTraced: boolean;
  readonly hasOtherNode: boolean;
  readonly hasCache: boolean;
}

/** The columns of a set's table, given what is measured. */
function columnsOf(set: SetName, { isTraced, hasOtherNode, hasCache }: Shown): Column[] {
  const when = (condition: boolean, ...columns: Column[]): Column[] => (condition ? columns : []);
  return [
    { title: 'program', width: 20, cell: ({ name }) => name },
    { title: 'kind', width: 12, cell: ({ kind }) => kind },
    resource('native', 'native', 'user'),
    resource('qemu', 'qemu', 'user'),
    resource('system', 'qemu', 'system'),
    resource('everystep', 'everystep', 'user'),
    resource('system', 'everystep', 'system'),
    ratio('wall ratio', 'wall'),
    ratio('user ratio', 'user'),
    ...when(
      hasCache && set === 'debian',
      resource('compile', 'compile', 'user'),
      resource('warm', 'warm', 'user'),
      ratio('warm wall', 'warm wall'),
      ratio('warm user', 'warm user'),
    ),
    ...when(hasOtherNode, ratio('other wall', 'other wall'), ratio('other user', 'other user')),
    ...when(isTraced, resource('traced', 'traced', 'user'), ratio('traced/untraced', 'traced/untraced'), ratio('traced/qemu', 'traced/qemu')),
    resource('qemu MiB', 'qemu', 'peak'),
    resource('everystep MiB', 'everystep', 'peak'),
  ];
}

/** Lines of a set's table, made as results come. */
export function tableOf(set: SetName, shown: Shown): { readonly header: string; line(result: Result): string } {
  const columns = columnsOf(set, shown);
  const widths = columns.map(({ width }) => width);
  return {
    header: tableLine(
      columns.map(({ title }) => title),
      widths,
    ),
    line: (result) =>
      result.failure === undefined
        ? tableLine(
            columns.map(({ cell }) => cell(result)),
            widths,
          )
        : `${tableLine([result.name, result.kind], widths)}  NOT MEASURED: ${result.failure.split('\n')[0]}`,
  };
}

/** The results that count in a set's mean. */
export const counted = (results: readonly Result[]): Result[] => results.filter(({ kind, failure }) => kind !== SYSTEM_KIND && failure === undefined);

/** Geometric means of a set: over its programs, with the largest; then by kind. */
export function meansText(results: readonly Result[]): string {
  const all = summarize(counted(results));
  const names = Object.keys(all);
  if (names.length === 0) return '';
  const rows = [
    ['geometric mean', 'programs', ...names],
    ['all', String(counted(results).length), ...names.map((name) => ratioDigits(all[name]?.mean ?? 0))],
  ];
  for (const kind of new Set(results.map((result) => result.kind))) {
    const of = results.filter((result) => result.kind === kind && result.failure === undefined);
    const means = summarize(of);
    const label = kind === SYSTEM_KIND ? `${kind} (not in all)` : kind;
    rows.push([label, String(of.length), ...names.map((name) => (means[name] === undefined ? '-' : ratioDigits(means[name].mean)))]);
  }
  const largest = names.map((name) => `${name} ${ratioDigits(all[name]?.largest ?? 0)} (${all[name]?.program})`);
  return `${table(rows)}\nLargest: ${largest.join(', ')}`;
}
