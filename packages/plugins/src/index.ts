import type { Plugin } from '@everystep/core';
import { bb } from './bb.ts';
import { execlog } from './execlog.ts';
import { hotblocks } from './hotblocks.ts';
import { howvec } from './howvec.ts';
import { insn } from './insn.ts';
import { mem } from './mem.ts';
import { stoptrigger } from './stoptrigger.ts';
import { syscall } from './syscall.ts';

/** The plugins that come with everystep, by name. */
export const BUNDLED_PLUGINS: readonly Plugin[] = [bb, execlog, hotblocks, howvec, insn, mem, stoptrigger, syscall];
