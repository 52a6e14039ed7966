import type { Job, Outcome, Report } from './protocol.ts';

/** Runs a job in a worker of its own: the memory of the one before is free again. */
function runInWorker(job: Job): Promise<Outcome> {
  return new Promise((resolve) => {
    const worker = new Worker('/worker.js');
    const end = (outcome: Outcome): void => {
      worker.terminate();
      resolve(outcome);
    };
    worker.addEventListener('message', (event: MessageEvent<Outcome>) => end(event.data));
    worker.addEventListener('error', (event) => end({ kind: 'failed', message: `the worker does not start: ${event.message}` }));
    worker.postMessage(job);
  });
}

/** Asks for jobs and reports what came of them, for as long as there is a server. */
async function main(): Promise<void> {
  for (;;) {
    const response = await fetch('/job');
    // There is no job yet.
    if (response.status === 204) continue;
    const outcome: Outcome = crossOriginIsolated
      ? await runInWorker((await response.json()) as Job)
      : { kind: 'failed', message: 'the page may not share memory: it is not cross-origin isolated' };
    const report: Report = { userAgent: navigator.userAgent, outcome };
    await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
  }
}

void main();
