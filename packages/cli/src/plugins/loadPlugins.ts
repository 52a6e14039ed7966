import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Guest, type Plugin, PluginHost, parsePluginSpec, type SymbolHost, type Tracer, type Triggers, UserError } from '@everystep/core';
import { BUNDLED_PLUGINS } from '@everystep/plugins';
import { loadDisassembler } from '../disassembly/disassembler.ts';
import type { GuestRun } from '../guestRun.ts';
import { symbolHost } from '../trace/symbolHost.ts';
import { openPluginFile } from './pluginFile.ts';
import { meetAtSocket } from './pluginSocket.ts';

interface PluginModule {
  readonly default?: unknown;
}

/** Given by bin/everystep.cjs: `import`, which the bundle itself cannot use. */
declare const loader: { importModule(url: string): Promise<PluginModule> } | undefined;

/** A plugin of the command line, its code loaded. */
interface Chosen {
  readonly plugin: Plugin;
  /** What messages call it. */
  readonly file: string;
  readonly args: readonly (readonly [string, string])[];
}

/** The plugins of a run. */
export interface LoadedPlugins {
  readonly host: PluginHost;
  /** Once the guest is ready to run. @param trace what traces it, if anything does @throws UserError */
  start(run: GuestRun, trace?: PluginsTrace): void;
  /** As `start`, for any run. @param attach attaches the host to it @param log takes what plugins say */
  startWith(attach: (host: PluginHost) => void, log: ((text: string) => void) | undefined): void;
}

/** What plugins have to do with of a trace. */
export interface PluginsTrace {
  readonly tracer: Tracer;
  readonly triggers: Triggers;
}

/**
 * Loads what `-plugin` named.
 * @param report takes a line for the user
 * @param symbols of the system that the run is of
 * @throws UserError
 */
export async function loadPlugins(
  specs: readonly string[],
  guest: Guest,
  argv: readonly string[],
  report: (line: string) => void,
  symbols: SymbolHost = symbolHost(),
): Promise<LoadedPlugins> {
  const chosen: Chosen[] = [];
  for (const spec of specs) {
    const { name, args } = parsePluginSpec(spec);
    chosen.push({ plugin: await loadPlugin(name), file: name, args });
  }
  const disassemble = await loadDisassembler();
  let logged: ((text: string) => void) | undefined;
  let trace: PluginsTrace | undefined;
  const host = new PluginHost({
    guest,
    argv,
    symbols,
    disassemble: (pc, word) => {
      const { mnemonic, operands } = disassemble(pc, word);
      return `${mnemonic} ${operands}`;
    },
    output: (text) => logged?.(text),
    openFile: openPluginFile,
    meet: meetAtSocket,
    trigger: (name) => trace?.triggers.plugin(name) === true,
    report: (message) => report(`everystep: ${message}\n`),
  });
  const startWith: LoadedPlugins['startWith'] = (attach, log) => {
    logged = log;
    attach(host);
    for (const { plugin, args, file } of chosen) host.install(plugin, args, file);
    host.start();
  };
  return {
    host,
    startWith,
    start({ machine, kernel, logPlugins }, traced) {
      trace = traced;
      startWith((each) => each.attach(machine, kernel, traced?.tracer), logPlugins);
    },
  };
}

/** QEMU's own file names (libexeclog.so, contrib/plugins/libbb.so) mean the bundled plugins, too. */
const bundledName = (name: string): string => /(?:^|\/)lib([a-z0-9]+)\.so$/.exec(name)?.[1] ?? name;

async function loadPlugin(name: string): Promise<Plugin> {
  const bundled = BUNDLED_PLUGINS.find((plugin) => plugin.name === bundledName(name));
  if (bundled !== undefined) return bundled;
  if (!/\.[cm]?[jt]s$/.test(name)) {
    throw new UserError(`-plugin ${name}: there is no such plugin (-plugin help lists them), and files of plugins end in .js, .mjs, .cjs or .ts`);
  }
  if (!existsSync(name)) throw new UserError(`-plugin ${name}: there is no such file`);
  if (/ts$/.test(name) && !runsTypeScript()) {
    throw new UserError(`-plugin ${name}: Node ${process.version} runs no TypeScript (22.18 does): npx esbuild ${name} --outfile=${name.replace(/ts$/, 'js')}`);
  }
  let module: PluginModule;
  try {
    const { href } = pathToFileURL(resolve(name));
    module = await (typeof loader === 'undefined' ? import(href) : loader.importModule(href));
  } catch (error) {
    throw new UserError(
      `-plugin ${name}: ${error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}${placeOf(error, name)}` : String(error)}`,
    );
  }
  return module.default as Plugin;
}

/** Whether Node leaves out the types of TypeScript files by itself. */
const runsTypeScript = (): boolean => 'typescript' in process.features && process.features.typescript !== false;

/** Where a syntax error is. The error does not know, but Node's own check of a file says so. */
function placeOf(error: Error, file: string): string {
  if (!(error instanceof SyntaxError)) return '';
  const [, line] = /:(\d+)\n/.exec(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr) ?? [];
  return line === undefined ? '' : ` (line ${line})`;
}
