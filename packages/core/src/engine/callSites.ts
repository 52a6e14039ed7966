import type { Arenas } from './arenas.ts';
import { setLink, type TranslatedRegion } from './codeCache.ts';

/** Where an indirect call goes: a pc by its halves, and the region there, with what it is given as its parameter `slot`. */
export interface CallTarget {
  readonly lo: number;
  readonly hi: number;
  readonly region: TranslatedRegion;
  readonly entry: number;
}

/**
 * Leads a call site (CALL_SITE) to a target.
 * @param from the region that has it
 * @param slot its slot among the links of `from`
 * @param site the linear offset of its memory check slot
 */
export function leadSite(arenas: Arenas, from: TranslatedRegion, slot: number, site: number, { lo, hi, region, entry }: CallTarget): void {
  const before = from.sites.get(slot)?.incoming;
  const at = before?.findIndex((each) => each.from === from && each.slot === slot) ?? -1;
  if (at >= 0) before?.splice(at, 1);
  from.sites.set(slot, region);
  region.incoming.push({ from, slot, site });
  setLink(from, slot, region.run);
  arenas.setSite(site, lo, hi, entry);
}

/** No call site leads to `region` any more. */
export function forgetSites(arenas: Arenas, region: TranslatedRegion): void {
  for (const { from, slot, site } of region.incoming) {
    if (site === undefined) continue;
    arenas.forgetSite(site);
    from.sites.delete(slot);
  }
}
