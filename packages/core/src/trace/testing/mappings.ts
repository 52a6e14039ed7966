import { ByteWriter } from '../../base/index.ts';
import { writeEvent } from '../events.ts';

/** Events that tell of files in memory, as records: of process 1, without build-ids. */
export function mappingEvents(...mappings: readonly (readonly [path: string, start: number, end: number, offset: number])[]): Uint8Array {
  const out = new ByteWriter();
  for (const [path, start, end, offset] of mappings) writeEvent(out, { kind: 'mapping', pid: 1, path, start, end, offset, buildId: '' });
  return out.copy();
}
