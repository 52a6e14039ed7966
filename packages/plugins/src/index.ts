import type { Plugin } from '@everystep/core';
import { bb } from './bb.ts';
import { bbv } from './bbv.ts';
import { branch } from './branch.ts';
import { cache } from './cache.ts';
import { cflow } from './cflow.ts';
import { coverage } from './coverage.ts';
import { drcov } from './drcov.ts';
import { execlog } from './execlog.ts';
import { heap } from './heap/heap.ts';
import { hotblocks } from './hotblocks.ts';
import { hotpages } from './hotpages.ts';
import { howvec } from './howvec.ts';
import { insn } from './insn.ts';
import { ips } from './ips.ts';
import { lockstep } from './lockstep.ts';
import { mem } from './mem.ts';
import { stoptrigger } from './stoptrigger.ts';
import { syscall } from './syscall.ts';
import { taint } from './taint/taint.ts';
import { traps } from './traps.ts';
import { uftrace } from './uftrace.ts';

/** The plugins that come with everystep, by name. */
export const BUNDLED_PLUGINS: readonly Plugin[] = [
  bb,
  bbv,
  branch,
  cache,
  cflow,
  coverage,
  drcov,
  execlog,
  heap,
  hotblocks,
  hotpages,
  howvec,
  insn,
  ips,
  lockstep,
  mem,
  stoptrigger,
  syscall,
  taint,
  traps,
  uftrace,
];
