import { AssertionError, UserError } from '@everystep/core';
import { expect, it } from 'vitest';
import { BrokenPipe } from './log/logFile.ts';
import { describeFailure, faultPlace, signalStatus, uncaughtSignal } from './messages.ts';

const fault = { signal: 11, pc: 0x400714, place: 'main+0x8', word: 0xb9400000 | 0, instruction: 'ldr w0, [x0]', address: 0n, text: 'no memory to read here' };

it('tells which signal ended the guest', () => {
  expect(uncaughtSignal(11)).toBe('everystep: uncaught target signal 11 (Segmentation fault)\n');
  expect(uncaughtSignal(6)).toBe('everystep: uncaught target signal 6 (Aborted)\n');
  expect(signalStatus(11)).toBe(139);
});

it('tells where and why', () => {
  expect(faultPlace(fault)).toBe('everystep: at pc 0x400714 (main+0x8), instruction b9400000 (ldr w0, [x0]), address 0x0: no memory to read here\n');
});

it('leaves out what there is not', () => {
  expect(faultPlace({ ...fault, signal: 4, place: '', word: 0xdeadbeef, instruction: '', text: 'undefined instruction 0xdeadbeef' })).toBe(
    'everystep: at pc 0x400714, instruction deadbeef: undefined instruction 0xdeadbeef\n',
  );
  expect(faultPlace({ ...fault, word: undefined, instruction: '', address: 0x400714n, text: 'no executable memory here' })).toBe(
    'everystep: at pc 0x400714 (main+0x8), address 0x400714: no executable memory here\n',
  );
});

it('tells where a wild jump went by its address, which no number can tell', () => {
  const wild = { ...fault, pc: Number(0xffff_ffff_ffff_f001n), place: '', word: undefined, instruction: '', address: 0xffff_ffff_ffff_f001n };
  expect(faultPlace(wild)).toMatch(/^everystep: at pc 0xfffffffffffff001, address 0xfffffffffffff001: /);
});

it("tells the user's mistakes from our own", () => {
  expect(describeFailure(new UserError('no such file'))).toEqual({ status: 2, text: 'everystep: no such file\n' });
  expect(describeFailure(new BrokenPipe())).toEqual({ status: 141, text: '' });
  const bug = describeFailure(new AssertionError('two heads'));
  expect(bug.status).toBe(70);
  expect(bug.text).toMatch(/^everystep: this is a bug in everystep.*\neverystep: .*everystep 0\.1\.0, Node v.*\nAssertionError: two heads\n {4}at /);
  expect(describeFailure('odd').text).toMatch(/\nodd\n$/);
});
