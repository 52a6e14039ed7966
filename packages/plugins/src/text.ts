/** A number in hexadecimal, 0x before it, with at least `digits` digits. */
export const hex = (n: number | bigint, digits = 1): string => `0x${n.toString(16).padStart(digits, '0')}`;

/** A glob with * and ? as a regular expression for lower-case names. */
export function globExpression(glob: string): RegExp {
  const source = glob
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
