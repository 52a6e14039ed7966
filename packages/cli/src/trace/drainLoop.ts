import { receiveMessageOnPort } from 'node:worker_threads';
import { createNullSink, RingDrain, type TraceSink } from '@everystep/core';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { boundedSink, type DrainNote, type DrainResult, type DrainTask } from './drainTask.ts';

/** Makes the sink that the records go to. @param onFull called when it has no room for more */
type MakeSink = (task: DrainTask, onFull: () => void) => TraceSink | Promise<TraceSink>;

/** What a worker does that empties the trace ring, until its end. @param makeSink where the records go */
export async function drainAll(task: DrainTask, makeSink: MakeSink): Promise<DrainResult> {
  const drain = new RingDrain(task.memory, task.control);
  let failure: DrainResult['failure'];
  let bug: string | undefined;
  const fail = (error: unknown): void => {
    const code = hostErrorCode(error);
    if (code !== undefined) failure = { code, text: hostErrorText(error) };
    else bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
    drain.refuse('failed');
  };
  /** A sink that failed gets nothing more; the guest must not wait for it. */
  const guarded = (use: () => void): void => {
    if (failure !== undefined || bug !== undefined) return;
    try {
      use();
    } catch (error) {
      fail(error);
    }
  };
  let isFull = false;
  const onFull = (): void => {
    isFull = true;
    drain.refuse('enough');
  };
  const sink = await createSink(
    task,
    (each) => makeSink(each, onFull),
    () => drain.refuse('enough'),
  ).catch((error: unknown) => {
    fail(error);
    return createNullSink();
  });
  /** Notes of chunks that have not come yet. */
  let later: Exclude<DrainNote, Uint8Array>[] = [];
  let chunk = 0;
  const takeNotes = (): void => {
    for (let got = receiveMessageOnPort(task.notes); got !== undefined; got = receiveMessageOnPort(task.notes)) {
      const note = got.message as DrainNote;
      if (note instanceof Uint8Array) guarded(() => sink.define(note));
      else later.push(note);
    }
    const due = later.filter((note) => note.chunk <= chunk);
    if (due.length === 0) return;
    later = later.filter((note) => note.chunk > chunk);
    for (const note of due) guarded(() => ('key' in note ? sink.key?.(note.key) : sink.mappings?.(note.mapping)));
  };
  while (!drain.ended) {
    guarded(() => sink.flush?.());
    drain.wait();
    while (
      drain.take((records) => {
        // Those that a chunk needs were sent before it was published.
        takeNotes();
        guarded(() => sink.records(records));
        chunk++;
      })
    ) {}
  }
  guarded(() => sink.end(drain.reason));
  const { step, insns, wanted } = sink.totals;
  return { totals: { step, insns, wanted }, isFull, failure, bug };
}

async function createSink(task: DrainTask, make: (task: DrainTask) => TraceSink | Promise<TraceSink>, onLimit: () => void): Promise<TraceSink> {
  return boundedSink(task, await make(task), onLimit);
}
