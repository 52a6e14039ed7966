import type { Row } from '../decode/index.ts';
import { dataProcessingImmediate } from './decode/dataProcessingImmediate.ts';
import type { A64Translator } from './translate/translator.ts';

/** Every A64 encoding that everystep knows: one list a group of the manual's chapter C4. */
export const rows: readonly Row<A64Translator>[] = [...dataProcessingImmediate];
