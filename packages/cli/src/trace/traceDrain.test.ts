import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRingControl, RingControl } from '@everystep/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrainTask } from './drainTask.ts';
import { startDrain } from './traceDrain.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'everystep-drain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a drain whose worker does what a script says. */
function drainDoing(script: string): { drain: ReturnType<typeof startDrain>; control: Int32Array; stalls: boolean[] } {
  const file = join(folder, 'worker.cjs');
  writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads');\n${script}`);
  const control = createRingControl();
  const drain = startDrain({ format: 'chunks', control } as unknown as DrainTask, file);
  const stalls: boolean[] = [];
  drain.onStall = (isStalled) => stalls.push(isStalled);
  return { drain, control, stalls };
}

const totals = { step: 0, insns: 0, wanted: 0 };

// The guest waited for ever, in Atomics.wait, for a worker that was no more: Node tells of its end when the event loop turns.
describe('a worker that ends while the guest waits for it', () => {
  it.each([
    ['ends', 'process.exit(3);', { code: '', text: 'the worker that writes it ended early, with exit code 3' }],
    [
      'runs out of memory',
      // What Node makes of that. To get there in earnest takes gigabytes.
      'throw Object.assign(new Error("JS heap out of memory"), { code: "ERR_WORKER_OUT_OF_MEMORY" });',
      { code: 'ERR_WORKER_OUT_OF_MEMORY', text: 'the worker that writes it has run out of memory' },
    ],
  ])('leaves a clear failure where it %s', async (_, script, failure) => {
    const { drain, control, stalls } = drainDoing(script);
    drain.wait(0);
    expect(Atomics.load(control, RingControl.enough)).toBe(3);
    expect(stalls).toEqual([true, false]);
    expect(await drain.finish()).toEqual({ totals, isFull: false, failure, bug: undefined });
  });

  it('leaves its own error, being our bug', async () => {
    const { drain, control } = drainDoing('throw new Error("of ours");');
    drain.wait(0);
    expect(Atomics.load(control, RingControl.enough)).toBe(3);
    expect(await drain.finish()).toMatchObject({ failure: undefined, bug: expect.stringMatching(/^Error: of ours\n +at /) });
  });
});

describe('a worker', () => {
  it('that is slow is waited for, and may have its say', async () => {
    const result = { totals: { step: 3, insns: 2, wanted: 1 }, isFull: false };
    const { drain, control, stalls } = drainDoing(`
      const { control } = workerData;
      Atomics.wait(control, ${RingControl.ended}, 0, 1300);
      Atomics.store(control, ${RingControl.consumed}, 1);
      Atomics.notify(control, ${RingControl.consumed});
      parentPort.postMessage(${JSON.stringify(result)});
    `);
    drain.wait(0);
    expect(Atomics.load(control, RingControl.consumed)).toBe(1);
    expect([Atomics.load(control, RingControl.enough), ...stalls]).toEqual([0, true, false]);
    expect(await drain.finish()).toMatchObject(result);
  });

  it('whose script is not there is told of before anything runs', () => {
    const task = { format: 'chunks', control: createRingControl() } as unknown as DrainTask;
    expect(() => startDrain(task, join(folder, 'nosuch.cjs'))).toThrow(/nosuch\.cjs is not there, which writes traces: install everystep again$/);
  });

  it('that ends while the guest does not wait makes it end, too', async () => {
    const { drain, control } = drainDoing('process.exit(0);');
    expect(await drain.finish()).toMatchObject({ failure: { text: 'the worker that writes it ended early, with exit code 0' } });
    expect(Atomics.load(control, RingControl.enough)).toBe(3);
  });
});
