import { type Counter, type CoveredFile, definePlugin, LineCoverage, type PluginInsn, TextOutput, writeLcov } from '@everystep/core';
import { globExpression } from './text.ts';

/** Instructions of one source line that run one after the other, and how often they did. */
interface Group {
  readonly insns: readonly PluginInsn[];
  readonly runs: Counter;
}

interface BranchRuns {
  readonly insn: PluginInsn;
  readonly target: number;
  taken: number;
  passed: number;
}

/** Which source lines ran how often, for programs that were built with -g. */
export const coverage = definePlugin({
  apiVersion: 1,
  name: 'coverage',
  description: 'write which source lines ran how often, for lcov and genhtml, and a summary',
  options: [
    { name: 'outfile', value: 'path', help: "lcov's tracefile (default coverage.info)" },
    { name: 'branches', value: 'on|off', help: 'count also which way branches went (slower)' },
    { name: 'source', value: 'glob', help: 'only source files of such a path; may be repeated' },
    { name: 'missed', value: 'on|off', help: 'list also the lines that did not run' },
  ],
  install(api, args) {
    const outfile = args.text('outfile') ?? 'coverage.info';
    const globs = args.all('source').map(globExpression);
    const countsBranches = args.flag('branches');
    const groups = new Map<string, Group>();
    const pcs: number[] = [];
    const branches: (BranchRuns | undefined)[] = [];
    /** The branch that each thread's last block ended with. */
    const pending: (BranchRuns | undefined)[] = [];

    api.onBlock(({ insns, end }) => {
      let first = 0;
      for (let i = 1; i <= insns.length; i++) {
        if (i < insns.length && isSameLine(insns[i], insns[first])) continue;
        const key = `${insns[first].index} ${insns[i - 1].index}`;
        const group = groups.get(key) ?? { insns: insns.slice(first, i), runs: api.counter() };
        groups.set(key, group);
        insns[first].count(group.runs);
        first = i;
      }
      if (!countsBranches) return;
      const last = insns[insns.length - 1];
      pcs[insns[0].index] = insns[0].pc;
      insns[0].record({ exec: true });
      if (end.kind !== 'branch') return;
      branches[last.index] ??= { insn: last, target: end.target, taken: 0, passed: 0 };
      pcs[last.index] = last.pc;
      if (insns.length > 1) last.record({ exec: true });
    });
    api.onBatch((batch) => {
      const { index } = batch.thread;
      for (let i = 0; i < batch.length; i++) {
        const insn = batch.insn(i);
        const branch = pending[index];
        if (branch !== undefined) {
          if (pcs[insn] === branch.target) branch.taken++;
          else if (pcs[insn] === branch.insn.pc + branch.insn.bytes) branch.passed++;
        }
        pending[index] = branches[insn];
      }
    });
    api.atExit(() => {
      const lines = new LineCoverage();
      const objects = new Set<NonNullable<PluginInsn['place']>['object']>();
      for (const { insns, runs } of groups.values()) {
        for (const { place } of insns) {
          if (place === undefined) continue;
          objects.add(place.object);
          lines.ran(place, Number(runs.value));
        }
      }
      for (const branch of branches) {
        if (branch?.insn.place !== undefined) lines.branched(branch.insn.place, branch.taken, branch.passed);
      }
      const files = new Map([...lines.files(objects)].filter(([path]) => globs.length === 0 || globs.some((glob) => glob.test(path.toLowerCase()))));
      const file = api.openFile(outfile);
      const out = new TextOutput((bytes) => file.write(bytes));
      writeLcov(files, out);
      out.flush();
      file.close();
      api.output(summary(files, args.flag('missed')));
    });
  },
});

const isSameLine = (a: PluginInsn, b: PluginInsn): boolean => a.source?.line === b.source?.line && a.source?.path === b.source?.path;

/** A line for each file, and one for all. */
function summary(files: ReadonlyMap<string, CoveredFile>, showsMissed: boolean): string {
  if (files.size === 0) return 'no code that ran has line numbers: was the program built with -g?\n';
  const share = (hit: number, all: number): string => `${String(hit).padStart(6)} of ${String(all).padStart(6)} ${percent(hit, all)}`;
  let text = 'lines                    functions                file\n';
  const sum = { lines: 0, lineHits: 0, functions: 0, functionHits: 0 };
  for (const [path, { lines, functions }] of files) {
    const lineHits = [...lines.values()].filter((count) => count > 0).length;
    const functionHits = [...functions.values()].filter(({ count }) => count > 0).length;
    text += `${share(lineHits, lines.size)}  ${share(functionHits, functions.size)}  ${path}\n`;
    if (showsMissed && lineHits < lines.size) text += `    not run: ${missedLines(lines)}\n`;
    sum.lines += lines.size;
    sum.lineHits += lineHits;
    sum.functions += functions.size;
    sum.functionHits += functionHits;
  }
  return `${text}${share(sum.lineHits, sum.lines)}  ${share(sum.functionHits, sum.functions)}  all\n`;
}

const percent = (part: number, whole: number): string => `${(whole === 0 ? 100 : (part / whole) * 100).toFixed(1).padStart(5)}%`;

/** Lines that did not run; those that no line that ran stands between are given as a range. */
function missedLines(lines: CoveredFile['lines']): string {
  const ranges: [number, number][] = [];
  let goesOn = false;
  for (const [line, count] of lines) {
    const last = ranges.at(-1);
    if (count === 0 && goesOn && last !== undefined) last[1] = line;
    else if (count === 0) ranges.push([line, line]);
    goesOn = count === 0;
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(', ');
}
