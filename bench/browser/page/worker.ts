import { runProgram } from '../../../examples/browser/runProgram.ts';
import type { Job, Outcome } from './protocol.ts';

async function runJob({ url, argv, plugins }: Job): Promise<Outcome> {
  try {
    const response = await fetch(url);
    const program = new Uint8Array(await response.arrayBuffer());
    const started = performance.now();
    const { status, output, log } = runProgram(program, argv, plugins);
    return { kind: 'ended', status, output, log, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
  }
}

addEventListener('message', async (event: MessageEvent<Job>) => postMessage(await runJob(event.data)));
