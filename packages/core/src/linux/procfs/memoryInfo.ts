import type { Kernel } from '../kernel/kernel.ts';
import { systemMemory } from '../systemMemory.ts';

/** What the kernel's file has besides, of which guests have nothing. */
const NOTHING_OF_IT = ['Shmem', 'Slab', 'SReclaimable', 'SUnreclaim'];

/** /proc/meminfo: what programs read of it. */
export function memoryInfo(kernel: Kernel): string {
  const { totalMemory, freeMemory, bufferMemory, totalSwap, freeSwap } = systemMemory(kernel);
  const lines: readonly (readonly [name: string, bytes: number])[] = [
    ['MemTotal', totalMemory],
    ['MemFree', freeMemory],
    ['MemAvailable', freeMemory + bufferMemory],
    ['Buffers', bufferMemory],
    ['Cached', 0],
    ['SwapCached', 0],
    ['SwapTotal', totalSwap],
    ['SwapFree', freeSwap],
    ...NOTHING_OF_IT.map((name) => [name, 0] as const),
  ];
  return lines.map(([name, bytes]) => `${`${name}:`.padEnd(15)} ${`${Math.floor(bytes / 1024)}`.padStart(8)} kB\n`).join('');
}
