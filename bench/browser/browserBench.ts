import { SYSTEM_KIND } from '../cpuSet.ts';
import { summarize } from '../ratios.ts';
import { counted, meansText } from '../report.ts';
import type { Subject } from '../subject.ts';
import { type Browser, findBrowser, missingText } from './browsers.ts';
import { measureBrowser } from './measureBrowser.ts';
import { BrowserSession } from './session.ts';

/** The exit status where there is no browser. */
const NO_BROWSER = 2;

/**
 * Measures the CPU-bound programs in a worker of a browser against QEMU, and prints that.
 * @returns what goes into the report
 */
export async function browserBench(name: Browser['name'], all: readonly Subject[], pairs: number): Promise<object> {
  const browser = findBrowser(name);
  if (browser === undefined) {
    console.error(missingText(name));
    process.exitCode = NO_BROWSER;
    return {};
  }
  const session = await BrowserSession.start(browser);
  try {
    const subjects = all.filter(({ kind }) => kind !== SYSTEM_KIND);
    const results = await measureBrowser(subjects, session, pairs);
    console.log(`\n${meansText(results)}\n${session.userAgent}`);
    if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
    return { browser: session.userAgent, results, means: summarize(counted(results)) };
  } finally {
    await session.close();
  }
}
