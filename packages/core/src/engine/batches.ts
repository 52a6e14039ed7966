/** Regions in their order, in runs of at most so many links together; a region that has more is alone. */
export function batchesOf<Made extends { readonly lowered: { readonly links: readonly number[] } }>(made: readonly Made[], mostLinks: number): Made[][] {
  const batches: Made[][] = [];
  let links = Number.POSITIVE_INFINITY;
  for (const one of made) {
    links += one.lowered.links.length;
    if (links > mostLinks) {
      batches.push([]);
      links = one.lowered.links.length;
    }
    batches.at(-1)?.push(one);
  }
  return batches;
}
