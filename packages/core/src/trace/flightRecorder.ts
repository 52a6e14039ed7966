import { EventCode, FIRST_EVENT } from './events.ts';
import type { TraceSink } from './sink.ts';
import { asWords, RecordWalker } from './walker.ts';

/** Chunks from one at whose start all registers are told, up to the next such. */
interface Group {
  readonly parts: { readonly kind: 'records' | 'mappings'; readonly bytes: Uint8Array }[];
  wanted: number;
}

/**
 * Keeps the end of a trace, and hands it to a sink when the trace ends: as many of the chunks that came last as hold
 * `last` wanted instructions. Memory is bounded if chunks begin with snapshots often (Tracer.checkpoint).
 */
export function keepLast(sink: TraceSink, last: number): TraceSink {
  const walker = new RecordWalker();
  const groups: Group[] = [];
  /** What is left out has told this of mapped files. */
  const mappings: Uint8Array[] = [];
  let held = 0;
  const dropOldest = (): void => {
    const { parts, wanted } = groups.shift() as Group;
    held -= wanted;
    for (const { kind, bytes } of parts) if (kind === 'mappings') mappings.push(bytes);
  };
  return {
    define: (definitions) => {
      walker.table.define(definitions);
      sink.define(definitions);
    },
    records: (records) => {
      if (records.length === 0) return;
      const before = walker.wanted;
      walker.walk(records);
      const wanted = walker.wanted - before;
      if (groups.length === 0 || startsAnew(records)) groups.push({ parts: [], wanted: 0 });
      const group = groups.at(-1) as Group;
      group.parts.push({ kind: 'records', bytes: records.slice() });
      group.wanted += wanted;
      held += wanted;
      while (groups.length > 1 && held - (groups[0] as Group).wanted >= last) dropOldest();
    },
    // Of the chunk that came last.
    mappings: (bytes) => void groups.at(-1)?.parts.push({ kind: 'mappings', bytes }),
    end: (reason) => {
      sink.skip?.(Math.max(0, held - last));
      for (const events of mappings) sink.mappings?.(events);
      for (const { parts } of groups) {
        for (const { kind, bytes } of parts) {
          if (kind === 'records') sink.records(bytes);
          else sink.mappings?.(bytes);
        }
      }
      sink.end(reason);
    },
    totals: sink.totals,
  };
}

const startsAnew = (records: Uint8Array): boolean => asWords(records)[0] >>> 0 === FIRST_EVENT + EventCode.snapshot;
