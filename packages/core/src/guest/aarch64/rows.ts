import type { Row } from '../decode/index.ts';
import { rowGroups } from './rowGroups.ts';
import type { A64Translator } from './translate/translator.ts';

/** Every A64 encoding that everystep knows. */
export const rows: readonly Row<A64Translator>[] = rowGroups.flatMap((group) => group.rows());
