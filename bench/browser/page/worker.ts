import { askRecording, openRecording, replayRecording } from '../../../examples/browser/replayRecording.ts';
import { runProgram } from '../../../examples/browser/runProgram.ts';
import type { Job, Outcome } from './protocol.ts';

async function runJob(job: Job): Promise<Outcome> {
  try {
    const response = await fetch(job.url);
    const file = new Uint8Array(await response.arrayBuffer());
    if (job.kind === 'recording') {
      const began = performance.now();
      const journal = openRecording(file);
      const { steps, output } = replayRecording(journal);
      const seconds = (performance.now() - began) / 1000;
      return { kind: 'replayed', steps, output, answers: job.questions.map((question) => askRecording(journal, question)), seconds };
    }
    const started = performance.now();
    const { status, output, log } = runProgram(file, job.argv, job.plugins);
    return { kind: 'ended', status, output, log, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
  }
}

addEventListener('message', async (event: MessageEvent<Job>) => postMessage(await runJob(event.data)));
