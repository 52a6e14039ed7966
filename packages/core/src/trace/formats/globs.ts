/** A glob with * and ? as a regular expression. */
export function globExpression(glob: string): RegExp {
  const source = glob
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
