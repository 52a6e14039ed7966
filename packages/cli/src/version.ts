export const VERSION = '0.1.0';

/** What `-version` prints. */
export const versionText = `everystep version ${VERSION}\nCopyright (c) 2026 the everystep authors (MIT licence)\n`;
