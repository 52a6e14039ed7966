import type { Usage } from '../measure.ts';
import { seconds, table } from '../text.ts';
import { WHERE, type Where } from './categories.ts';
import type { Compiled, compilationsOf } from './compilations.ts';

/** What was found out about a run. */
export interface Explanation {
  readonly name: string;
  readonly kind: string;
  /** Without and with the profiler. */
  readonly everystep: Usage;
  readonly profiled: Usage;
  readonly qemu: Usage;
  /** Seconds of the main thread, in the profiled run. */
  readonly main: ReadonlyMap<Where, number>;
  readonly compilations: ReturnType<typeof compilationsOf>;
  /** Lines of `everystep run --explain`. */
  readonly counts: string;
}

/** Instructions in regions, by the lines of `everystep run --explain`. */
function regionInsns(counts: string): number {
  const insns = /^everystep: regions: .* and (\d+) instructions/m.exec(counts)?.[1];
  if (insns === undefined) throw new Error(`'everystep run --explain' does not count instructions in regions: ${counts}`);
  return Number(insns);
}

const usageText = ({ user, system, elapsed }: Usage): string => `user ${seconds(user)} s, system ${seconds(system)} s, wall ${seconds(elapsed)} s`;

function timesText({ main, profiled, compilations }: Explanation): string {
  const busy = [...main.values()].reduce((sum, time) => sum + time, 0);
  const others = Math.max(profiled.user + profiled.system - busy, 0);
  const optimising = Math.min(compilations.optimised.seconds, others);
  const all = busy + others;
  const row = (name: string, time: number): string[] => [name, time.toFixed(3), `${((100 * time) / all).toFixed(1)} %`];
  const rows = WHERE.filter((where) => where !== 'waiting').map((where) => row(`  ${where}`, main.get(where) ?? 0));
  return table([
    ['where', 'seconds', 'share'],
    row('main thread', busy),
    ...rows,
    row('other threads', others),
    row('  V8: optimising Wasm', optimising),
    row('  V8: baseline, garbage, JavaScript; workers', others - optimising),
  ]);
}

function compiledText(name: string, { functions, wasmBytes, codeBytes, ownCodeBytes }: Compiled): string {
  const of = `${codeBytes} bytes of machine code of ${wasmBytes} bytes of Wasm`;
  return `${name}: ${functions} functions; regions and helpers: ${of}; own modules: ${ownCodeBytes}`;
}

/** The report. */
export function explanationText(explanation: Explanation): string {
  const { name, kind, everystep, profiled, qemu, compilations, counts } = explanation;
  const insns = Math.max(regionInsns(counts), 1);
  const { baseline, optimised } = compilations;
  return [
    `${name} (${kind})`,
    `everystep:     ${usageText(everystep)}`,
    `  profiled:    ${usageText(profiled)}`,
    `qemu-aarch64:  ${usageText(qemu)}`,
    '',
    timesText(explanation),
    '',
    counts.trimEnd(),
    compiledText('V8, baseline', baseline),
    compiledText('V8, optimised', optimised),
    `machine code: ${(baseline.codeBytes / insns).toFixed(1)} bytes an instruction of a region, baseline; ${(optimised.codeBytes / Math.max(optimised.wasmBytes, 1)).toFixed(2)} bytes a byte of Wasm, optimised`,
  ].join('\n');
}
