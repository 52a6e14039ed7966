import { type Hit, UserError, watchExecutions } from '@everystep/core';
import { grouped } from '../../trace/progress.ts';
import type { Answer } from './answer.ts';
import { type Expression, type ExpressionValue, isTrue, UnreadableMemory } from './expression.ts';
import type { RecordingView } from './recordingView.ts';
import { hex, lineText, placeJson, placeText } from './values.ts';

/** Which executions are wanted, and what is told of each. */
export interface ExecutionsWish {
  readonly pcs: ReadonlySet<number>;
  readonly from: number;
  readonly to: number;
  /** Most that are told, from the run's start; Infinity: all. */
  readonly first: number;
  /** Only the last so many; undefined: from the start. */
  readonly last: number | undefined;
  readonly where: Expression | undefined;
  readonly print: readonly Expression[];
  readonly json: boolean;
}

/** Tells of executions, in the run's order. @returns how many there were, and how many of those had a condition that could not be looked at */
export function tellExecutions(view: RecordingView, wish: ExecutionsWish, answer: Answer): { readonly told: number; readonly unreadable: number } {
  const { timeline } = view;
  const { replayer } = timeline;
  const { from, to, first, last, where } = wish;
  let told = 0;
  const unreadable = new Set<number>();
  const holds = ({ step }: Hit): boolean => {
    try {
      return where === undefined || isTrue(where.evaluate());
    } catch (error) {
      if (!(error instanceof UnreadableMemory)) throw error;
      unreadable.add(step);
      return false;
    }
  };
  const tell = (hit: Hit): void => {
    told++;
    tellExecution(view, hit, wish, answer);
  };
  // Mistakes that show only when it is computed must not end a callback of running code.
  let mistake: UserError | undefined;
  const visit = (): boolean => {
    const { steps: step, pc, pid, tid } = replayer;
    const hit: Hit = { step, pc, pid, tid, kind: 'execute' };
    try {
      if (!holds(hit)) return false;
      tell(hit);
      return told >= first;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      mistake = error;
      return true;
    }
  };
  if (last === undefined) watchExecutions(timeline, wish.pcs, from, to, visit);
  else {
    const hits = lastHits(view, wish, last, holds);
    for (const hit of hits) {
      timeline.seek(hit.step);
      tell(hit);
    }
  }
  if (mistake !== undefined) throw mistake;
  return { told, unreadable: unreadable.size };
}

/** The last executions for which `holds`, in the run's order. */
function lastHits({ timeline }: RecordingView, { pcs, from, to }: ExecutionsWish, count: number, holds: (hit: Hit) => boolean): readonly Hit[] {
  const hits: Hit[] = [];
  for (let end = to; hits.length < count; ) {
    let hit: Hit | undefined;
    for (const pc of pcs) hit = timeline.previous({ kind: 'execute', pc }, { from: hit === undefined ? from : hit.step + 1, to: end }) ?? hit;
    if (hit === undefined) break;
    end = hit.step;
    timeline.seek(hit.step);
    if (holds(hit)) hits.unshift(hit);
  }
  return hits;
}

function evaluated(expression: Expression): ExpressionValue | undefined {
  try {
    return expression.evaluate();
  } catch (error) {
    if (!(error instanceof UnreadableMemory)) throw error;
    return undefined;
  }
}

function tellExecution(view: RecordingView, { step, pc, pid, tid }: Hit, { print, json }: ExecutionsWish, answer: Answer): void {
  const place = { pc, place: view.symbols.placeOf(pc), line: view.symbols.lineAt(pc) };
  const values = print.map((expression) => [expression.source, evaluated(expression)] as const);
  if (json) {
    const printed = Object.fromEntries(values.map(([source, value]) => [source, typeof value === 'bigint' ? hex(value) : (value ?? null)]));
    return answer.json({ step, pid, tid, ...placeJson(place), ...(print.length === 0 ? {} : { values: printed }) });
  }
  const text = values.map(([source, value]) => `  ${source} = ${valueText(value)}`).join('');
  answer.line(`step ${grouped(step)}, thread ${tid}: ${placeText(place)}${lineText(place.line)}${text}`);
}

/** A value for people: small numbers in decimal, too. */
export function valueText(value: ExpressionValue | undefined): string {
  if (value === undefined) return 'not mapped';
  if (typeof value === 'string') return JSON.stringify(value);
  const signed = BigInt.asIntN(64, value);
  if (signed >= 0n && signed < 10n) return String(signed);
  return signed > -(1n << 31n) && signed < 1n << 32n ? `${hex(value)} (${signed})` : hex(value);
}
