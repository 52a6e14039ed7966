/** The rows of /proc/PID/limits, for RLIMIT_CPU (0) to RLIMIT_RTTIME (15): name and unit. */
const LIMITS: readonly (readonly [name: string, unit: string])[] = [
  ['Max cpu time', 'seconds'],
  ['Max file size', 'bytes'],
  ['Max data size', 'bytes'],
  ['Max stack size', 'bytes'],
  ['Max core file size', 'bytes'],
  ['Max resident set', 'bytes'],
  ['Max processes', 'processes'],
  ['Max open files', 'files'],
  ['Max locked memory', 'bytes'],
  ['Max address space', 'bytes'],
  ['Max file locks', 'locks'],
  ['Max pending signals', 'signals'],
  ['Max msgqueue size', 'bytes'],
  ['Max nice priority', ''],
  ['Max realtime priority', ''],
  ['Max realtime timeout', 'us'],
];

const NONE = (1n << 64n) - 1n;

const text = (limit: bigint): string => (BigInt.asUintN(64, limit) === NONE ? 'unlimited' : `${BigInt.asUintN(64, limit)}`);

/** /proc/PID/limits */
export function limitsText(limits: ReadonlyMap<number, readonly [soft: bigint, hard: bigint]>): string {
  const line = (name: string, soft: string, hard: string, unit: string): string =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} ${unit.padEnd(10)}\n`;
  const rows = LIMITS.map(([name, unit], i) => {
    const [soft, hard] = limits.get(i) ?? [-1n, -1n];
    // Without a unit the kernel ends the line behind the last column.
    return unit === '' ? `${name.padEnd(25)} ${text(soft).padEnd(20)} ${text(hard).padEnd(20)}\n` : line(name, text(soft), text(hard), unit);
  });
  return line('Limit', 'Soft Limit', 'Hard Limit', 'Units') + rows.join('');
}
