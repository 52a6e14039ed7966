import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../command.ts';
import { measure, type Usage } from '../measure.ts';
import { medianOf, type Ratio, ratioOf } from '../statistics.ts';
import { progress, ratioText, seconds, table } from '../text.ts';
import { type Browser, findBrowser, missingText } from './browsers.ts';
import { BrowserSession } from './session.ts';

/** The exit status where there is no browser. */
const NO_BROWSER = 2;
/** Longer than a replay takes. */
const TIMEOUT = 1200;

/**
 * Replays a recording in a worker of a browser and in Node, in turn, and prints what both take.
 * @param recording a folder, or what everystep pack has made of one
 * @param folder for what is made of it for the browser
 * @returns what goes into the report
 */
export async function replayBench(name: Browser['name'], recording: string, everystep: readonly string[], pairs: number, folder: string): Promise<object> {
  const browser = findBrowser(name);
  if (browser === undefined) {
    console.error(missingText(name));
    process.exitCode = NO_BROWSER;
    return {};
  }
  const packed = join(folder, 'replayed.everystep');
  outputOf([...everystep, 'pack', '--compression=deflate', '-o', packed, recording]);
  const bytes = readFileSync(packed);
  const { instructions } = JSON.parse(outputOf([...everystep, 'check-recording', '--json', packed]).toString()) as { readonly instructions: number };
  const session = await BrowserSession.start(browser);
  try {
    const inBrowser = async (): Promise<Usage> => {
      const before = session.cpuTime;
      const { steps, seconds: elapsed } = await session.replay(bytes, [], TIMEOUT);
      if (steps !== instructions) throw new Error(`the browser has replayed ${steps} of ${instructions} instructions`);
      const { user, system } = session.cpuTime;
      return { user: user - before.user, system: system - before.system, elapsed, peak: 0 };
    };
    const inNode = (): Promise<Usage> => measure({ command: [...everystep, 'replay', '--quiet', packed] });
    // The browser's start is in none.
    progress('the first replay');
    await inBrowser();
    const usages = { node: [] as Usage[], browser: [] as Usage[] };
    for (let pair = 0; pair < pairs; pair++) {
      progress(`pair ${pair + 1} of ${pairs}`);
      const sides = [async () => usages.node.push(await inNode()), async () => usages.browser.push(await inBrowser())];
      for (const side of pair % 2 === 0 ? sides : sides.reverse()) await side();
    }
    progress('');
    const ratios = { user: ratioOf(usages.browser, usages.node), wall: ratioOf(usages.browser, usages.node, 'elapsed') };
    console.log(`\n${instructions.toLocaleString('en')} instructions\n${textOf(usages, ratios)}\n${session.userAgent}`);
    return { browser: session.userAgent, instructions, usages, ratios };
  } finally {
    progress('');
    await session.close();
  }
}

function textOf(usages: Readonly<Record<'node' | 'browser', readonly Usage[]>>, ratios: Readonly<Record<'user' | 'wall', Ratio>>): string {
  const line = (title: string, what: 'user' | 'elapsed', ratio: Ratio): string[] => [
    title,
    ...[usages.node, usages.browser].map((side) => seconds(medianOf(side, what))),
    ratioText(ratio),
  ];
  return table([['replay', 'Node', 'browser', 'ratio'], line('user', 'user', ratios.user), line('wall', 'elapsed', ratios.wall)]);
}
