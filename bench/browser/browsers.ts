import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A browser that can be started without a display. */
export interface Browser {
  readonly name: 'chromium' | 'firefox';
  readonly path: string;
}

interface BrowserKind {
  /** Its commands in PATH, the best first. */
  readonly commands: readonly string[];
  /** How to get it. */
  readonly missing: string;
  /** @param profile an empty folder for all that it stores */
  args(profile: string): readonly string[];
}

const QUIET_CHROMIUM = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const KINDS: Readonly<Record<Browser['name'], BrowserKind>> = {
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    missing: 'Chromium is not installed; on Debian: apt-get install --no-install-recommends chromium',
    // Its sandbox does not start as root and in containers; it shows nothing but our page.
    args: (profile) => ['--headless', '--no-sandbox', '--disable-dev-shm-usage', ...QUIET_CHROMIUM, `--user-data-dir=${profile}`],
  },
  firefox: {
    commands: ['firefox-esr', 'firefox'],
    missing: 'Firefox is not installed; on Debian: apt-get install --no-install-recommends firefox-esr',
    args: (profile) => ['--headless', '--no-remote', '--profile', profile],
  },
};

/** The installed browser of that name; undefined if there is none. */
export function findBrowser(name: Browser['name'], path = process.env.PATH ?? ''): Browser | undefined {
  const candidates = KINDS[name].commands.flatMap((command) => path.split(delimiter).map((folder) => join(folder, command)));
  const found = candidates.find((candidate) => existsSync(candidate));
  return found === undefined ? undefined : { name, path: found };
}

/** Says how to get a browser that is not there. */
export const missingText = (name: Browser['name']): string => KINDS[name].missing;

/** The command that opens a page. @param profile an empty folder */
export const commandOf = ({ name, path }: Browser, profile: string, url: string): readonly string[] => [path, ...KINDS[name].args(profile), url];
