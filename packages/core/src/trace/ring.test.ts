import { describe, expect, it } from 'vitest';
import { Cell, createLinearMemory } from '../engine/index.ts';
import { CHUNKS, createRingControl, RingDrain, RingWriter } from './ring.ts';

function ring(wait: () => void = () => expect.unreachable()): { write: (words: readonly number[]) => void; writer: RingWriter; drain: RingDrain } {
  const memory = createLinearMemory(1024);
  const control = createRingControl();
  const writer = new RingWriter(memory, control, wait);
  const write = (words: readonly number[]): void => {
    memory.u32.set(words, writer.pointer >> 2);
    writer.pointer += words.length * 4;
  };
  writer.next();
  return { write, writer, drain: new RingDrain(memory.memory.buffer, control) };
}

const words = (records: Uint8Array): number[] => [...new Uint32Array(records.slice().buffer)];

describe('the trace ring', () => {
  it('hands chunks on in order, and only when they are whole', () => {
    const { write, writer, drain } = ring();
    const got: number[][] = [];
    const take = (): boolean => drain.take((records) => got.push(words(records)));
    write([1, 2]);
    expect(take()).toBe(false);
    writer.next();
    write([3]);
    writer.next();
    write([4, 5, 6]);
    writer.end('exit');
    expect(drain.ended).toBe(false);
    while (take()) {}
    expect(got).toEqual([[1, 2], [3], [4, 5, 6]]);
    expect([drain.ended, drain.reason]).toEqual([true, 'exit']);
  });

  it('uses few chunks while the drain keeps up', () => {
    const { write, writer, drain } = ring();
    const pointers = new Set<number>();
    for (let i = 0; i < 100; i++) {
      pointers.add(writer.pointer);
      write([i]);
      writer.next();
      drain.take((records) => expect(words(records)).toEqual([i]));
    }
    expect(pointers.size).toBe(2);
  });

  it('waits when all chunks are taken', () => {
    const got: number[] = [];
    let waits = 0;
    const { write, writer, drain } = ring(() => {
      waits++;
      drain.take((records) => got.push(...words(records)));
    });
    for (let i = 0; i < 3 * CHUNKS; i++) {
      write([i]);
      writer.next();
    }
    writer.end('limit');
    while (drain.take((records) => got.push(...words(records)))) {}
    expect(waits).toBe(2 * CHUNKS + 1);
    expect(got).toEqual(Array.from({ length: 3 * CHUNKS }, (_, i) => i));
  });

  it('publishes nothing where there is nothing', () => {
    const { writer, drain } = ring();
    writer.next();
    writer.end('interrupted');
    expect(drain.ended).toBe(true);
    drain.wait();
  });

  it('leaves room for the largest record behind its limit', () => {
    const memory = createLinearMemory(1024);
    const writer = new RingWriter(memory, createRingControl(), () => undefined);
    writer.next();
    writer.pointer = memory.u32[Cell.ringLimit >> 2];
    expect(writer.full).toBe(false);
    writer.pointer += 4;
    expect(writer.full).toBe(true);
  });

  it('tells the writer that the drain has enough, or has failed', () => {
    const { writer, drain } = ring();
    expect([writer.enough, writer.failed]).toEqual([false, false]);
    drain.refuse('enough');
    expect([writer.enough, writer.failed]).toEqual([true, false]);
    drain.refuse('failed');
    expect([writer.enough, writer.failed]).toEqual([true, true]);
  });
});
