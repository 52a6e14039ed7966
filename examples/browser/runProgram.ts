// Runs an AArch64 Linux program in a web worker, with plugins if they are wanted. Nothing here needs Node: copy it into a page
// of your own.
import { createAArch64, createProcess, MemoryHost, type PluginFile, PluginHost, parsePluginSpec, type SymbolHost, UserError } from '@everystep/core';
import { BUNDLED_PLUGINS } from '@everystep/plugins';

const PROGRAM = '/program';

/** The most random bytes that browsers give at once. */
const RANDOM_BYTES = 65536;

/** What came of a run. */
export interface ProgramRun {
  readonly status: number;
  /** What it wrote to standard output, a character a byte. */
  readonly output: string;
  /** What plugins wrote to the log. */
  readonly log: string;
  /** Files that plugins wrote. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Fills memory, which may be shared. */
function fillRandom(into: Uint8Array): void {
  for (let at = 0; at < into.length; at += RANDOM_BYTES) into.set(crypto.getRandomValues(new Uint8Array(Math.min(RANDOM_BYTES, into.length - at))), at);
}

/**
 * Runs a program whose only file is itself, without input, to its end.
 * @param plugins as on the command line: NAME[,arg=value...]
 * @throws UserError if a plugin cannot be used
 */
export function runProgram(program: Uint8Array, argv: readonly string[], plugins: readonly string[] = []): ProgramRun {
  const pieces: string[] = [];
  const decoder = new TextDecoder('latin1');
  const host = new MemoryHost({
    streams: {
      read: () => 0,
      write: (handle, data) => {
        // Text decoders take no memory that is shared.
        if (handle === 1) pieces.push(decoder.decode(new Uint8Array(data)));
        return data.length;
      },
      readable: () => -1,
    },
    realTime: () => BigInt(Date.now()) * 1_000_000n,
    monotonicTime: () => BigInt(Math.round(performance.now() * 1000)) * 1000n,
    sleep: (nanoseconds) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(nanoseconds) / 1e6),
    random: fillRandom,
  });
  host.addFile(PROGRAM, program, 0o755);
  const guest = createAArch64();
  const log: string[] = [];
  const files = new Map<string, Uint8Array>();
  const symbols: SymbolHost = {
    readFile: (path) => (path === PROGRAM ? program : undefined),
    decompress: () => undefined,
    demangle: (name) => name,
    warn: (text) => void log.push(`${text}\n`),
  };
  const pluginHost =
    plugins.length === 0
      ? undefined
      : new PluginHost({
          guest,
          argv,
          symbols,
          // The name of the instruction. A page that has a disassembler gives its text.
          disassemble: (_, word) => guest.rowName(word) ?? `.word 0x${word.toString(16)}`,
          output: (text) => void log.push(text),
          openFile: (name) => memoryFile(name, files),
          meet: () => {
            throw new UserError('there is no other process to meet');
          },
          report: (message) => void log.push(`${message}\n`),
        });
  const { kernel, machine } = createProcess({
    guest,
    host,
    program: PROGRAM,
    argv,
    environment: [],
    options: pluginHost === undefined ? {} : { machine: { hooks: pluginHost.hooks } },
  });
  pluginHost?.attach(machine, kernel);
  for (const spec of plugins) {
    const { name, args } = parsePluginSpec(spec);
    const plugin = BUNDLED_PLUGINS.find((each) => each.name === name);
    if (plugin === undefined) throw new UserError(`there is no plugin '${name}'`);
    pluginHost?.install(plugin, args);
  }
  pluginHost?.start();
  for (;;) {
    const event = kernel.run();
    if (event.kind === 'stop' && pluginHost?.exitStatus === undefined) continue;
    if (event.kind === 'budget') continue;
    pluginHost?.finish();
    if (event.kind !== 'exit' && event.kind !== 'stop') throw new Error(`the program ended by ${event.kind}`);
    return { status: event.kind === 'exit' ? event.status : (pluginHost?.exitStatus ?? 0), output: pieces.join(''), log: log.join(''), files };
  }
}

/** A file that grows in memory. */
function memoryFile(name: string, files: Map<string, Uint8Array>): PluginFile {
  files.set(name, new Uint8Array(0));
  return {
    write: (bytes) => {
      const before = files.get(name) ?? new Uint8Array(0);
      const grown = new Uint8Array(before.length + bytes.length);
      grown.set(before);
      grown.set(bytes, before.length);
      files.set(name, grown);
    },
    close: () => undefined,
  };
}
