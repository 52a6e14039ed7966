export const VERSION = '0.1.0';

/** What `-version` prints. */
export const versionText = `everystep version ${VERSION}\nCopyright (c) 2026 the everystep authors (MIT licence)\n`;

/** Put there by scripts/bundle.mjs. */
declare const EVERYSTEP_BUILD: string | undefined;

/** Tells builds apart: translations of one are nothing to another. */
export const BUILD: string = typeof EVERYSTEP_BUILD === 'undefined' ? VERSION : EVERYSTEP_BUILD;
