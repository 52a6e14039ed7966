import { describe, expect, it } from 'vitest';
import { CallStack } from './callStack.ts';
import type { TracedFunction } from './functionTable.ts';

function fn(name: string, isTrampoline = false, leadsToResolver = false): TracedFunction {
  return { id: 0, name, object: undefined, start: 0, isTrampoline, leadsToResolver, isInlined: false };
}

const [main, f, g, h, longjmp, handler] = ['main', 'f', 'g', 'h', 'longjmp', 'handler'].map((name) => fn(name));
const plt = fn('g@plt', true);
const header = fn('[.plt]', true, true);

/** A stack, and what it holds as text. */
function stackOf(): { stack: CallStack; text: () => string; changes: string[] } {
  const names: string[] = [];
  const changes: string[] = [];
  const stack = new CallStack({
    enter: ({ name }, _, kind) => {
      names.push(name);
      changes.push(`${kind} ${name}`);
    },
    leave: () => {
      changes.push(`end ${names.pop()}`);
    },
  });
  stack.resume(main, 0x1000);
  return { stack, text: () => names.join(' '), changes };
}

describe('CallStack', () => {
  it('follows calls and returns', () => {
    const { stack, text, changes } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.call(g, 0x20, 0x24, 0xfc0);
    expect(text()).toBe('main f g');
    stack.return(f, 0x30, 0x24, 0xfc0);
    stack.return(main, 0x28, 0x14, 0xfe0);
    expect(text()).toBe('main');
    expect(changes).toEqual(['start main', 'call f', 'call g', 'end g', 'end f']);
  });

  it('tells recursive calls from each other by the stack pointer', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.call(f, 0x20, 0x24, 0xfc0);
    stack.call(f, 0x20, 0x24, 0xfa0);
    stack.return(f, 0x30, 0x24, 0xfc0);
    expect(text()).toBe('main f');
  });

  it('ends tail calls with the function that made them', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.jump(g, 0x20, true, 0xfe0);
    stack.jump(h, 0x30, true, 0xfe0);
    expect(text()).toBe('main f g h');
    stack.return(main, 0x40, 0x14, 0xfe0);
    expect(text()).toBe('main');
  });

  it('does not grow by functions that jump to each other in turn', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    for (let i = 0; i < 1000; i++) {
      stack.jump(g, 0x20, true, 0xfe0);
      stack.jump(f, 0x30, true, 0xfe0);
    }
    expect(text()).toBe('main f');
  });

  it('puts the function that a linkage table leads to in its place', () => {
    const { stack, text } = stackOf();
    stack.call(plt, 0x10, 0x14, 0xfe0);
    stack.jump(g, 0x20, true, 0xfe0);
    expect(text()).toBe('main g');
  });

  // A dynamic linker without symbols stayed on the stack of every function that was called for the first time.
  it('leaves out who looks up what a linkage table leads to', () => {
    const { stack, text } = stackOf();
    const resolver = fn('[ld-linux-aarch64.so.1]');
    stack.call(plt, 0x10, 0x14, 0xfe0);
    stack.jump(header, 0x20, true, 0xfe0);
    stack.jump(resolver, 0x30, true, 0xfd0);
    stack.call(h, 0x40, 0x44, 0xfa0);
    stack.return(resolver, 0x50, 0x44, 0xfa0);
    expect(text()).toBe('main [ld-linux-aarch64.so.1]');
    stack.jump(g, 0x60, true, 0xfe0);
    expect(text()).toBe('main g');
    stack.jump(f, 0x70, true, 0xfe0);
    expect(text()).toBe('main g f');
  });

  it('unwinds by longjmp, also to the same stack pointer', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.call(g, 0x20, 0x24, 0xfc0);
    stack.call(longjmp, 0x30, 0x34, 0xfa0);
    stack.jump(main, 0x40, false, 0xfe0);
    expect(text()).toBe('main');
    stack.call(longjmp, 0x30, 0x34, 0xfe0);
    stack.jump(main, 0x40, false, 0xfe0);
    expect(text()).toBe('main');
  });

  it('unwinds where a return goes to no caller: an exception', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.call(g, 0x20, 0x24, 0xfc0);
    stack.call(h, 0x30, 0x34, 0xfa0);
    stack.return(f, 0x40, 0x58, 0xfc0);
    expect(text()).toBe('main f');
  });

  it('goes to a part of a function that is elsewhere, and back', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.jump(g, 0x20, true, 0xfc0);
    expect(text()).toBe('main f g');
    stack.jump(f, 0x30, false, 0xfc0);
    expect(text()).toBe('main f');
  });

  it('goes on where a signal came', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, 0xfe0);
    stack.signal(handler, 0xd00, 'what was');
    stack.call(g, 0x50, 0x54, 0xce0);
    expect(text()).toBe('main f handler g');
    stack.return(handler, 0x60, 0x54, 0xce0);
    expect(stack.signalReturn()).toBe('what was');
    expect(text()).toBe('main f');
    expect(stack.signalReturn()).toBe(undefined);
  });

  it('leaves a handler by longjmp, also from a stack of its own above', () => {
    for (const handlerSp of [0xd00, 0x9000]) {
      const { stack, text } = stackOf();
      stack.call(f, 0x10, 0x14, 0xfe0);
      stack.signal(handler, handlerSp, undefined);
      stack.call(longjmp, 0x50, 0x54, handlerSp - 0x20);
      stack.jump(main, 0x60, false, 0xfe0);
      expect(text()).toBe('main');
    }
  });

  it('goes back to callers that were there before the trace', () => {
    const { stack, text, changes } = stackOf();
    stack.return(f, 0x40, 0x100, 0x1100);
    expect(text()).toBe('f');
    expect(changes).toEqual(['start main', 'end main', 'start f']);
  });

  it('goes by functions alone where stack pointers are unknown', () => {
    const { stack, text } = stackOf();
    stack.call(f, 0x10, 0x14, Number.NaN);
    stack.call(g, 0x20, 0x24, Number.NaN);
    stack.resume(f, Number.NaN);
    expect(text()).toBe('main f');
    stack.return(main, 0x28, 0x14, Number.NaN);
    expect(text()).toBe('main');
  });
});
