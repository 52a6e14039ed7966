import type { HostSystem } from './host.ts';
import type { Kernel } from './kernel/kernel.ts';
import { memorySizes } from './procfs/memorySizes.ts';

type SystemMemory = Pick<HostSystem, 'totalMemory' | 'freeMemory' | 'bufferMemory' | 'totalSwap' | 'freeSwap'>;

/** The memory that guests are told of: the host's, or, where guests have only a part of it (`--memory`), that. */
export function systemMemory({ host, memoryLimit, processes }: Kernel): SystemMemory {
  if (memoryLimit === undefined) return host.system();
  let used = 0;
  // More than what counts: some of it was never written, or is shared.
  for (const process of processes.values()) if (process.termination === undefined) used += memorySizes(process).resident;
  return { totalMemory: memoryLimit, freeMemory: Math.max(0, memoryLimit - used), bufferMemory: 0, totalSwap: 0, freeSwap: 0 };
}
