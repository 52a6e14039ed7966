import { expect, it } from 'vitest';
import { addSlot, CheckSlots, LAST_SLOT } from './checkSlots.ts';
import { SLOT_BYTES, SLOTS, SLOTS_END } from './linearMemory.ts';

it('gives slots one after the other', () => {
  const slots = new CheckSlots();
  expect([slots.allocate(), slots.allocate()]).toEqual([SLOTS, SLOTS + SLOT_BYTES]);
  expect([...slots.all()]).toEqual([{ first: SLOTS, end: SLOTS + 2 * SLOT_BYTES }]);
});

it('gives the code of a name the same slots in every run', () => {
  const taken = (name: string, others: readonly string[]): number[] => {
    const slots = new CheckSlots();
    for (const other of others) slots.area(other)();
    const next = slots.area(name);
    return [next(), next(), next()];
  };
  const alone = taken('libc', []);
  expect(taken('libc', ['python', 'libm'])).toEqual(alone);
  expect(taken('libm', [])).not.toEqual(alone);
});

it('gives nobody what has been claimed, and lets nobody claim what has been given', () => {
  const first = new CheckSlots().area('libc')();
  const slots = new CheckSlots();
  const span = { first, end: first + 3 * SLOT_BYTES };
  expect([slots.claim([span]), slots.claim([span])]).toEqual([true, false]);
  const next = slots.area('libc');
  const given = next();
  expect(given).toBe(span.end);
  expect(slots.claim([{ first: given, end: given + SLOT_BYTES }])).toBe(false);
  expect([...slots.all()]).toEqual([{ first: SLOTS, end: SLOTS }, span, { first: given, end: given + SLOT_BYTES }]);
});

it('claims nothing that is empty, among the first or beyond the end', () => {
  const slots = new CheckSlots();
  slots.allocate();
  for (const [first, end] of [
    [SLOTS, SLOTS + SLOT_BYTES],
    [SLOTS + 90 * SLOT_BYTES, SLOTS + 90 * SLOT_BYTES],
    [LAST_SLOT, LAST_SLOT + SLOT_BYTES],
  ] as const)
    expect(slots.claim([{ first, end }])).toBe(false);
});

it('has the last slot for all when there are no others', () => {
  const slots = new CheckSlots();
  const next = slots.area('libc');
  while (next() !== LAST_SLOT);
  const rest = new Set<number>();
  for (let slot = slots.allocate(); slot !== LAST_SLOT; slot = slots.allocate()) rest.add(slot);
  expect(rest.size).toBe(Math.floor((SLOTS_END - SLOTS) / SLOT_BYTES / 4));
  expect(slots.allocate()).toBe(LAST_SLOT);
});

it('gives out again what was released, when there is nothing else', () => {
  const slots = new CheckSlots();
  while (slots.allocate() !== LAST_SLOT);
  const spans = [
    { first: SLOTS + 100 * SLOT_BYTES, end: SLOTS + 102 * SLOT_BYTES },
    { first: LAST_SLOT, end: LAST_SLOT + SLOT_BYTES },
  ];
  slots.release(spans);
  expect([slots.allocate(), slots.allocate(), slots.allocate()]).toEqual([SLOTS + 100 * SLOT_BYTES, SLOTS + 101 * SLOT_BYTES, LAST_SLOT]);
  for (let round = 0; round < 3; round++) {
    slots.release([{ first: SLOTS, end: LAST_SLOT }]);
    for (let at = SLOTS; at < LAST_SLOT; at += SLOT_BYTES) if (slots.allocate() === LAST_SLOT) expect.unreachable('a slot is lost');
    expect(slots.allocate()).toBe(LAST_SLOT);
  }
});

it('gives an area what it has released', () => {
  const slots = new CheckSlots();
  const next = slots.area('libc');
  const spans: { first: number; end: number }[] = [];
  for (let slot = next(); slot !== LAST_SLOT; slot = next()) addSlot(spans, slot);
  slots.release(spans.slice(0, 1));
  expect(next()).not.toBe(LAST_SLOT);
});

it('keeps an area out of what other code has, as far as there is room', () => {
  const first = new CheckSlots().area('libc')();
  const slots = new CheckSlots();
  slots.avoid([[{ first, end: first + 5 * SLOT_BYTES }], [{ first: SLOTS, end: LAST_SLOT }]]);
  expect(slots.area('libc')()).toBe(first + 5 * SLOT_BYTES);
});
