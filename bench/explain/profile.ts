import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename } from 'node:path';
import { categoryOf, type Frame, type Where } from './categories.ts';

/** What a node of V8's CPU profile says of a function. */
interface CallFrame {
  readonly functionName: string;
  /** '' for V8's and Node's own. */
  readonly url: string;
  /** From 0; -1 where there is none. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A CPU profile as `node --cpu-prof` writes it, as far as it is used here; times in microseconds. */
export interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame; readonly children?: readonly number[] }[];
  readonly endTime: number;
  readonly startTime: number;
  /** The node that ran at each sample. */
  readonly samples: readonly number[];
  /** The time from the sample before, or the start, to each. */
  readonly timeDeltas: readonly number[];
}

/** Microseconds between samples. */
export const SAMPLING_INTERVAL = 1000;

/** A sample stands for no more than this: in the rest of a longer time others had the CPU. */
const LONGEST_SAMPLE = 1.5 * SAMPLING_INTERVAL;

/** The source file of a place in a script, as `engine/coldTier.ts`; '' where that is not known. */
export type SourceOf = (url: string, line: number, column: number) => string;

/**
 * Finds sources by the source maps of scripts.
 * @param mapOf the text of a script's map; undefined for scripts that are not everystep's
 */
export function mappedSources(mapOf: (url: string) => string | undefined): SourceOf {
  const maps = new Map<string, SourceMap | undefined>();
  return (url, line, column) => {
    if (!maps.has(url)) {
      const text = mapOf(url);
      maps.set(url, text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload));
    }
    const entry = maps.get(url)?.findEntry(line, column);
    const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : '';
    return /packages\/(?:core|cli)\/src\/(.+)$/.exec(source)?.[1] ?? '';
  };
}

/** What Wasm a script's name stands for; the engine gives names to its own modules only. */
function wasmName(url: string): string | undefined {
  if (!url.startsWith('wasm://')) return undefined;
  return /^([a-z]+)-[0-9a-f]+$/.exec(basename(url))?.[1] ?? '';
}

/** Seconds that the profile's thread had the CPU, by what it did. */
export function classify(profile: Profile, sourceOf: SourceOf): Map<Where, number> {
  const parents = new Map<number, number>();
  for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
  const frames = new Map<number, Frame>();
  for (const { id, callFrame } of profile.nodes) {
    const { functionName, url, lineNumber, columnNumber } = callFrame;
    frames.set(id, { name: functionName, file: sourceOf(url, lineNumber, columnNumber), isNative: url === '', wasm: wasmName(url) });
  }
  const categories = new Map<number, Where>();
  const seconds = new Map<Where, number>();
  const ends = profile.timeDeltas.slice(1);
  ends.push(profile.endTime - profile.startTime - profile.timeDeltas.reduce((sum, delta) => sum + delta, 0));
  profile.samples.forEach((id, i) => {
    let where = categories.get(id);
    if (where === undefined) {
      const chain: Frame[] = [];
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) chain.push(frames.get(at) as Frame);
      where = categoryOf(chain);
      categories.set(id, where);
    }
    if (where === 'waiting') return;
    seconds.set(where, (seconds.get(where) ?? 0) + Math.min(Math.max(ends[i] as number, 0), LONGEST_SAMPLE) / 1e6);
  });
  return seconds;
}
