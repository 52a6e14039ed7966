import { createAArch64, createProcess, MemoryHost } from '@everystep/core';
import type { Job, Outcome } from './protocol.ts';

const PROGRAM = '/program';

/** The most that browsers give at once. */
const RANDOM_BYTES = 65536;

/** Fills memory, which may be shared. */
function fillRandom(into: Uint8Array): void {
  for (let at = 0; at < into.length; at += RANDOM_BYTES) into.set(crypto.getRandomValues(new Uint8Array(Math.min(RANDOM_BYTES, into.length - at))), at);
}

/** Runs a program whose only file is itself, without input, to its end. */
function runProgram(program: Uint8Array, argv: readonly string[]): Outcome {
  const started = performance.now();
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
  const { kernel } = createProcess({ guest: createAArch64(), host, program: PROGRAM, argv, environment: [] });
  for (;;) {
    const event = kernel.run();
    if (event.kind === 'exit') return { kind: 'ended', status: event.status, output: pieces.join(''), seconds: (performance.now() - started) / 1000 };
    if (event.kind !== 'budget' && event.kind !== 'stop') return { kind: 'failed', message: `the program ended by ${event.kind}` };
  }
}

async function runJob({ url, argv }: Job): Promise<Outcome> {
  try {
    const response = await fetch(url);
    return runProgram(new Uint8Array(await response.arrayBuffer()), argv);
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
  }
}

addEventListener('message', async (event: MessageEvent<Job>) => postMessage(await runJob(event.data)));
