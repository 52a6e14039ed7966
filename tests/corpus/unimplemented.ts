/**
 * What a program asked for in vain, each once.
 * @param log what `-d unimp` wrote
 * @param syscalls their names by number
 */
export function missing(log: string, syscalls: ReadonlyMap<number, string>): string[] {
  const found = log.split('\n').flatMap((text) => {
    if (text === '') return [];
    const number = /^Unsupported syscall: (\d+)$/.exec(text)?.[1];
    if (number !== undefined) return [syscalls.get(Number(number)) ?? `system call ${number}`];
    return [/^Unsupported (.*?)( at 0x[0-9a-f]+)?$/.exec(text)?.[1] ?? text];
  });
  return [...new Set(found)];
}
